"""Make a run's final network the one that ships."""

import json
import shutil
from pathlib import Path

from .configuration import Configuration
from .contract import build_contract, round_figures, write_contract
from .conversion import rule_for, training_facts
from .golden import write_front_end, write_model
from .quantisation import QuantisedModel

SEED = "seed-1"


def release(store, folder, models, version):
    """Copy ``final`` of a run to ``models`` and write the contract with the figures of ``evaluation.json``."""
    folder, models = Path(folder), Path(models)
    models.mkdir(parents=True, exist_ok=True)
    place = folder / "final" / SEED
    configuration = Configuration.read(folder / "configuration.json")
    content = (place / "heart-sound.tflite").read_bytes()
    figures = folder / "evaluation.json"
    evaluation = json.loads(figures.read_text())["headline"] if figures.exists() else {}
    contract = build_contract(
        content,
        "heart-sound.tflite",
        version,
        configuration,
        rule_for(store, folder, "final"),
        training_facts(store, configuration, place),
        round_figures(evaluation),
    )
    (models / "heart-sound.tflite").write_bytes(content)
    shutil.copyfile(place / "calibration-windows.csv", models / "calibration-windows.csv")
    write_contract(models / "heart-sound.json", contract)


def write_golden(project, folder, models):
    """Write ``test/golden/front-end.json`` and ``test/golden/model.json`` for the model in ``models``."""
    project = Path(project)
    configuration = Configuration.read(Path(folder) / "configuration.json")
    recordings = project / "test" / "recordings"
    golden = project / "test" / "golden"
    write_front_end(golden / "front-end.json", recordings, configuration)
    write_model(golden / "model.json", recordings, configuration, QuantisedModel(models / "heart-sound.tflite"))

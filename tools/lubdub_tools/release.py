"""Make a run's final network the one that ships."""

import json
import shutil
from pathlib import Path

from .aggregation import window_weights
from .configuration import Configuration
from .contract import build_contract, golden_outputs, round_figures, write_contract
from .conversion import load_network, rule_for, training_facts
from .deployment import deployed_scores, deployed_table
from .golden import write_front_end, write_model
from .quantisation import QuantisedModel, calibration_features, read_calibration_windows
from .sample_hashes import add_sample_hashes


def release(store, folder, models, version, data):
    """Copy ``final`` of a run to ``models`` and write the contract with the figures of ``evaluation.json``.

    ``data`` holds the recordings, whose samples' hashes are listed beside the contract.
    """
    folder, models = Path(folder), Path(models)
    models.mkdir(parents=True, exist_ok=True)
    place = folder / "final"
    configuration = Configuration.read(folder / "configuration.json")
    content = (place / "heart-sound.tflite").read_bytes()
    figures = folder / "evaluation.json"
    evaluation = json.loads(figures.read_text())["headline"] if figures.exists() else {}
    deployed = deployed_scores(folder)
    if deployed is not None:
        evaluation = {**evaluation, "asDeployed": {"split": "group-disjoint frozen folds, int8, in Node", **deployed}}
    contract = build_contract(
        content,
        "heart-sound.tflite",
        version,
        configuration,
        rule_for(store, folder, "final", window_weights(store, folder)),
        training_facts(store, configuration, place),
        round_figures(evaluation),
        golden=golden_outputs(
            QuantisedModel(content),
            _golden_features(store, place, configuration.front_end),
            configuration.front_end.clip,
        ),
    )
    (models / "heart-sound.tflite").write_bytes(content)
    shutil.copyfile(place / "calibration-windows.csv", models / "calibration-windows.csv")
    write_contract(models / "heart-sound.json", contract)
    add_sample_hashes(models / "heart-sound.json", data)
    if (models / "README.md").exists() and (folder / "tables.md").exists():
        update_card(folder, models)


GOLDEN_WINDOWS = 5


def _golden_features(store, place, front_end):
    """Features of a few of the windows that fixed the activations' ranges, spread over databases and classes."""
    windows = read_calibration_windows(place / "calibration-windows.csv")
    return calibration_features(store, front_end, windows[:: max(1, len(windows) // GOLDEN_WINDOWS)][:GOLDEN_WINDOWS])


CARD_FIGURES = ("roc", "databases", "splits", "reliability", "noise", "risk-coverage")


def update_card(folder, models):
    """Put the run's facts, tables and figures into ``models/README.md``, between their markers."""
    folder, models = Path(folder), Path(models)
    contract = json.loads((models / "heart-sound.json").read_text())
    facts = contract["training"]
    lines = [
        "| | |",
        "|---|---|",
        f"| version | {contract['version']} |",
        f"| SHA-256 | `{contract['sha256']}` |",
        f"| size | {facts['bytes']:,} bytes |",
        f"| multiplications a window | {facts['multiplyAccumulates'] / 1e6:.2f} million |",
        f"| trained on | {facts['recordings']:,} recordings of {facts['groupCount']:,} groups |",
        f"| networks side by side | {len(facts['members'])}, seed {facts['seed']} |",
        f"| calibration | scale {contract['calibration']['scale']:.3f}, "
        f"offset {contract['calibration']['offset']:.3f} |",
        f"| abnormal from probability | {contract['verdict']['abnormalAtLeast']:.3f} |",
        f"| inconclusive between | {contract['verdict']['uncertain']['from']:.3f} and "
        f"{contract['verdict']['uncertain']['to']:.3f}, or under {contract['verdict']['minimumUsableSeconds']:g} s "
        f"of usable signal, or mean quality under {contract['verdict']['minimumQuality']:g} |",
    ]
    card = (models / "README.md").read_text(encoding="utf-8")
    card = _between(card, "facts", "\n".join(lines))
    deployed = deployed_scores(folder)
    tables = ("" if deployed is None else deployed_table(deployed) + "\n") + (folder / "tables.md").read_text(
        encoding="utf-8"
    )
    card = _between(card, "tables", tables.strip())
    (models / "README.md").write_text(card, encoding="utf-8")
    (models / "figures").mkdir(exist_ok=True)
    for name in CARD_FIGURES:
        if (folder / "figures" / f"{name}.png").exists():
            shutil.copyfile(folder / "figures" / f"{name}.png", models / "figures" / f"{name}.png")


def _between(text, name, content):
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"models/README.md must hold {begin} and {end}")
    return f"{before}{begin}\n\n{content}\n\n{end}{after}"


def write_golden(project, folder, models):
    """Write ``test/golden/front-end.json`` and ``test/golden/model.json`` for the model in ``models``."""
    project = Path(project)
    configuration = Configuration.read(Path(folder) / "configuration.json")
    recordings = project / "test" / "recordings"
    golden = project / "test" / "golden"
    write_front_end(golden / "front-end.json", recordings, configuration)
    model = QuantisedModel(models / "heart-sound.tflite")
    network = load_network(configuration, Path(folder) / "final")
    write_model(golden / "model.json", recordings, configuration, model, network)

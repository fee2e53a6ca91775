"""The whole way: data set to shipped model; and a small version that CI runs to the end."""

from pathlib import Path

from .configuration import Configuration
from .conversion import convert_run
from .cross_validation import cross_validate, write_headline
from .evaluation import evaluate_run
from .fetch import fetch
from .prepare import prepare
from .records import SignalStore
from .release import release, write_golden
from .report import write_report

SMALL = [
    "training.steps=60",
    "training.recordings=8",
    "network.channels=[16,24]",
    "network.kernels=[9,5]",
    "network.strides=[2,2]",
    "network.phase_channels=[16,16]",
    "network.phase_kernels=[9,13]",
    "training.curves_batches=30",
    "training.curves_steps=200",
]
"""Enough to show that every stage works; nothing that could be called a model."""


def run_all(arguments, project):
    """Fetch where nothing is there, prepare, train all splits, quantise, score, draw, release.

    With ``--small`` the recordings are the bundled ones, only two folds and the final network are trained, and model
    and contract stay in the run's folder instead of replacing the shipped ones.
    """
    project = Path(project)
    if arguments.small:
        return _run_small(arguments, project)
    if not (arguments.data / "records.csv").exists():
        fetch(arguments.data)
        raise FileNotFoundError(
            f"{arguments.data} now holds the recordings; put records.csv with the groups and frozen folds beside them"
        )
    prepare(arguments.data, arguments.prepared)
    store = SignalStore(arguments.prepared)
    folder = project / "tools" / "runs" / arguments.run
    families = ["folds", "databases", "records", "windows", "final"]
    cross_validate(store, shipped_configuration(project), folder, families, arguments.prepared)
    write_headline(store, folder)
    convert_run(store, folder, arguments.prepared)
    evaluate_run(store, folder, arguments.data / "audio")
    write_report(folder)
    release(store, folder, arguments.models, arguments.version, arguments.data)
    write_golden(project, folder, arguments.models)
    return folder


def shipped_configuration(project):
    """Read the settings of the shipped model: ``tools/configuration.json``."""
    return Configuration.read(Path(project) / "tools" / "configuration.json")


def run_configuration(project, folder):
    """Read the settings that a run goes on with: its own where it has begun, else those of the shipped model."""
    stored = Path(folder) / "configuration.json"
    return Configuration.read(stored) if stored.exists() else shipped_configuration(project)


def _run_small(arguments, project):
    folder = project / "tools" / "runs" / "small"
    recordings = project / "test" / "recordings"
    prepare(recordings, folder / "prepared", processes=1)
    store = SignalStore(folder / "prepared")
    configuration = Configuration().override(SMALL)
    cross_validate(store, configuration, folder, ["folds", "final"], folder / "prepared")
    convert_run(store, folder, folder / "prepared")
    release(store, folder, folder / "models", "0.0.0-small", recordings)
    print(f"model and contract: {folder / 'models'}")
    return folder

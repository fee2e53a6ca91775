"""The command line: one command a stage, and ``all`` for the whole way."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
PROJECT = TOOLS.parent


def build_parser():
    """The argument parser, apart so that the tests can ask it."""
    parser = argparse.ArgumentParser(
        prog="lubdub-tools",
        description="Train, quantise and evaluate the heart-sound model.",
        epilog="From nothing to models/heart-sound.tflite: lubdub-tools all. "
        "A small version on the bundled recordings, in a few minutes: lubdub-tools all --small.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name, function, help_text):
        sub = commands.add_parser(name, help=help_text, description=help_text)
        sub.set_defaults(function=function)
        return sub

    fetch = command("fetch", _fetch, "Download the Challenge's training recordings and check their SHA-256.")
    fetch.add_argument("--out", type=Path, default=TOOLS / "data" / "physionet2016", help="default: %(default)s")
    fetch.add_argument("--url", help="folder with SHA256SUMS.txt, default PhysioNet's")

    prepare = command("prepare", _prepare, "Condition every recording once and store it for training.")
    _common(prepare, run=False)

    train = command("train", _train, "Train one network a split; an interrupted run goes on where it stopped.")
    _common(train)
    train.add_argument("--splits", default="folds,databases,final", help="folds, databases, records, final or names")
    changed = "change a setting of the run, or of the shipped model's for a new one"
    train.add_argument("--set", action="append", default=[], metavar="PART.FIELD=VALUE", help=changed)
    train.add_argument("--threads", type=int, default=0, help="threads of TensorFlow, default all; 1 a job with --jobs")
    train.add_argument("--based-on", metavar="RUN", help="keep that run's patterns and phases, fit only the gap curves")
    train.add_argument("--jobs", type=int, default=1, help="networks trained side by side, default %(default)s")

    convert = command("convert", _convert, "Quantise every network of a run to int8 and write the contracts.")
    _common(convert)
    convert.add_argument("--weights", type=Path, help="CSV of window qualities (record,index,weight), kept in the run")

    evaluate = command("evaluate", _evaluate, "Score a run's int8 networks on recordings they have not seen.")
    _common(evaluate)
    evaluate.add_argument("--bootstrap", type=int, default=1000, help="resamples for intervals, default %(default)s")

    report = command("report", _report, "Draw the plots and write the tables from a run's predictions.")
    _common(report)

    copies = command("copies", _copies, "Show what a test on the organisers' validation copies is worth (LEAKY).")
    _common(copies)
    copies.add_argument("--epochs", type=int, default=10, help="times each recording is shown, default %(default)s")
    copies.add_argument("--splits", default="final,fold-0", help="final (copies), fold-K (others), default %(default)s")

    golden = command("golden", _golden, "Write the golden vectors from the bundled recordings and the shipped model.")
    _common(golden)

    release = command("release", _release, "Copy a run's final model, contract and figures into models/.")
    _common(release)
    release.add_argument("--version", required=True, help="version that the contract states")

    hashes = command("hashes", _hashes, "List by samples what a released model was trained on, beside its contract.")
    _common(hashes)

    everything = command("all", _all, "From the data set to models/heart-sound.tflite.")
    _common(everything)
    everything.add_argument("--version", default="0.0.0-local", help="version that the contract states")
    everything.add_argument("--small", action="store_true", help="bundled recordings, few steps, writes into the run")
    return parser


def _common(parser, run=True):
    data = os.environ.get("LUBDUB_DATA") or TOOLS / "data" / "physionet2016"
    parser.add_argument("--data", type=Path, default=Path(data), help="records.csv and audio/; LUBDUB_DATA sets it")
    parser.add_argument("--prepared", type=Path, default=TOOLS / "data" / "prepared", help="default: %(default)s")
    if run:
        parser.add_argument("--run", default="main", help="name of the run's folder below tools/runs")
        parser.add_argument("--models", type=Path, default=PROJECT / "models", help="default: %(default)s")


def _folder(arguments):
    return TOOLS / "runs" / arguments.run


def _store(arguments):
    from .records import SignalStore

    if not (arguments.prepared / "prepared.json").exists():
        raise FileNotFoundError(f"{arguments.prepared} holds no prepared recordings; run lubdub-tools prepare first")
    return SignalStore(arguments.prepared)


def _fetch(arguments):
    from .fetch import PHYSIONET, fetch

    print(f"{len(fetch(arguments.out, arguments.url or PHYSIONET))} files are there and correct")


def _prepare(arguments):
    from .prepare import prepare

    prepare(arguments.data, arguments.prepared)


def _train(arguments):
    from . import cross_validation
    from .pipeline import run_configuration

    if arguments.jobs < 1:
        raise ValueError(f"--jobs must be at least 1, got {arguments.jobs}")
    if arguments.threads and arguments.jobs == 1:
        cross_validation.single_thread(arguments.threads)
    store = _store(arguments)
    folder = _folder(arguments)
    configuration = run_configuration(PROJECT, folder).override(arguments.set)
    splits = arguments.splits.split(",")
    based_on = None if arguments.based_on is None else TOOLS / "runs" / arguments.based_on
    if based_on is not None and not based_on.is_dir():
        raise FileNotFoundError(f"--based-on must name a run below {TOOLS / 'runs'}, got {arguments.based_on!r}")
    if arguments.jobs > 1 and based_on is None:
        cross_validation.train_side_by_side(
            store, configuration, folder, splits, arguments.prepared, arguments.jobs, arguments.threads or 1
        )
    else:
        cross_validation.cross_validate(store, configuration, folder, splits, arguments.prepared, based_on)
    cross_validation.write_headline(store, folder)


def _convert(arguments):
    from .aggregation import WEIGHTS_FILE
    from .conversion import convert_run

    if arguments.weights:
        shutil.copyfile(arguments.weights, _folder(arguments) / WEIGHTS_FILE)
    convert_run(_store(arguments), _folder(arguments), arguments.prepared)


def _evaluate(arguments):
    from .evaluation import evaluate_run

    store = _store(arguments)
    audio = arguments.data / "audio" if (arguments.data / "audio").is_dir() else None
    result = evaluate_run(store, _folder(arguments), audio, arguments.bootstrap)
    print(json.dumps(result["headline"], indent=1))


def _report(arguments):
    from .report import write_report

    write_report(_folder(arguments))


def _copies(arguments):
    from .copies import memorise

    if arguments.epochs < 1:
        raise ValueError(f"--epochs must be at least 1, got {arguments.epochs}")
    audio = arguments.data / "audio" if (arguments.data / "audio").is_dir() else arguments.data
    names = arguments.splits.split(",")
    result = memorise(_store(arguments), audio, arguments.prepared, _folder(arguments), names, arguments.epochs)
    print(json.dumps(result, indent=1))


def _golden(arguments):
    from .release import write_golden

    write_golden(PROJECT, _folder(arguments), arguments.models)


def _release(arguments):
    from .release import release

    release(_store(arguments), _folder(arguments), arguments.models, arguments.version, arguments.data)


def _hashes(arguments):
    from .sample_hashes import add_sample_hashes

    add_sample_hashes(arguments.models / "heart-sound.json", arguments.data)


def _all(arguments):
    from .pipeline import run_all

    run_all(arguments, PROJECT)


def main(argv=None):
    """Entry point: 0 when done, 1 with one clear line where something is missing or wrong."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    arguments = build_parser().parse_args(argv)
    try:
        arguments.function(arguments)
    except (FileNotFoundError, ValueError, RuntimeError) as error:
        print(f"lubdub-tools {arguments.command}: {error}", file=sys.stderr)
        return 1
    return 0

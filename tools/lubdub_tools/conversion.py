"""Quantise every network of a run, and write the contract of each."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np

from . import __version__
from .aggregation import recording_logits, window_weights
from .configuration import Configuration
from .contract import build_contract, round_figures, write_contract
from .cross_validation import splits_to_train
from .decision import fit_rule
from .network import average_network, build_network, inference_network, multiply_accumulates
from .prediction import WindowFeatures
from .quantisation import (
    QuantisedModel,
    calibration_features,
    choose_calibration_windows,
    quantise,
    read_calibration_windows,
    write_calibration_windows,
)
from .splits import database_splits, fold_splits

CALIBRATION_WINDOWS = 400
WINDOW_SECONDS = 3


def convert_run(store, folder, cache, seed=1):
    """Convert the networks of every split below ``folder``; what is converted already is left alone.

    Where a split has several members, their networks are put side by side and answer with their mean, as one file.
    Each ``SPLIT`` gets ``heart-sound.tflite``, ``calibration-windows.csv`` (from the training side only) and
    ``windows.npz``: for every window of the test side its place in the store (``window``), its recording
    (``owner``), and the ``int8`` and ``float`` logits. Then every split gets ``heart-sound.json``, whose calibration
    and thresholds come from recordings of other folds, as networks that had not seen them scored them.
    """
    folder = Path(folder)
    configuration = Configuration.read(folder / "configuration.json")
    features = WindowFeatures(store, configuration.front_end, cache)
    weights = window_weights(store, folder)
    places = sorted({path.parent.parent for path in folder.glob("*/member-*/weights.keras")})
    for place in places:
        if not (place / "windows.npz").exists():
            _convert(store, configuration, features, place, seed)
    for place in places:
        rule = rule_for(store, folder, place.name, weights)
        content = (place / "heart-sound.tflite").read_bytes()
        facts = training_facts(store, configuration, place)
        version = f"{__version__}-{place.name}"
        contract = build_contract(content, "heart-sound.tflite", version, configuration, rule, facts, {})
        write_contract(place / "heart-sound.json", contract)


def load_network(configuration, place):
    """Build the float network of a split's folder: the mean of its members, the readers weighted as configured."""
    members = []
    for number in range(1, len(configuration.members) + 1):
        path = place / f"member-{number}" / "weights.keras"
        network = replace(configuration.member(number).network, gap_share=configuration.network.gap_share)
        member = inference_network(build_network(network, configuration.front_end))
        trained = keras.models.load_model(path)
        for layer in member.layers:
            if layer.weights:
                layer.set_weights(trained.get_layer(layer.name).get_weights())
        members.append(member)
    return average_network(members)


def _convert(store, configuration, features, place, seed):
    (split,) = splits_to_train(store.recordings, place.name)
    listing = place / "calibration-windows.csv"
    if not listing.exists():
        windows = choose_calibration_windows(store, configuration.front_end, CALIBRATION_WINDOWS, seed)
        allowed = {store.recordings[index].record for index in split.train}
        write_calibration_windows(listing, [window for window in windows if window[0] in allowed])
    model = load_network(configuration, place)
    windows = read_calibration_windows(listing)
    content = quantise(model, calibration_features(store, configuration.front_end, windows))
    (place / "heart-sound.tflite").write_bytes(content)
    facts = {"bytes": len(content), "multiplyAccumulates": int(multiply_accumulates(model))}
    (place / "model-facts.json").write_text(json.dumps(facts) + "\n")
    which = features.tested_by(split)
    logits = {
        "int8": features.logits(QuantisedModel(content).execute, which),
        "float": features.logits(model.predict_on_batch, which),
    }
    np.savez(place / "windows.npz", window=which, owner=features.owners[which], **logits)


def recording_logits_of(store, folder, split, kind="int8", weights=None, seconds=None):
    """Recordings' logits from the windows that a split tests, ``[recordings]``, NaN elsewhere.

    Parameters
    ----------
    kind : str
        ``int8`` or ``float``.
    weights : numpy.ndarray, optional
        Quality of each window of the store, in order.
    seconds : float, optional
        Use only windows that end by then.
    """
    windows = np.load(Path(folder) / split.name / "windows.npz")
    owner, logits = windows["owner"], windows[kind]
    chosen = None if weights is None else weights[windows["window"]]
    if seconds is not None:
        early = np.arange(len(owner)) - np.searchsorted(owner, owner) + WINDOW_SECONDS <= seconds
        owner, logits = owner[early], logits[early]
        chosen = None if chosen is None else chosen[early]
    return recording_logits(logits, owner, len(store), chosen)


def out_of_fold(store, folder, kind="int8", weights=None):
    """Recordings' logits, each from the fold network that had not seen it."""
    result = np.full(len(store), np.nan)
    for split in fold_splits(store.recordings):
        result[split.test] = recording_logits_of(store, folder, split, kind, weights)[split.test]
    return result


def left_out(store, folder, kind="int8", weights=None):
    """Recordings' logits, each from the network that had not heard its database; NaN where there is none."""
    result = np.full(len(store), np.nan)
    for split in database_splits(store.recordings):
        if (Path(folder) / split.name / "windows.npz").exists():
            result[split.test] = recording_logits_of(store, folder, split, kind, weights)[split.test]
    return result


def rule_for(store, folder, split, weights=None):
    """Fit the decision rule for a split's network on recordings that are on none of its test side.

    For ``fold-K`` these are the other folds' recordings, for ``without-D`` those of other databases, otherwise all;
    each was scored by the fold network that had not seen it. A run that holds left-out databases alone takes the
    recordings of the others, each scored by the network that had not heard its database.
    """
    folds = [place.name for place in fold_splits(store.recordings)]
    if any((Path(folder) / name / "windows.npz").exists() for name in folds):
        logits = out_of_fold(store, folder, weights=weights)
    elif split.startswith("without-"):
        logits = left_out(store, folder, weights=weights)
    else:
        raise FileNotFoundError(f"{folder} holds no fold to calibrate {split} on; train the folds first")
    if split.startswith("fold-"):
        chosen = store.folds != int(split[5:])
    elif split.startswith("without-"):
        chosen = store.databases != split[-1]
    else:
        chosen = np.ones(len(store), bool)
    return fit_rule(store.abnormal[chosen], store.usable[chosen], logits[chosen], store.databases[chosen])


def training_facts(store, configuration, place):
    """What the contract says about how the network came to be."""
    train = splits_to_train(store.recordings, place.name)[0].train
    return {
        "dataset": "PhysioNet/CinC Challenge 2016, development part",
        "licence": "Open Data Commons Attribution License v1.0",
        "split": place.name,
        "seed": configuration.training.seed,
        "members": [list(member) for member in configuration.members],
        "recordings": len(train),
        "abnormal": int(store.abnormal[train].sum()),
        "groupCount": len(np.unique(store.groups[train])),
        "databases": {str(d): int((store.databases[train] == d).sum()) for d in np.unique(store.databases[train])},
        "settings": round_figures(asdict(configuration.training), 6),
        "augmentation": round_figures(asdict(configuration.augmentation), 6),
        "versions": json.loads(next(iter(place.glob("member-*/versions.json"))).read_text()),
        **json.loads((place / "model-facts.json").read_text()),
        "records": [store.recordings[index].record for index in train],
    }

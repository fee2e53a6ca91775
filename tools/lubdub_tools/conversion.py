"""Quantise every network of a run, and write the contract of each."""

import json
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from . import __version__
from .aggregation import recording_logits
from .configuration import Configuration
from .contract import build_contract, round_figures, write_contract
from .cross_validation import splits_to_train
from .decision import fit_rule
from .network import multiply_accumulates
from .prediction import WindowFeatures
from .quantisation import (
    QuantisedModel,
    calibration_features,
    choose_calibration_windows,
    quantise,
    read_calibration_windows,
    write_calibration_windows,
)
from .splits import fold_splits

CALIBRATION_WINDOWS = 400


def convert_run(store, folder, cache, seed=1, weights=None):
    """Convert all networks below ``folder``; what is converted already is left alone.

    Each ``SPLIT/seed-S`` gets ``heart-sound.tflite``, ``calibration-windows.csv`` (from the training side only) and
    ``windows-int8.npz``: the int8 logits of the test side's windows. Then every folder gets ``heart-sound.json``,
    whose calibration and thresholds come from recordings of other folds, as networks that had not seen them scored
    them.
    """
    folder = Path(folder)
    configuration = Configuration.read(folder / "configuration.json")
    features = WindowFeatures(store, configuration.front_end, cache)
    places = sorted(path.parent for path in folder.glob("*/seed-*/weights.keras"))
    for place in places:
        if not (place / "windows-int8.npz").exists():
            _convert(store, configuration, features, place, seed)
    for place in places:
        rule = rule_for(store, folder, place.parent.name, place.name, weights)
        _write_split_contract(store, configuration, place, rule)


def _convert(store, configuration, features, place, seed):
    (split,) = splits_to_train(store.recordings, place.parent.name)
    which, train = features.tested_by(split), split.train
    listing = place / "calibration-windows.csv"
    if not listing.exists():
        windows = choose_calibration_windows(store, configuration.front_end, CALIBRATION_WINDOWS, seed)
        allowed = {store.recordings[index].record for index in train}
        write_calibration_windows(listing, [window for window in windows if window[0] in allowed])
    windows = read_calibration_windows(listing)
    model = keras.models.load_model(place / "weights.keras")
    content = quantise(model, calibration_features(store, configuration.front_end, windows))
    (place / "heart-sound.tflite").write_bytes(content)
    logits = features.logits(QuantisedModel(content).execute, which)
    np.savez(place / "windows-int8.npz", window=which, owner=features.owners[which], logit=logits)
    facts = {"bytes": len(content), "multiplyAccumulates": int(multiply_accumulates(model))}
    (place / "model-facts.json").write_text(json.dumps(facts) + "\n")


def out_of_fold(store, folder, seed_name="seed-1", kind="windows-int8", weights=None):
    """Recordings' logits, each from the fold network that had not seen it.

    ``weights`` are qualities of all the store's windows, in order.
    """
    result = np.full(len(store), np.nan)
    for split in fold_splits(store.recordings):
        windows = np.load(Path(folder) / split.name / seed_name / f"{kind}.npz")
        chosen = None if weights is None else weights[windows["window"]]
        logits = recording_logits(windows["logit"], windows["owner"], len(store), chosen)
        result[split.test] = logits[split.test]
    return result


def rule_for(store, folder, split, seed_name="seed-1", weights=None):
    """The decision rule for a split's network, from recordings on none of its test side.

    For ``fold-K`` these are the other folds' recordings, for ``without-D`` those of other databases, for ``final``
    all; each was scored by the fold network that had not seen it.
    """
    logits = out_of_fold(store, folder, seed_name, weights=weights)
    if split.startswith("fold-"):
        chosen = store.folds != int(split[5:])
    elif split.startswith("without-"):
        chosen = store.databases != split[-1]
    else:
        chosen = np.ones(len(store), bool)
    return fit_rule(store.abnormal[chosen], store.usable[chosen], logits[chosen], store.databases[chosen])


def _write_split_contract(store, configuration, place, rule, version=None):
    content = (place / "heart-sound.tflite").read_bytes()
    training = training_facts(store, configuration, place)
    version = version or f"{__version__}-{place.parent.name}"
    contract = build_contract(content, "heart-sound.tflite", version, configuration, rule, training, {})
    write_contract(place / "heart-sound.json", contract)


def training_facts(store, configuration, place):
    """What the contract says about how the network came to be."""
    train = splits_to_train(store.recordings, place.parent.name)[0].train
    return {
        "dataset": "PhysioNet/CinC Challenge 2016, development part",
        "licence": "Open Data Commons Attribution License v1.0",
        "split": place.parent.name,
        "seed": int(place.name.rsplit("-", 1)[-1]),
        "recordings": len(train),
        "abnormal": int(store.abnormal[train].sum()),
        "groups": len(np.unique(store.groups[train])),
        "databases": {str(d): int((store.databases[train] == d).sum()) for d in np.unique(store.databases[train])},
        "settings": round_figures(asdict(configuration.training), 6),
        "augmentation": round_figures(asdict(configuration.augmentation), 6),
        "versions": json.loads((place / "versions.json").read_text()) if (place / "versions.json").exists() else {},
        **json.loads((place / "model-facts.json").read_text()),
    }

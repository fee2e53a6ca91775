"""Fit the network that tells S1, systole, S2 and diastole apart, frame by frame.

Usage: fit_heart_sounds.py --data PHYSIONET2016 --cache FOLDER [--out models/heart-sounds.json]

FOLDER is what prepare.py and envelopes.mjs wrote. For each of the frozen folds a network is fitted on the other four
and written to FOLDER as heart-sounds-fold<N>.json; evaluate-heart-sounds.mjs then finds the sounds of each recording
with the network that has not seen it, through the classes that ship. `--out` takes the network fitted on all folds.

Inputs are those of src/heart/heart-sound-emissions.ts, the same arithmetic in numpy: the sums to 1e-4 of it, since
the envelopes travel as float32.
"""

import argparse
import csv
import gzip
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier
from tqdm import tqdm

STATES = ["S1", "systole", "S2", "diastole"]
FOLDS = 5
FRAME_SECONDS = 0.02
SOURCE_RATE_HZ = 2000
HIDDEN = 24
FRAMES_TO_FIT = 400_000
EPOCHS = 15
LIKELIHOOD_SCALE = 0.3
#: As in heart-sound-emissions.ts.
LOOK_AHEAD = 15
REFERENCE = 400
FIRST_REFERENCE = 150
LEAST_ENERGY = 1e-14
CONTEXT = [(at, at) for at in range(-3, 4)] + [
    pair for at in (5, 8, 11, 14) for pair in ((at - 1, at + 1), (-at - 1, -at + 1))
]


def inputs_of(energies):
    """Network inputs of every frame of one recording.

    Parameters
    ----------
    energies : ndarray, shape (frames, 3)

    Returns
    -------
    ndarray, shape (frames, 45), float32
    """
    count = len(energies)
    logs = np.log(np.maximum(LEAST_ENERGY, energies.astype(float)))
    frames = np.arange(count)
    end = np.minimum(count, np.maximum(frames + LOOK_AHEAD + 1, FIRST_REFERENCE))
    start = np.maximum(0, end - REFERENCE)
    length = (end - start)[:, None]
    zero = np.zeros((1, logs.shape[1]))
    sums = np.concatenate([zero, np.cumsum(logs, axis=0)])
    squares = np.concatenate([zero, np.cumsum(logs**2, axis=0)])
    mean = (sums[end] - sums[start]) / length
    variance = (squares[end] - squares[start]) / length - mean**2
    scale = 1 / np.sqrt(np.maximum(variance, 1e-4))
    columns = []
    for first, last in CONTEXT:
        around = [logs[np.clip(frames + offset, 0, count - 1)] for offset in range(first, last + 1)]
        columns.append((np.mean(around, axis=0) - mean) * scale)
    return np.concatenate(columns, axis=1).astype(np.float32)


def read_labels(path, records, counts):
    """State of every frame of every recording by its middle, -1 where unknown or in noise."""
    marks = {}
    with gzip.open(path / "heart-states.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            marks.setdefault(row["record"], []).append((int(row["sample"]) / SOURCE_RATE_HZ, row["state"]))
    labels = []
    for record, count in zip(records, counts, strict=True):
        own = marks.get(record["record"], [])
        label = np.full(count, -1, np.int8)
        if own:
            times = np.array([t for t, _ in own])
            states = np.array([STATES.index(s) if s in STATES else -1 for _, s in own])
            last = np.searchsorted(times, (np.arange(count) + 0.5) * FRAME_SECONDS, "right") - 1
            known = (last >= 0) & (last < len(own) - 1)
            label[known] = states[last[known]]
        labels.append(label)
    return np.concatenate(labels)


def fit(inputs, labels, weights, seed):
    """Fit a network on a weighted draw of labelled frames."""
    random = np.random.default_rng(seed)
    drawn = random.choice(len(labels), FRAMES_TO_FIT, p=weights / weights.sum())
    network = MLPClassifier(
        (HIDDEN,), alpha=1e-3, batch_size=512, max_iter=EPOCHS, learning_rate_init=2e-3, random_state=seed
    )
    with np.errstate(all="ignore"):
        return network.fit(inputs[drawn], labels[drawn]), np.bincount(labels[drawn], minlength=4) / FRAMES_TO_FIT


def as_json(network, priors, about):
    """What the runtime reads."""

    def rounded(array):
        return np.round(np.asarray(array, float), 5).tolist()

    return {
        "name": "lubdub heart sounds",
        "version": 1,
        "hiddenWeights": rounded(network.coefs_[0].T),
        "hiddenBiases": rounded(network.intercepts_[0]),
        "outputWeights": rounded(network.coefs_[1].T),
        "outputBiases": rounded(network.intercepts_[1]),
        "logPriors": rounded(np.log(priors)),
        "likelihoodScale": LIKELIHOOD_SCALE,
        "fit": about,
    }


def main():
    """Fit one network a fold, and one on everything where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with heart-states.csv.gz")
    parser.add_argument("--cache", type=Path, required=True, help="folder that prepare.py and envelopes.mjs wrote")
    parser.add_argument("--out", type=Path, help="where to write the network fitted on all folds")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    records = json.loads((arguments.cache / "records.json").read_text())
    counts = json.loads((arguments.cache / "envelopes.json").read_text())
    energies = np.fromfile(arguments.cache / "envelopes.f32", np.float32).reshape(-1, 3)
    inputs = np.concatenate([inputs_of(part) for part in np.split(energies, np.cumsum(counts)[:-1])])
    labels = read_labels(arguments.data, records, counts)
    record = np.repeat(np.arange(len(records)), counts)
    fold = np.array([int(r["fold"]) for r in records])[record]
    known = labels >= 0
    # Long recordings count more than short ones, but not by their length.
    weights = np.where(known, 1 / np.sqrt(np.maximum(1, np.bincount(record[known], minlength=len(records))))[record], 0)

    scores = []
    for held in tqdm(range(FOLDS), unit="fold"):
        chosen = known & (fold != held)
        network, priors = fit(inputs[chosen], labels[chosen], weights[chosen], arguments.seed)
        test = known & (fold == held)
        scores.append(round(float((network.predict(inputs[test]) == labels[test]).mean()), 4))
        content = as_json(network, priors, {"heldOutFold": held})
        (arguments.cache / f"heart-sounds-fold{held}.json").write_text(json.dumps(content))
    print(json.dumps({"frameAccuracyByHeldOutFold": scores}))
    if arguments.out is not None:
        network, priors = fit(inputs[known], labels[known], weights[known], arguments.seed)
        about = {
            "command": f"tools/quality/fit_heart_sounds.py --seed {arguments.seed}, after prepare.py and envelopes.mjs",
            "data": "hand-corrected heart states of PhysioNet/CinC Challenge 2016, development part",
            "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
            "frameAccuracyByHeldOutFold": scores,
        }
        text = json.dumps(as_json(network, priors, about), indent=1)
        arguments.out.write_text(compact_rows(text) + "\n")


def compact_rows(text):
    """JSON with each innermost list on one line."""
    lines = []
    for line in text.split("\n"):
        bare = line.strip()
        if lines and lines[-1].endswith("[") and bare[:1] in "-0123456789":
            lines[-1] += bare
        elif lines and bare[:1] in "-0123456789" and lines[-1].endswith(","):
            lines[-1] += " " + bare
        elif lines and bare.startswith("]") and lines[-1][-1:].isdigit():
            lines[-1] += bare
        else:
            lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    main()

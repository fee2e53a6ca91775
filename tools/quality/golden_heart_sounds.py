"""Write test/golden/heart-sounds.json: what numpy makes of the shipped network, and hand-corrected sounds.

Usage: golden_heart_sounds.py --data PHYSIONET2016 --network models/heart-sounds.json --out GOLDEN

`posteriors` are those of every tenth of 500 frames of random energies, by the arithmetic of fit_heart_sounds.py.
`sounds` are the hand-corrected beginnings of S1 and S2 of recordings that the tests bundle (credit in NOTICE).
"""

import argparse
import csv
import gzip
import json
from pathlib import Path

import numpy as np
from fit_heart_sounds import SOURCE_RATE_HZ, inputs_of

SEED = 3
FRAMES = 500
RECORDINGS = ["a0050", "b0416", "c0016", "e00089", "f0107"]


def posteriors_of(energies, network):
    """Softmax of the network, every frame."""
    hidden = np.maximum(0, inputs_of(energies) @ np.transpose(network["hiddenWeights"]) + network["hiddenBiases"])
    logits = hidden @ np.transpose(network["outputWeights"]) + network["outputBiases"]
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def main():
    """Write the golden file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with heart-states.csv.gz")
    parser.add_argument("--network", type=Path, required=True, help="models/heart-sounds.json")
    parser.add_argument("--out", type=Path, required=True, help="golden file to write")
    arguments = parser.parse_args()

    random = np.random.default_rng(SEED)
    energies = np.exp(random.normal(-9, 2, (FRAMES, 3)))
    posteriors = posteriors_of(energies, json.loads(arguments.network.read_text()))
    sounds = {record: {"S1": [], "S2": []} for record in RECORDINGS}
    with gzip.open(arguments.data / "heart-states.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if row["record"] in sounds and row["state"] in ("S1", "S2"):
                sounds[row["record"]][row["state"]].append(int(row["sample"]) / SOURCE_RATE_HZ)
    golden = {
        "command": "tools/quality/golden_heart_sounds.py",
        "versions": {"numpy": np.__version__},
        "seed": SEED,
        "energies": energies.ravel().tolist(),
        "posteriors": posteriors[::10].ravel().tolist(),
        "sounds": sounds,
    }
    arguments.out.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()

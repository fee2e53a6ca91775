"""Fit how much a recording is like a heart, and say what that refuses.

Refused are hearts that were not fitted on, and sounds of kinds that were not fitted on.

Usage: fit_likeness.py --data PHYSIONET2016 --cache FOLDER [--verdicts NDJSON] [--out models/signal-quality.json]

FOLDER is what measure-likeness.mjs wrote. One logistic model, additive and piecewise linear in the measures
of a window: recordings marked usable against sounds that are no heart (heartless-sounds.mjs), in both only
windows that signal quality lets pass. A recording's likeness is the mean of its windows', so the model is
fitted on means over up to six windows in a row. Most measures may count in one direction only (`DIRECTION`),
so that a heart cleaner or more even than any in the data gains by it.

The score is shifted so that a recording below 0 is refused, at the cost of `--cost` of the recordings marked
usable that would get a class otherwise (all with three usable windows where no verdicts are given).

Hearts are scored by models fitted on the other four folds, sounds by models fitted without any sound of their
family. The limit is set with the model that ships; no database and neither label may lose more than its
share: see COST_OF_A_DATABASE.
"""

import argparse
import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import scipy
from fit import DATABASES, FOLDS, fit_logistic, round_all, scores_at_knots, segments

#: A window's score is bounded softly, so that a bad stretch does not outweigh a heart's other windows.
BOUND = 1.5
KNOT_PERCENTILES = (1, 10, 30, 70, 99)
WINDOWS_IN_A_ROW = 6
LEAST_WINDOWS = 3
#: Most of a database's, and of a label's, recordings that may be refused: nobody may pay for all others.
COST_OF_A_DATABASE = 0.01
COST_OF_A_LABEL = 0.005
#: Below the last heart that passes: of database e only a part is measured, and the rest has hearts as low.
MARGIN = 0.15
#: 1 where more of a measure can only speak for a heart, -1 where it can only speak against it, 0 where it may do both;
#: measures without a direction are left out.
DIRECTION = {
    "s1Confidence": 1,
    "s2Confidence": 1,
    "leastConfidence": 1,
    "systoleDeviation": -1,
    "systoleSpread": -1,
    "beatSpread": -1,
    "s1Contrast": 1,
    "s2Contrast": 1,
    "restContrast": -1,
    "soundWidth": 0,
    "soundSkew": -1,
    "levelSpread": 1,
    "loudHigh": -1,
    "loudMid": -1,
    "pitch": -1,
    "soundsPerSecond": 0,
    "beatSeconds": 0,
    "rhythm": 1,
    "echo": 1,
    "secondSound": 1,
    "sameWave": -1,
}
#: Sounds that resemble each other: none of a family helps to refuse another of it.
FAMILIES = (
    ("metronome", "clock", "beeps", "clicks", "dripping", "tones", "siren"),
    ("knocks", "tapping", "footsteps", "typing", "clapping", "hoofs", "bouncing"),
    ("train", "washing", "wipers", "pump", "motor", "fan", "drill"),
    ("drums", "band", "tune"),
    ("speech", "counting", "chewing", "coughing", "snoring", "breathing", "gut", "silence"),
    ("strokes", "rubbing"),
)


class Data:
    """Means of the measures' segments over windows in a row, with what is known of them."""

    def __init__(self, cache, data):
        with (data / "records.csv").open() as file:
            self.records = {row["record"]: row for row in csv.DictReader(file)}
        measures, windows = [], []
        for path in sorted(cache.glob("likeness-*.json")):
            described = json.loads(path.read_text())
            self.names = described["measures"]
            windows += described["windows"]
            measures.append(np.fromfile(path.with_suffix(".f64")).reshape(-1, len(self.names)))
        usable = np.array([window["usable"] for window in windows])
        self.measured = {window["record"] for window in windows if "record" in window}
        self.made = len({window["seed"] for window in windows if "kind" in window})
        self.measures = np.concatenate(measures)[usable]
        windows = [window for window, keep in zip(windows, usable, strict=True) if keep]
        owner = [window.get("record") or f"{window['kind']}-{window['seed']}" for window in windows]
        counts = Counter(owner)
        #: By name, those that have windows enough for a class.
        self.owners = sorted(name for name, count in counts.items() if count >= LEAST_WINDOWS)
        index = {name: i for i, name in enumerate(self.owners)}
        self.owner = np.array([index.get(name, -1) for name in owner])
        self.is_heart = np.array([name in self.records for name in self.owners])
        self.kind = np.array(["" if name in self.records else name.split("-")[0] for name in self.owners])
        self.marked_usable = np.array([self.of(name, "quality") == "1" for name in self.owners])
        self.database = np.array([self.of(name, "database") for name in self.owners])
        self.label = np.array([self.of(name, "label") for name in self.owners])
        self.fold = np.array([int(self.of(name, "fold") or -1) for name in self.owners])
        self.bag, self.bag_owner = self.bags()

    def of(self, name, column):
        """What records.csv says, or nothing for a made-up sound."""
        return self.records[name][column] if name in self.records else ""

    def bags(self):
        """Bag of every window, and owner of every bag."""
        bag, owners = np.full(len(self.owner), -1), []
        for owner in range(len(self.owners)):
            windows = np.flatnonzero(self.owner == owner)
            pieces = max(1, round(len(windows) / WINDOWS_IN_A_ROW))
            for piece in np.array_split(windows, pieces):
                bag[piece] = len(owners)
                owners.append(owner)
        return bag, np.array(owners)

    def stands_for(self):
        """Share of the recordings marked usable that each heart stands for: of database e a part was measured."""
        usable = [row["database"] for row in self.records.values() if row["quality"] == "1"]
        total = Counter(usable)
        measured = Counter(self.records[name]["database"] for name in self.measured if self.of(name, "quality") == "1")
        share = {d: total[d] / max(1, measured[d]) / len(usable) for d in total}
        return np.array([share.get(d, 0) for d in self.database])

    def means(self, values, groups, count):
        """Mean over each group, shape (count, columns)."""
        known = groups >= 0
        sums = np.zeros((count, values.shape[1]))
        np.add.at(sums, groups[known], values[known])
        return sums / np.maximum(1, np.bincount(groups[known], minlength=count))[:, None]


def fit(data, owners, chosen, design, regularisation_rows):
    """Fit on the bags of `owners` and return weights and intercept."""
    bags = owners[data.bag_owner]
    label = data.is_heart[data.bag_owner][bags]
    bags_of = np.bincount(data.bag_owner, minlength=len(data.owners))
    weight = 1 / bags_of[data.bag_owner][bags]
    # Kinds weigh alike, and so do databases with each label: the ill of a small database must not pay for the many.
    group = np.array([*map("/".join, zip(data.kind, data.database, data.label, strict=True))])[data.bag_owner][bags]
    for name in set(group):
        weight[group == name] /= weight[group == name].sum()
    for is_heart in (True, False):
        weight[label == is_heart] *= regularisation_rows / weight[label == is_heart].sum()
    return fit_logistic(design[bags], label, weight, chosen)


def main():
    """Score, and write what is fitted on all that may be fitted on where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with records.csv")
    parser.add_argument("--cache", type=Path, required=True, help="folder that measure-likeness.mjs wrote to")
    parser.add_argument("--verdicts", type=Path, help="what `lubdub classify --json` said of the data without this")
    parser.add_argument("--out", type=Path, help="signal quality coefficients to write the likeness into")
    parser.add_argument("--cost", type=float, default=0.0033, help="share of usable recordings that may be refused")
    parser.add_argument("--drop", nargs="*", default=[], help="measures to leave out")
    parser.add_argument("--rows", type=float, default=400, help="what both classes weigh against the penalty")
    arguments = parser.parse_args()
    data = Data(arguments.cache, arguments.data)

    names = [name for name in data.names if name in DIRECTION and name not in arguments.drop]
    columns = [data.names.index(name) for name in names]
    measures = data.measures[:, columns]
    classed = has_class(data, arguments.verdicts)
    reference = measures[(data.owner >= 0) & data.marked_usable[data.owner]]
    knots = [np.unique(column) for column in np.percentile(reference, KNOT_PERCENTILES, axis=0).T]
    limits = [
        (min(row[0], low), max(row[-1], high)) for row, low, high in zip(knots, *outer(data, measures), strict=True)
    ]
    knots = [np.unique(np.r_[low, row, high]) for row, (low, high) in zip(knots, limits, strict=True)]
    each = segments(measures, knots)
    design = data.means(each, data.bag, len(data.bag_owner))
    free = [(DIRECTION[name]) for name, row in zip(names, knots, strict=True) for _ in row[1:]]

    def scores(weights, intercept):
        bounded = BOUND * np.tanh((each @ weights + intercept) / BOUND)
        return data.means(bounded[:, None], data.owner, len(data.owners))[:, 0]

    hearts = data.is_heart & data.marked_usable
    score = np.full(len(data.owners), np.nan)
    for fold in range(FOLDS):
        found = fit(data, ~data.is_heart | (hearts & (data.fold != fold)), free, design, arguments.rows)
        own = data.is_heart & (data.fold == fold)
        score[own] = scores(*found)[own]
    family_score = np.full(len(data.owners), np.nan)
    for family in FAMILIES:
        own = np.isin(data.kind, family)
        found = fit(data, hearts | (~data.is_heart & ~own), free, design, arguments.rows)
        family_score[own] = scores(*found)[own]
    weights, intercept = fit(data, hearts | ~data.is_heart, free, design, arguments.rows)
    shipped = scores(weights, intercept)

    eligible = hearts & classed
    stands_for = data.stands_for()
    limit = weighted_limit(shipped[eligible], stands_for[eligible], arguments.cost)
    for of, cost in [(data.database, COST_OF_A_DATABASE), (data.label, COST_OF_A_LABEL)]:
        for name in sorted(set(of[eligible])):
            own = eligible & (of == name)
            limit = min(limit, np.sort(shipped[own])[int(cost * own.sum())])
    limit -= MARGIN
    report = describe(data, score, shipped, family_score, limit, eligible)
    report["limit"] = round(float(limit), 3)
    print(json.dumps(report, indent=1))
    if arguments.out is None:
        return
    model = json.loads(arguments.out.read_text())
    model["likeness"] = {
        "measures": [
            {"name": name, "knots": round_all(row), "scores": round_all(scores)}
            for name, row, scores in zip(names, knots, scores_at_knots(weights, knots), strict=True)
        ],
        "intercept": round(intercept, 6),
        "bound": BOUND,
        "limit": round(float(limit), 6),
        "fit": {
            "command": "tools/quality/fit_likeness.py, after measure-likeness.mjs",
            "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
            "heldOut": report,
        },
    }
    arguments.out.write_text(json.dumps(model, indent=2) + "\n")


def weighted_limit(scores, weights, share):
    """Score below which `share` of the total weight of 1 lies."""
    order = np.argsort(scores)
    return scores[order][np.searchsorted(np.cumsum(weights[order]), share)]


def outer(data, measures):
    """Percentiles of the made-up sounds: the outermost knots reach that far."""
    others = measures[(data.owner >= 0) & ~data.is_heart[data.owner]]
    return np.percentile(others, 5, axis=0), np.percentile(others, 95, axis=0)


def has_class(data, path):
    """True for the recordings that get a class."""
    if path is None:
        return data.is_heart
    verdicts = {}
    with path.open() as file:
        for line in file:
            if '"kind":"final"' in line:
                final = json.loads(line)
                verdicts[Path(final["file"]).stem] = final["verdict"]
    return np.array([verdicts.get(name, "inconclusive") != "inconclusive" for name in data.owners])


def describe(data, score, shipped, family_score, limit, eligible):
    """What is refused, by database and label of hearts and by kind of sounds; of all made of a kind, usable or not."""
    marked = [data.records[name] for name in data.measured if data.records[name]["quality"] == "1"]
    total = Counter(row["database"] for row in marked)
    labels = Counter(row["label"] for row in marked)
    lost = eligible & (score < limit)
    made = data.made
    kinds = sorted(set(data.kind) - {""})

    def passing(values, kind):
        return round(float(((data.kind == kind) & (values >= limit)).sum() / made), 3)

    every = [kind for family in FAMILIES for kind in family]
    return {
        "heartsRefused": {
            "all": round(float(data.stands_for()[lost].sum()), 4),
            "byDatabase": {d: round(float((lost & (data.database == d)).sum() / total[d]), 4) for d in DATABASES},
            "shipped": round(float(data.stands_for()[eligible & (shipped < limit)].sum()), 4),
            "byLabel": {c: round(float((lost & (data.label == c)).sum() / labels[c]), 4) for c in labels},
        },
        "passing": {
            "before": round(float((~data.is_heart).sum() / made / len(every)), 3),
            "familyLeftOut": round(float(np.mean([passing(family_score, kind) for kind in every])), 3),
            "fittedOn": round(float(np.mean([passing(shipped, kind) for kind in every])), 3),
            "byKindFamilyLeftOut": {
                kind: passing(family_score, kind) for kind in kinds if passing(family_score, kind) > 0
            },
            "byKindShipped": {kind: passing(shipped, kind) for kind in kinds if passing(shipped, kind) > 0},
        },
    }


if __name__ == "__main__":
    main()

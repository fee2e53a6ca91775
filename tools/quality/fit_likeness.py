"""Fit how much a recording is like a heart, and say what that refuses of hearts and sounds that were not fitted on.

Usage: fit_likeness.py --data PHYSIONET2016 --cache FOLDER [--out models/signal-quality.json]

FOLDER is what measure-likeness.mjs wrote. One logistic model, additive and piecewise linear in the measures of a
window: recordings marked usable against sounds that are no heart (heartless-sounds.mjs), in both only windows that
signal quality lets pass. Hearts count as recorded, through made-up stethoscopes, with made-up rhythms and in loops:
when only the sounds went through a stethoscope that nobody knows, a foreign sound spoke against a heart. A recording
is judged by all its windows together, so the model is fitted on means over up to six windows in a row. Most measures
may count in one direction only (`DIRECTION`), so that a heart cleaner than any in the data gains by it.

A recording is refused where the sum of its windows' scores, each less the limit, is below minus `CREDIT`. The limit is
where that costs `COST` of the usable recordings, or `COST_OF_COPIES` of them through made-up stethoscopes, whichever
is lower. Fitted and limited on folds 0 to 2, which ships as it is; the figures are those of folds 3 and 4.
"""

import argparse
import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import scipy
from fit import DATABASES, fit_logistic, round_all, scores_at_knots, segments

#: A window's score is bounded softly, so that a bad stretch does not outweigh a heart's other windows.
BOUND = 3
#: HEART_CREDIT of src/verdict/recording-verdict.ts.
CREDIT = 4
KNOT_PERCENTILES = (1, 10, 30, 70, 99)
WINDOWS_IN_A_ROW = 6
LEAST_WINDOWS = 3
LEAST_QUALITY = 0.35
FITTED_FOLDS = (0, 1, 2)
COST = 0.005
COST_OF_COPIES = 0.0125
#: What hearts of each set weigh, by database and label, and sounds, by kind.
WEIGHT = {"hearts": 1, "through": 3, "rhythms": 3, "loops": 0.3, "sounds": 1, "sounds-through": 1}
#: 1 where more of a measure can only speak for a heart, -1 where it can only speak against it, 0 where it may do both;
#: measures without a direction are left out.
DIRECTION = {
    "s1Confidence": 1,
    "s2Confidence": 1,
    "leastConfidence": 1,
    "systoleDeviation": -1,
    "systoleSpread": -1,
    "beatSpread": -1,
    "s1Contrast": 0,
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
    "rhythm": 0,
    "echo": 1,
    "secondSound": 0,
    "sameWave": -1,
}
#: Sounds that resemble each other: what passes of a family where none of it was fitted on is told as well.
FAMILIES = (
    ("metronome", "clock", "beeps", "clicks", "dripping", "tones", "siren"),
    ("knocks", "tapping", "footsteps", "typing", "clapping", "hoofs", "bouncing"),
    ("train", "washing", "wipers", "pump", "motor", "fan", "drill"),
    ("drums", "band", "tune"),
    ("speech", "counting", "chewing", "coughing", "snoring", "breathing", "gut", "silence"),
    ("strokes", "rubbing"),
)


class Owners:
    """Recordings, copies of them and sounds, of some sets, with the windows that count."""

    def __init__(self, cache, records, names):
        windows, measures = [], []
        for name in names:
            path = cache / f"likeness-{name}.json"
            described = json.loads(path.read_text())
            self.measure_names = described["measures"]
            windows += [{**window, "set": name} for window in described["windows"]]
            measures.append(np.fromfile(path.with_suffix(".f64")).reshape(-1, len(self.measure_names)))
        keys = [(w["set"], w.get("record") or w["kind"], w.get("copy", w.get("seed"))) for w in windows]
        usable = np.array([window["usable"] for window in windows])
        heard = Counter(keys)
        counted = Counter(key for key, counts in zip(keys, usable, strict=True) if counts)
        quality = Counter()
        for key, window in zip(keys, windows, strict=True):
            quality[key] += window["sqi"] / heard[key]
        #: Those that would get a class.
        owners = [key for key in heard if counted[key] >= LEAST_WINDOWS and quality[key] >= LEAST_QUALITY]
        index = {key: i for i, key in enumerate(owners)}
        owner = np.array([index.get(key, -1) for key in keys])
        counts = usable & (owner >= 0)
        self.all = Counter(key[0] for key in heard)
        self.measures = np.concatenate(measures)[counts]
        self.owner = owner[counts]
        self.count = np.bincount(self.owner, minlength=len(owners))
        self.set = np.array([key[0] for key in owners])
        self.name = np.array([key[1] for key in owners])
        rows = [records.get(key[1], {}) for key in owners]
        self.database = np.array([row.get("database", "") for row in rows])
        self.label = np.array([row.get("label", "") for row in rows])
        self.fold = np.array([int(row.get("fold", -1)) for row in rows])
        self.is_heart = self.database != ""
        self.bag, self.bag_owner = self.bags()

    def bags(self):
        """Bag of every window, and owner of every bag."""
        bag, owners = np.full(len(self.owner), -1), []
        order = np.argsort(self.owner, kind="stable")
        for owner, windows in enumerate(np.split(order, np.cumsum(self.count)[:-1])):
            for piece in np.array_split(windows, max(1, round(len(windows) / WINDOWS_IN_A_ROW))):
                bag[piece] = len(owners)
                owners.append(owner)
        return bag, np.array(owners)

    def represents(self, records):
        """How many of the data set each stands for: databases weigh in a set as they do in all of it."""
        total = Counter(row["database"] for row in records.values())
        pairs = list(zip(self.set, self.database, strict=True))
        heard = Counter(pairs)
        return np.array([total[d] / heard[name, d] for name, d in pairs])


class Likeness:
    """The model: knots, weights and intercept."""

    def __init__(self, names, owners, fitted, rows):
        self.names = names
        self.columns = [owners.measure_names.index(name) for name in names]
        measures = owners.measures[:, self.columns]
        hearts = owners.is_heart & fitted
        self.knots = knots(measures[hearts[owners.owner]], measures[~owners.is_heart[owners.owner]])
        each = segments(measures, self.knots)
        design = np.zeros((len(owners.bag_owner), each.shape[1]))
        np.add.at(design, owners.bag, each)
        design /= np.bincount(owners.bag)[:, None]
        bags = fitted[owners.bag_owner]
        free = [DIRECTION[name] for name, row in zip(names, self.knots, strict=True) for _ in row[1:]]
        weight = weights(owners, owners.bag_owner[bags], rows)
        label = owners.is_heart[owners.bag_owner[bags]]
        self.weights, self.intercept = fit_logistic(design[bags], label, weight, free)

    def scores(self, owners):
        """Mean over each owner's windows."""
        each = segments(owners.measures[:, self.columns], self.knots) @ self.weights + self.intercept
        return np.bincount(owners.owner, BOUND * np.tanh(each / BOUND)) / owners.count


def knots(hearts, others):
    """Percentiles of hearts; the outermost reach as far as the sounds that are none."""
    found = []
    for heart, other in zip(hearts.T, others.T, strict=True):
        row = np.unique(np.percentile(heart, KNOT_PERCENTILES))
        low, high = np.percentile(other, [5, 95])
        found.append(np.unique(np.r_[min(row[0], low), row, max(row[-1], high)]))
    return found


def weights(owners, bag_owner, rows):
    """Weight of every bag: sets, kinds, databases with each label; the ill of a small one must not pay for the many."""
    weight = 1 / np.bincount(owners.bag_owner, minlength=len(owners.count))[bag_owner]
    of_what = np.where(owners.is_heart, np.char.add(owners.database, owners.label), owners.name)
    group = np.array([f"{of}/{own}" for of, own in zip(of_what, owners.set, strict=True)])[bag_owner]
    for name in set(group):
        own = group == name
        weight[own] *= WEIGHT[name.split("/")[1]] / weight[own].sum()
    for is_heart in (True, False):
        own = owners.is_heart[bag_owner] == is_heart
        weight[own] *= rows / weight[own].sum()
    return weight


def limit_of(scores, owners, chosen, represents, cost):
    """Limit at which `cost` of those chosen are refused."""
    reach = (scores + CREDIT / owners.count)[chosen]
    order = np.argsort(reach)
    share = np.cumsum(represents[chosen][order])
    return reach[order][np.searchsorted(share / share[-1], cost)]


def is_refused(scores, owners, limit):
    """As src/verdict/recording-verdict.ts decides."""
    return (scores - limit) * owners.count + CREDIT < 0


def main():
    """Fit, and write what was fitted where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with records.csv")
    parser.add_argument("--cache", type=Path, required=True, help="folder that measure-likeness.mjs wrote to")
    parser.add_argument("--out", type=Path, help="signal quality coefficients to write the likeness into")
    parser.add_argument("--drop", nargs="*", default=[], help="measures to leave out")
    parser.add_argument("--without", nargs="*", default=[], help="sets to leave out")
    parser.add_argument("--rows", type=float, default=3200, help="what both classes weigh against the penalty")
    arguments = parser.parse_args()
    with (arguments.data / "records.csv").open() as file:
        records = {row["record"]: row for row in csv.DictReader(file) if row["quality"] == "1"}

    data = Owners(arguments.cache, records, [name for name in WEIGHT if name not in arguments.without])
    fitted = ~data.is_heart | np.isin(data.fold, FITTED_FOLDS)
    names = [name for name in data.measure_names if name in DIRECTION and name not in arguments.drop]
    model = Likeness(names, data, fitted, arguments.rows)

    scores, represents = model.scores(data), data.represents(records)
    costs = {"hearts": COST, "through": COST_OF_COPIES}
    limits = [limit_of(scores, data, fitted & (data.set == name), represents, cost) for name, cost in costs.items()]
    limit = float(min(limits))
    others = Owners(arguments.cache, records, ["through-others", "sounds-others", "further-others"])
    report = describe(records, limit, [(data, scores), (others, model.scores(others))])
    passing = 0
    for family in FAMILIES:
        apart = Likeness(names, data, fitted & ~np.isin(data.name, family), arguments.rows)
        passes = ~is_refused(apart.scores(others), others, limit)
        passing += int((passes & (others.set == "sounds-others") & np.isin(others.name, family)).sum())
    report["soundsPassing"]["sounds-others, family left out"] = [passing, others.all["sounds-others"]]
    print(json.dumps(report, indent=1))
    if arguments.out is None:
        return
    file = json.loads(arguments.out.read_text())
    file["likeness"] = {
        "measures": [
            {"name": name, "knots": round_all(row), "scores": round_all(scores)}
            for name, row, scores in zip(names, model.knots, scores_at_knots(model.weights, model.knots), strict=True)
        ],
        "intercept": round(model.intercept, 6),
        "bound": BOUND,
        "limit": round(limit, 6),
        "fit": {
            "command": "tools/quality/fit_likeness.py, after measure-likeness.mjs",
            "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
            "heldOut": report,
        },
    }
    arguments.out.write_text(json.dumps(file, indent=2) + "\n")


def describe(records, limit, judged):
    """What is refused, of hearts on folds that were not fitted on by set; what passes, of all sounds made."""
    report = {"limit": round(limit, 3), "credit": CREDIT, "heartsRefused": {}, "soundsPassing": {}}
    for owners, scores in judged:
        refused = is_refused(scores, owners, limit)
        represents = owners.represents(records)
        for name in sorted(set(owners.set)):
            own = (owners.set == name) & (~owners.is_heart | ~np.isin(owners.fold, FITTED_FOLDS))
            if not owners.is_heart[own].any():
                report["soundsPassing"][name] = [int((own & ~refused).sum()), owners.all[name]]
                continue
            report["heartsRefused"][name] = {
                "share": round(float(np.average(refused[own], weights=represents[own])), 4),
                "count": [int(refused[own].sum()), int(own.sum())],
                "byDatabase": {
                    d: [int(refused[own & (owners.database == d)].sum()), int((own & (owners.database == d)).sum())]
                    for d in DATABASES
                },
                "abnormal": [
                    int(refused[own & (owners.label == "abnormal")].sum()),
                    int((own & (owners.label == "abnormal")).sum()),
                ],
            }
    return report


if __name__ == "__main__":
    main()

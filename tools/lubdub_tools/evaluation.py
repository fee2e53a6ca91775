"""Score a run: what its int8 networks say about recordings that they have not seen."""

import csv
import json
from pathlib import Path

import numpy as np

from .aggregation import has_usable_window, window_owners, window_weights
from .calibration import even_weights, expected_calibration_error, reliability
from .configuration import Configuration
from .conversion import recording_logits_of, rule_for
from .metrics import auc, decision_scores
from .noise_evaluation import noise_table
from .scoring import bootstrap_intervals, risk_coverage, score_everywhere
from .splits import database_splits, final_split, fold_splits, leaky_record_splits, leaky_window_splits

SECONDS = (3, 5, 10, 20, 30)
FAMILIES = {
    "folds": (fold_splits, "group-disjoint, the frozen folds"),
    "databases": (database_splits, "one database left out"),
    "records": (leaky_record_splits, "LEAKY: random recordings, people on both sides"),
    "windows": (leaky_window_splits, "LEAKY: windows of one recording on both sides"),
    "official": (lambda recordings: [final_split(recordings)], "LEAKY: every recording here was trained on"),
}


class Family:
    """All splits of one kind, put together: every recording scored by a network of its own split.

    Parameters
    ----------
    store : lubdub_tools.records.SignalStore
    folder : pathlib.Path
        The run.
    splits : list of lubdub_tools.splits.Split
    kind : str
        ``int8`` or ``float``.
    weights : numpy.ndarray, optional
        Quality of each window of the store, in order.

    Attributes
    ----------
    logits, thresholds : numpy.ndarray
        Of each recording, ``[n]``; NaN where no split tests it.
    probability : numpy.ndarray
        Calibrated, ``[n]``.
    called, answers : numpy.ndarray
        Forced decision, and decision with inconclusive, ``[n]``.
    """

    def __init__(self, store, folder, splits, kind="int8", weights=None, seconds=None):
        count = len(store)
        self.logits = np.full(count, np.nan)
        self.thresholds = np.full(count, np.nan)
        self.probability = np.full(count, np.nan)
        self.answers = np.zeros(count, int)
        for split in splits:
            logits = recording_logits_of(store, folder, split, kind, weights, seconds)
            for test, rule in _rules(store, folder, split, weights):
                self.logits[test] = logits[test]
                self.thresholds[test] = rule.threshold
                self.probability[test] = rule.platt.probability(logits[test])
                self.answers[test] = rule.answers(logits[test])
        self.known = ~np.isnan(self.logits)
        if weights is not None:
            owners = window_owners(store)
            self.answers[~has_usable_window(owners, count, weights)] = 0
        self.called = self.logits >= self.thresholds

    def columns(self, store):
        """What `lubdub_tools.scoring` takes, of the scored recordings: groups, databases and the columns."""
        k = self.known
        columns = (store.abnormal[k], store.usable[k], self.logits[k], self.called[k], self.answers[k])
        return store.groups[k], store.databases[k], columns


def _tested(folder, split):
    path = folder / split.name / "windows.npz"
    return path.exists() and len(np.load(path)["owner"]) > 0


def _rules(store, folder, split, weights):
    """Pairs of recordings and the rule fitted without them; of the network that ships, its own rule."""
    if split.name.startswith(("fold-", "without-", "final")):
        return [(split.test, rule_for(store, folder, split.name, weights=weights))]
    by_fold = {fold: rule_for(store, folder, f"fold-{fold}", weights=weights) for fold in np.unique(store.folds)}
    return [(split.test[store.folds[split.test] == fold], rule) for fold, rule in by_fold.items()]


def evaluate_run(store, folder, audio, resamples=1000):
    """Write ``evaluation.json`` and ``predictions.csv`` into the run's folder.

    Parameters
    ----------
    store : lubdub_tools.records.SignalStore
    folder : pathlib.Path
        A run that was converted.
    audio : pathlib.Path or None
        The unconditioned recordings, for the noise table, which ``noise.json`` keeps; None leaves it out.
    resamples : int
        Bootstrap resamples by group.

    Returns
    -------
    dict
    """
    folder = Path(folder)
    configuration = Configuration.read(folder / "configuration.json")
    weights = window_weights(store, folder)
    result = {"windowWeights": "equal" if weights is None else "signal quality", "families": {}}
    families = {}
    for name, (make, meaning) in FAMILIES.items():
        splits = [split for split in make(store.recordings) if _tested(folder, split)]
        if not splits:
            continue
        family = families[name] = Family(store, folder, splits, weights=weights)
        groups, databases, columns = family.columns(store)
        result["families"][name] = {
            "meaning": meaning,
            "recordings": int(family.known.sum()),
            "scores": score_everywhere(databases, *columns),
            "intervals": bootstrap_intervals(groups, databases, columns, resamples),
        }
        if name == "databases":
            result["families"][name]["meanAuc"] = float(
                np.mean([result["families"][name]["scores"][s.name[-1]]["auc"] for s in splits])
            )
    folds = families["folds"]
    owners = window_owners(store)
    silent = ~has_usable_window(owners, len(store), np.ones(len(owners)) if weights is None else weights)
    result["noUsableWindow"] = {
        "usable": int((silent & store.usable).sum()),
        "unusable": int((silent & ~store.usable).sum()),
        "markedUsable": int(store.usable.sum()),
        "markedUnusable": int((~store.usable).sum()),
    }
    result["rulesThatHearNothing"] = deaf_rules(store)
    result["quantisation"] = _quantisation(store, folder, weights)
    result["calibration"] = _calibration(store, folds)
    result["riskCoverage"] = risk_coverage(
        store.abnormal[folds.known],
        folds.logits[folds.known],
        folds.thresholds[folds.known],
        store.databases[folds.known],
    )
    result["seconds"] = {}
    for seconds in SECONDS:
        family = Family(store, folder, fold_splits(store.recordings), weights=weights, seconds=seconds)
        _, databases, columns = family.columns(store)
        scores = score_everywhere(databases, *columns)
        result["seconds"][str(seconds)] = {
            "pooledAuc": scores["pooled"]["auc"],
            "pooledMacc": scores["pooled"]["macc"],
            "meanAucInside": scores.get("meanInside", {}).get("auc"),
            "meanMacc": scores.get("meanThresholdDatabases", {}).get("macc"),
        }
    kept = folder / "noise.json"
    if audio is not None and not kept.exists():
        kept.write_text(json.dumps(noise_table(store, folder, configuration, audio, folds.thresholds)) + "\n")
    if kept.exists():
        result["noise"] = json.loads(kept.read_text())
    result["headline"] = headline(result)
    (folder / "evaluation.json").write_text(json.dumps(result, indent=1) + "\n")
    _write_predictions(folder / "predictions.csv", store, families)
    return result


def deaf_rules(store):
    """Score rules that listen to nothing, to stand beside every pooled figure."""
    abnormal, inside_e = store.abnormal, store.databases == "e"
    rates = np.empty(len(store))
    for fold in np.unique(store.folds):
        for database in np.unique(store.databases):
            others = (store.folds != fold) & (store.databases == database)
            rates[(store.folds == fold) & (store.databases == database)] = abnormal[others].mean()
    best = max(np.mean([np.mean(rates[abnormal] >= t), np.mean(rates[~abnormal] < t)]) for t in np.unique(rates))
    told = np.where(inside_e, abnormal, True)
    return {
        "database alone": {"auc": auc(abnormal, rates), "macc": float(best)},
        "e by its true label, all else abnormal": {
            "auc": auc(abnormal, told),
            "macc": decision_scores(abnormal, told)["macc"],
        },
    }


def headline(result):
    """The figures that the contract and the card's first table state."""
    folds = result["families"]["folds"]
    scores = folds["scores"]
    lines = {
        "model": "int8, one network a fold",
        "windowWeights": result["windowWeights"],
        "groupDisjointFolds": {
            "meanAucInsideABCDF": scores.get("meanInside", {}).get("auc"),
            "meanAucInsideInterval": folds["intervals"].get("meanInside", {}).get("auc"),
            "meanMaccABDF": scores.get("meanThresholdDatabases", {}).get("macc"),
            "meanMaccInterval": folds["intervals"].get("meanThresholdDatabases", {}).get("macc"),
            "pooledAuc": scores["pooled"]["auc"],
            "pooledMacc": scores["pooled"]["macc"],
            "perDatabase": {
                name: {key: scores[name][key] for key in ("auc", "sensitivity", "specificity", "macc")}
                for name in scores
                if len(name) == 1
            },
        },
    }
    if "databases" in result["families"]:
        left_out = result["families"]["databases"]
        lines["databaseLeftOut"] = {
            "meanAucABEF": left_out["meanAuc"],
            "perDatabase": {
                name: {key: values[key] for key in ("auc", "sensitivity", "specificity", "macc")}
                for name, values in left_out["scores"].items()
                if len(name) == 1
            },
        }
    return lines


def _quantisation(store, folder, weights):
    """Float against int8 on every recording of the folds, at the int8 networks' thresholds."""
    splits = fold_splits(store.recordings)
    quantised = Family(store, folder, splits, weights=weights)
    exact = Family(store, folder, splits, kind="float", weights=weights)
    k = quantised.known
    difference = np.abs(quantised.probability[k] - exact.probability[k])
    files = [np.load(Path(folder) / split.name / "windows.npz") for split in splits]
    window_float, window_int8 = (np.concatenate([file[kind] for file in files]) for kind in ("float", "int8"))
    inside = {
        str(d): [auc(store.abnormal[m], family.logits[m]) for family in (exact, quantised)]
        for d in np.unique(store.databases)
        for m in [k & (store.databases == d)]
    }
    return {
        "recordings": int(k.sum()),
        "probabilityDifferenceMean": float(difference.mean()),
        "probabilityDifferenceMax": float(difference.max()),
        "verdictFlips": float(np.mean(quantised.called[k] != (exact.logits[k] >= quantised.thresholds[k]))),
        "windowSignFlips": float(np.mean((window_float >= 0) != (window_int8 >= 0))),
        "windowLogitDifferenceMean": float(np.abs(window_float - window_int8).mean()),
        "aucFloat": auc(store.abnormal[k], exact.logits[k]),
        "aucInt8": auc(store.abnormal[k], quantised.logits[k]),
        "aucInsideFloatAndInt8": inside,
    }


def _calibration(store, family):
    """Reliability before (bare sigmoid) and after (Platt fitted on other folds), pooled and at even weights."""
    k = family.known
    abnormal = store.abnormal[k]
    weights = even_weights(abnormal, store.databases[k])
    result = {}
    for name, probability in (
        ("before", 1 / (1 + np.exp(-family.logits[k]))),
        ("after", family.probability[k]),
    ):
        stated, observed, share = reliability(abnormal, probability, weights)
        result[name] = {
            "eceEven": expected_calibration_error(abnormal, probability, weights),
            "ecePooled": expected_calibration_error(abnormal, probability),
            "stated": stated.tolist(),
            "observed": observed.tolist(),
            "share": share.tolist(),
        }
    return result


def _write_predictions(path, store, families):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            [
                "family",
                "record",
                "database",
                "abnormal",
                "usable",
                "group",
                "logit",
                "threshold",
                "probability",
                "answer",
            ]
        )
        for name, family in families.items():
            for index in np.flatnonzero(family.known):
                r = store.recordings[index]
                writer.writerow(
                    [
                        name,
                        r.record,
                        r.database,
                        int(r.abnormal),
                        int(r.usable),
                        r.group,
                        f"{family.logits[index]:.5f}",
                        f"{family.thresholds[index]:.5f}",
                        f"{family.probability[index]:.5f}",
                        family.answers[index],
                    ]
                )

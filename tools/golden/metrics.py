"""Write test/golden/metrics.json: scores of made-up recordings as scikit-learn and numpy compute them.

Run from the repository's root: ``tools/.venv/bin/python tools/golden/metrics.py``.

Each case holds the recordings (label, probability, answer, quality mark, database, group) and what must come out. The
bootstrap intervals come from another random generator than lubdub's, so that they agree only up to chance.
"""

import json
import platform
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve

OUTPUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "metrics.json"
SEED = 2016
COMMAND = "tools/.venv/bin/python tools/golden/metrics.py"
THRESHOLD = 0.4
UNCERTAIN = (0.3, 0.5)
REPLICATES = 4000


def case(generator, count, decimals, databases, people):
    """Recordings whose probabilities lean towards their label; few decimals make ties."""
    database = generator.choice(databases, count)
    person = generator.integers(0, people, count)
    abnormal = (person * 7 + database.astype("U1").view(np.uint32)) % 3 == 0
    logits = generator.normal(0, 1, people)[person] + generator.normal(0, 1, count) + 1.5 * abnormal - 1
    probability = np.round(1 / (1 + np.exp(-logits)), decimals)
    usable = generator.uniform(size=count) < 0.8
    answer = np.where(probability >= UNCERTAIN[1], 1, np.where(probability < UNCERTAIN[0], -1, 0))
    return {
        "abnormal": abnormal,
        "probability": probability,
        "answer": answer,
        "usable": usable,
        "database": database,
        "group": np.array([f"p{p}" for p in person]),
    }


def challenge(abnormal, usable, answer):
    """score2016Challenge.m's formula, term by term, with its weights by shares; an empty part adds nothing."""
    result = []
    for truth, right in ((abnormal, 1), (~abnormal, -1)):
        score = 0.0
        for part, counts_unsure in ((truth & usable, False), (truth & ~usable, True)):
            if not part.any():
                continue
            weight = part.sum() / truth.sum()
            correct = (answer[part] == right).sum() + (counts_unsure and (answer[part] == 0).sum())
            score += weight * correct / part.sum()
        result.append(float(score))
    return {
        "challengeSensitivity": result[0],
        "challengeSpecificity": result[1],
        "challengeScore": sum(result) / 2,
    }


def figures(c):
    """All figures of one case, both classes present."""
    abnormal, called = c["abnormal"], c["probability"] >= THRESHOLD
    tn, fp, fn, tp = (int(v) for v in metrics.confusion_matrix(abnormal, called, labels=[False, True]).ravel())
    keep = {"zero_division": np.nan}
    clear = c["answer"] != 0
    return {
        "auc": metrics.roc_auc_score(abnormal, c["probability"]),
        "sensitivity": metrics.recall_score(abnormal, called),
        "specificity": metrics.recall_score(~abnormal, ~called),
        "macc": metrics.balanced_accuracy_score(abnormal, called),
        "accuracy": metrics.accuracy_score(abnormal, called),
        "precisionAbnormal": metrics.precision_score(abnormal, called, **keep),
        "recallAbnormal": metrics.recall_score(abnormal, called),
        "f1Abnormal": metrics.f1_score(abnormal, called),
        "precisionNormal": metrics.precision_score(~abnormal, ~called, **keep),
        "recallNormal": metrics.recall_score(~abnormal, ~called),
        "f1Normal": metrics.f1_score(~abnormal, ~called),
        **challenge(abnormal, c["usable"], c["answer"]),
        "conclusiveSensitivity": metrics.recall_score(abnormal[clear], c["answer"][clear] == 1),
        "conclusiveSpecificity": metrics.recall_score(~abnormal[clear], c["answer"][clear] == -1),
        "conclusiveMacc": metrics.balanced_accuracy_score(abnormal[clear], c["answer"][clear] == 1),
        "conclusiveAccuracy": metrics.accuracy_score(abnormal[clear], c["answer"][clear] == 1),
        "inconclusive": np.mean(~clear),
        "inconclusiveMarkedUsable": np.mean(~clear[c["usable"]]),
        "inconclusiveMarkedUnusable": np.mean(~clear[~c["usable"]]),
        "confusion": {"truePositive": tp, "falseNegative": fn, "falsePositive": fp, "trueNegative": tn},
    }


def roc(c):
    """Every point, infinity as null."""
    fpr, tpr, thresholds = metrics.roc_curve(c["abnormal"], c["probability"], drop_intermediate=False)
    return [
        [None if np.isinf(t) else float(t), float(f), float(s)] for t, f, s in zip(thresholds, fpr, tpr, strict=True)
    ]


def calibration(c):
    """Bins that are not empty, and the expected calibration error."""
    share, mean = calibration_curve(c["abnormal"], c["probability"], n_bins=10, strategy="uniform")
    edges = np.linspace(0, 1, 11)
    counts = np.bincount(np.searchsorted(edges[1:-1], c["probability"]), minlength=10)
    filled = counts > 0
    error = float(np.sum(counts[filled] / counts.sum() * np.abs(share - mean)))
    return {
        "counts": counts.tolist(),
        "abnormalShare": share.tolist(),
        "meanProbability": mean.tolist(),
        "error": error,
    }


def risk_coverage(c):
    """Errors among the k clearest for every k; only called for probabilities without ties."""
    distance = np.abs(np.log(c["probability"] / (1 - c["probability"])) - np.log(THRESHOLD / (1 - THRESHOLD)))
    order = np.argsort(-distance)
    wrong = (c["abnormal"] != (c["probability"] >= THRESHOLD))[order]
    risk = np.cumsum(wrong) / np.arange(1, len(wrong) + 1)
    return {"risk": risk.tolist(), "area": float(risk.mean())}


def intervals(c, generator):
    """Percentile intervals by resampling groups inside databases."""
    names = sorted(np.unique(c["database"]))
    members = {
        d: [np.flatnonzero((c["database"] == d) & (c["group"] == g)) for g in np.unique(c["group"][c["database"] == d])]
        for d in names
    }
    collected = {"auc": [], "macc": [], "f1Abnormal": [], "challengeScore": [], "meanAuc": []}
    for _ in range(REPLICATES):
        parts = {
            d: np.concatenate([groups[i] for i in generator.integers(0, len(groups), len(groups))])
            for d, groups in members.items()
        }
        chosen = np.concatenate(list(parts.values()))
        abnormal, probability = c["abnormal"][chosen], c["probability"][chosen]
        called = probability >= THRESHOLD
        collected["auc"].append(metrics.roc_auc_score(abnormal, probability))
        collected["macc"].append(
            (np.mean(called[abnormal]) + np.mean(~called[~abnormal])) / 2
            if 0 < abnormal.sum() < len(abnormal)
            else np.nan
        )
        tp = (abnormal & called).sum()
        collected["f1Abnormal"].append(2 * tp / (2 * tp + (abnormal != called).sum()))
        collected["challengeScore"].append(
            challenge(abnormal, c["usable"][chosen], c["answer"][chosen])["challengeScore"]
        )
        inside = [
            metrics.roc_auc_score(c["abnormal"][p], c["probability"][p])
            if 0 < c["abnormal"][p].sum() < len(p)
            else np.nan
            for p in parts.values()
        ]
        collected["meanAuc"].append(np.mean(inside))
    return {name: np.nanpercentile(values, [2.5, 97.5]).tolist() for name, values in collected.items()}


def plain(value):
    """The same for JSON: arrays as lists, numpy's numbers as Python's."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


def main():
    """Write the file."""
    generator = np.random.default_rng(SEED)
    shapes = {
        "ties": (300, 2, list("abc"), 40),
        "many ties": (60, 1, list("a"), 60),
        "no ties": (200, 15, list("ab"), 100),
        "few groups": (120, 15, list("abd"), 12),
    }
    cases = []
    for name, shape in shapes.items():
        c = case(generator, *shape)
        inside = {
            d: figures({key: column[c["database"] == d] for key, column in c.items()}) for d in np.unique(c["database"])
        }
        cases.append(
            {
                "name": name,
                "recordings": c,
                "pooled": figures(c),
                "inside": {str(d): f for d, f in inside.items()},
                "meanAuc": float(np.mean([f["auc"] for f in inside.values()])),
                "roc": roc(c),
                "calibration": calibration(c),
                "riskCoverage": risk_coverage(c) if name == "no ties" else None,
                "intervals": intervals(c, generator),
            }
        )
    golden = {
        "command": COMMAND,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
        "seed": SEED,
        "threshold": THRESHOLD,
        "replicates": REPLICATES,
        "cases": [plain(c) for c in cases],
    }
    OUTPUT.write_text(json.dumps(golden) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

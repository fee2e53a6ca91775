"""What the fold networks say when the runtime itself runs them: from the outputs of ``lubdub evaluate``."""

import csv
import json
from pathlib import Path

import numpy as np

from .calibration import Platt
from .metrics import INSIDE, THRESHOLD_DATABASES, auc, decision_scores


def deployed_scores(folder):
    """Score ``folder/node/SPLIT/predictions.csv``, each with the threshold of its own contract.

    Returns
    -------
    dict or None
        Figures of the folds pooled and per database, and under ``leftOut`` of the networks that never saw a database,
        where those ran; None where a fold's predictions are missing.
    """
    folder = Path(folder)
    inside = _scores_of(folder, "fold-*")
    if inside is None:
        return None
    left_out = _scores_of(folder, "without-*")
    result = {
        **inside,
        "meanAucInsideABCDF": float(np.mean([inside["perDatabase"][name]["auc"] for name in INSIDE])),
        "meanMaccABDF": float(np.mean([inside["perDatabase"][name]["macc"] for name in THRESHOLD_DATABASES])),
    }
    if left_out is not None:
        rows = left_out["perDatabase"]
        result["leftOut"] = {"perDatabase": rows, "meanAuc": float(np.mean([row["auc"] for row in rows.values()]))}
    return result


def _scores_of(folder, splits):
    places = sorted(folder.glob(splits))
    rows = [_read(place, folder / "node" / place.name / "predictions.csv") for place in places]
    if not rows or any(part is None for part in rows):
        return None
    columns = zip(*(row for part in rows for row in part), strict=True)
    database, label, marked, verdict, logit, called = (np.array(column) for column in columns)
    abnormal, usable, withheld = label == "abnormal", marked == "1", verdict == "inconclusive"

    def scores(chosen):
        decided = decision_scores(abnormal[chosen], called[chosen])
        return {
            "recordings": int(chosen.sum()),
            "auc": auc(abnormal[chosen], logit[chosen]),
            **{key: decided[key] for key in ("sensitivity", "specificity", "macc")},
            "inconclusiveUsable": float(withheld[chosen & usable].mean()),
            "inconclusiveUnusable": float(withheld[chosen & ~usable].mean()) if (chosen & ~usable).any() else None,
        }

    inside = {str(name): scores(database == name) for name in np.unique(database)}
    return {"pooled": scores(np.ones(len(database), bool)), "perDatabase": inside}


def _read(place, predictions):
    """Rows of one split that have a probability, None where the runtime has not been there."""
    if not predictions.exists():
        return None
    contract = json.loads((place / "heart-sound.json").read_text())
    platt = Platt(contract["calibration"]["scale"], contract["calibration"]["offset"])
    threshold = contract["verdict"]["abnormalAtLeast"]
    rows = []
    with open(predictions, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["probability"]:
                p = float(row["probability"])
                named = [row[name] for name in ("database", "label", "markedUsable", "verdict")]
                rows.append((*named, platt.logit(p), p >= threshold))
    return rows


def deployed_table(result):
    """Write the figures as Markdown."""
    lines = [
        "### As deployed: the runtime's own `lubdub evaluate`, group-disjoint frozen folds, every recording",
        "",
        *_table({**result["perDatabase"], "pooled": result["pooled"]}),
        "",
        f"Mean AUC inside a, b, c, d, f: {result['meanAucInsideABCDF']:.3f}. Mean MAcc in a, b, d, f: "
        f"{result['meanMaccABDF']:.3f}. AUC, sensitivity, specificity and MAcc force a class on every recording.",
        "",
    ]
    if "leftOut" in result:
        lines += [
            "### As deployed, one database left out of training, calibration and threshold",
            "",
            *_table(result["leftOut"]["perDatabase"]),
            "",
            f"Mean AUC over these: {result['leftOut']['meanAuc']:.3f}.",
            "",
        ]
    return "\n".join(lines)


def _table(rows):
    lines = [
        "| database | n | AUC | sensitivity | specificity | MAcc | inconclusive usable / unusable |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        cells = [f"{row[key]:.3f}" for key in ("auc", "sensitivity", "specificity", "macc")]
        shares = " / ".join(
            "-" if row[key] is None else f"{row[key]:.3f}" for key in ("inconclusiveUsable", "inconclusiveUnusable")
        )
        lines.append(f"| {name} | {row['recordings']} | " + " | ".join(cells) + f" | {shares} |")
    return lines

"""What the fold networks say when the runtime itself runs them: from the outputs of ``lubdub evaluate``."""

import csv
import json
from pathlib import Path

import numpy as np

from .metrics import INSIDE, THRESHOLD_DATABASES, auc, decision_scores


def deployed_scores(folder):
    """Score ``folder/node/fold-K/predictions.csv``, each with the threshold of its own contract.

    Returns
    -------
    dict or None
        Figures pooled and per database; None where a fold's predictions are missing.
    """
    folder = Path(folder)
    rows = []
    for place in sorted(folder.glob("fold-*")):
        predictions = folder / "node" / place.name / "predictions.csv"
        if not predictions.exists():
            return None
        contract = json.loads((place / "heart-sound.json").read_text())
        calibration, threshold = contract["calibration"], contract["verdict"]["abnormalAtLeast"]
        with open(predictions, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["probability"]:
                    p = float(row["probability"])
                    logit = (np.log(p / (1 - p)) - calibration["offset"]) / calibration["scale"]
                    named = [row[name] for name in ("database", "label", "markedUsable", "verdict")]
                    rows.append((*named, logit, p >= threshold))
    database, label, marked, verdict, logit, called = (np.array(column) for column in zip(*rows, strict=True))
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
    return {
        "pooled": scores(np.ones(len(rows), bool)),
        "perDatabase": inside,
        "meanAucInsideABCDF": float(np.mean([inside[name]["auc"] for name in INSIDE])),
        "meanMaccABDF": float(np.mean([inside[name]["macc"] for name in THRESHOLD_DATABASES])),
    }


def deployed_table(result):
    """Write the figures as a Markdown table."""
    lines = [
        "### As deployed: the runtime's own `lubdub evaluate`, group-disjoint frozen folds, every recording",
        "",
        "| database | n | AUC | sensitivity | specificity | MAcc | inconclusive usable / unusable |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in {**result["perDatabase"], "pooled": result["pooled"]}.items():
        cells = [f"{row[key]:.3f}" for key in ("auc", "sensitivity", "specificity", "macc")]
        shares = " / ".join(
            "-" if row[key] is None else f"{row[key]:.3f}" for key in ("inconclusiveUsable", "inconclusiveUnusable")
        )
        lines.append(f"| {name} | {row['recordings']} | " + " | ".join(cells) + f" | {shares} |")
    lines += [
        "",
        f"Mean AUC inside a, b, c, d, f: {result['meanAucInsideABCDF']:.3f}. Mean MAcc in a, b, d, f: "
        f"{result['meanMaccABDF']:.3f}. AUC, sensitivity, specificity and MAcc force a class on every recording, also "
        "on those without a usable window, which the tables below leave out.",
        "",
    ]
    return "\n".join(lines)

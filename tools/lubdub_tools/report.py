"""Plots and tables from a run's predictions, by one command."""

import csv
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from .metrics import auc

COLOURS = {"a": "#0072b2", "b": "#d55e00", "c": "#009e73", "d": "#cc79a7", "e": "#7f7f7f", "f": "#e69f00"}
"""Okabe and Ito's palette, which colour-blind people can tell apart."""
FAMILY_NAMES = {
    "folds": "group-disjoint folds",
    "databases": "database left out",
    "records": "LEAKY: by recording",
    "windows": "LEAKY: by window",
    "official": "LEAKY: official validation",
}


def write_report(folder):
    """Draw every plot of a run into ``folder/figures`` and write ``folder/tables.md``.

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    folder = Path(folder)
    figures = folder / "figures"
    figures.mkdir(exist_ok=True)
    result = json.loads((folder / "evaluation.json").read_text())
    predictions = _read_predictions(folder / "predictions.csv")
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "savefig.dpi": 110})
    drawn = [
        _save(figures / "learning.png", _learning, folder),
        _save(figures / "roc.png", _roc, predictions),
        _save(figures / "confusion.png", _confusion, result),
        _save(figures / "databases.png", _databases, result),
        _save(figures / "splits.png", _splits, result),
        _save(figures / "reliability.png", _reliability, result),
        _save(figures / "risk-coverage.png", _risk_coverage, result),
        _save(figures / "seconds.png", _seconds, result),
    ]
    if "noise" in result:
        drawn.append(_save(figures / "noise.png", _noise, result))
    tables = folder / "tables.md"
    tables.write_text(write_tables(result), encoding="utf-8")
    return [*drawn, tables]


def _save(path, draw, *arguments):
    figure = draw(*arguments)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
    return path


def _read_predictions(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    families = {}
    for name in dict.fromkeys(row["family"] for row in rows):
        of = [row for row in rows if row["family"] == name]
        families[name] = {
            "database": np.array([row["database"] for row in of]),
            "abnormal": np.array([row["abnormal"] == "1" for row in of]),
            "logit": np.array([float(row["logit"]) for row in of]),
            "threshold": np.array([float(row["threshold"]) for row in of]),
        }
    return families


READERS = (("patterns", "curve.csv", "label_loss"), ("gaps", "gap-curve.csv", "loss"))


def _learning(folder):
    readers = [reader for reader in READERS if any(folder.glob(f"*/member-1/{reader[1]}"))]
    figure, axes = plt.subplots(len(readers), 2, figsize=(9, 3.4 * len(readers)), sharey=True, squeeze=False)
    for row, (reader, file, column) in zip(axes, readers, strict=True):
        for axis, splits, title in zip(
            row, ("fold-*", "without-*"), ("frozen folds", "database left out"), strict=True
        ):
            for number, path in enumerate(sorted(folder.glob(f"{splits}/member-1/{file}"))):
                _learning_curve(axis, path, column, f"C{number}")
            axis.set(title=f"{reader}, {title}", xlabel="training step")
            if axis.get_legend_handles_labels()[1]:
                axis.legend(frameon=False, fontsize=8)
        row[0].set_ylabel("cross-entropy (thin: training,\ndots: unseen windows, even weights)")
    return figure


def _learning_curve(axis, path, column, colour):
    with open(path, newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row[column]]
    if not rows:  # taken over from another run, or of a network without patterns
        return
    steps = [int(row["step"]) for row in rows]
    axis.plot(steps, _smooth([float(row[column]) for row in rows]), color=colour, lw=0.9, alpha=0.6)
    seen = [(int(row["step"]), float(row["unseen_loss"])) for row in rows if row["unseen_loss"]]
    if seen:
        axis.plot(*zip(*seen, strict=True), color=colour, marker="o", ms=3, label=path.parts[-3])


def _smooth(values, width=5):
    padded = np.pad(values, width // 2, mode="edge")
    return np.convolve(padded, np.ones(width) / width, "valid")


def _roc(predictions):
    names = [name for name in ("folds", "databases") if name in predictions]
    figure, axes = plt.subplots(1, len(names), figsize=(4.4 * len(names), 4.2), squeeze=False)
    for axis, name in zip(axes[0], names, strict=True):
        family = predictions[name]
        for database in np.unique(family["database"]):
            inside = family["database"] == database
            abnormal, logit = family["abnormal"][inside], family["logit"][inside]
            order = np.argsort(-logit, kind="stable")
            hits = np.concatenate([[0], np.cumsum(abnormal[order])]) / abnormal.sum()
            alarms = np.concatenate([[0], np.cumsum(~abnormal[order])]) / (~abnormal).sum()
            label = f"{database}  {auc(abnormal, logit):.3f}"
            axis.plot(alarms, hits, color=COLOURS[database], lw=1.3, label=label)
            called = logit >= family["threshold"][inside]
            axis.plot(
                (called & ~abnormal).sum() / (~abnormal).sum(),
                (called & abnormal).sum() / abnormal.sum(),
                "o",
                color=COLOURS[database],
                ms=5,
            )
        axis.plot([0, 1], [0, 1], color="0.8", lw=0.8, zorder=0)
        axis.set(title=FAMILY_NAMES[name], xlabel="1 - specificity", ylabel="sensitivity", aspect="equal")
        axis.legend(title="database, AUC", frameon=False, fontsize=8, loc="lower right")
    return figure


def _confusion(result):
    scores = result["families"]["folds"]["scores"]
    names = ["pooled", *[name for name in scores if len(name) == 1]]
    figure, axes = plt.subplots(1, len(names), figsize=(1.5 * len(names), 2.1))
    for axis, name in zip(axes, names, strict=True):
        s = scores[name]
        matrix = np.array([[s["trueNegative"], s["falsePositive"]], [s["falseNegative"], s["truePositive"]]])
        axis.imshow(matrix / matrix.sum(axis=1, keepdims=True), cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(matrix):
            dark = count / matrix[row].sum() > 0.6
            axis.text(column, row, count, ha="center", va="center", color="white" if dark else "black", fontsize=9)
        axis.set(title=name, xticks=[0, 1], yticks=[0, 1], xticklabels=["n", "a"], yticklabels=["n", "a"])
        axis.tick_params(length=0)
    axes[0].set_ylabel("label")
    axes[0].set_xlabel("called")
    return figure


def _databases(result):
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.2), sharey=True)
    for axis, key in zip(axes, ("auc", "sensitivity", "specificity"), strict=True):
        for offset, name, hatch in ((-0.2, "folds", None), (0.2, "databases", "///")):
            if name not in result["families"]:
                continue
            family = result["families"][name]
            for place, database in enumerate("abcdef"):
                if database not in family["scores"]:
                    continue
                value = family["scores"][database][key]
                axis.bar(place + offset, value, 0.38, color=COLOURS[database], hatch=hatch, edgecolor="white")
                interval = family["intervals"].get(database, {}).get(key)
                if interval:
                    axis.plot([place + offset] * 2, interval, color="black", lw=1)
        axis.axhline(0.5, color="0.7", lw=0.7, zorder=0)
        axis.set(title=key.replace("auc", "AUC"), xticks=range(6), xticklabels=list("abcdef"), ylim=(0, 1))
    axes[0].set_ylabel("plain: frozen folds\nhatched: database left out")
    return figure


def _splits(result):
    figure, axis = plt.subplots(figsize=(6.4, 3.2))
    names = [name for name in FAMILY_NAMES if name in result["families"]]
    bars = (
        ("pooled AUC", "pooled", "auc"),
        ("mean AUC inside a-d, f", "meanInside", "auc"),
        ("pooled MAcc", "pooled", "macc"),
        ("mean MAcc in a, b, d, f", "meanThresholdDatabases", "macc"),
    )
    for number, (label, scope, key) in enumerate(bars):
        for place, name in enumerate(names):
            value = result["families"][name]["scores"].get(scope, {}).get(key)
            if value is None:
                continue
            axis.bar(place + 0.2 * (number - 1.5), value, 0.18, color=f"C{number}", label=label if place == 0 else None)
            axis.text(place + 0.2 * (number - 1.5), value + 0.01, f"{value:.2f}", ha="center", fontsize=7)
    axis.set(
        xticks=range(len(names)),
        ylim=(0.4, 1.05),
        ylabel="score",
        xticklabels=[FAMILY_NAMES[name].replace(": ", ":\n").replace("database ", "database\n") for name in names],
    )
    axis.legend(frameon=False, fontsize=7, ncol=2, loc="upper left", bbox_to_anchor=(0, 1.16))
    return figure


def _reliability(result):
    figure, axes = plt.subplots(1, 2, figsize=(7.4, 3.6), sharey=True)
    for axis, name in zip(axes, ("before", "after"), strict=True):
        points = result["calibration"][name]
        axis.plot([0, 1], [0, 1], color="0.8", lw=0.8)
        axis.plot(points["stated"], points["observed"], color="C0", lw=1)
        axis.scatter(
            points["stated"], points["observed"], s=20 + 600 * np.array(points["share"]), color="C0", alpha=0.6
        )
        axis.set(
            title=f"{name} calibration, ECE {points['eceEven']:.3f}",
            xlabel="stated probability",
            aspect="equal",
            xlim=(0, 1),
            ylim=(0, 1),
        )
    axes[0].set_ylabel("observed frequency of abnormal\n(databases and classes at even weights)")
    return figure


def _risk_coverage(result):
    curve = result["riskCoverage"]
    figure, axis = plt.subplots(figsize=(4.8, 3.4))
    axis.plot(curve["coverage"], curve["error"], label="error, pooled")
    axis.plot(curve["coverage"], curve["balancedError"], label="1 - mean MAcc in a, b, d, f")
    axis.set(xlabel="share of recordings that get a class", ylabel="error", ylim=(0, None))
    axis.legend(frameon=False)
    return figure


def _seconds(result):
    figure, axis = plt.subplots(figsize=(4.8, 3.4))
    seconds = [int(value) for value in result["seconds"]]
    for key, label in (
        ("pooledAuc", "AUC, pooled"),
        ("meanAucInside", "AUC, mean inside a-d, f"),
        ("pooledMacc", "MAcc, pooled"),
        ("meanMacc", "MAcc, mean in a, b, d, f"),
    ):
        axis.plot(seconds, [row[key] for row in result["seconds"].values()], marker="o", label=label)
    axis.set(xlabel="first seconds of the recording used", ylabel="score", ylim=(0.5, 1), xticks=seconds)
    axis.legend(frameon=False, fontsize=8)
    return figure


NOISE_LINES = (
    ("meanAucInside", "AUC, mean of a to d and f", "C0"),
    ("meanSensitivity", "sensitivity, mean of a, b, d, f", "C1"),
    ("meanSpecificity", "specificity, mean of a, b, d, f", "C2"),
)


def _noise(result):
    table = result["noise"]
    kinds = list(dict.fromkeys(name.split("/")[0] for name in table if "/" in name))
    figure, axes = plt.subplots(1, len(kinds), figsize=(2.6 * len(kinds), 3.2), sharey=True)
    for axis, kind in zip(axes, kinds, strict=True):
        names = ["clean", *[name for name in table if name.startswith(f"{kind}/")]]
        for filtered, style in (("bandPass", "-"), ("noBandPass", "--")):
            for key, meaning, colour in NOISE_LINES:
                axis.plot(
                    range(len(names)),
                    [table[name][filtered][key] for name in names],
                    style,
                    color=colour,
                    marker=".",
                    label=meaning if filtered == "bandPass" else None,
                )
        axis.set(
            title=kind,
            xticks=range(len(names)),
            xlabel="signal to noise, dB",
            xticklabels=[name.split("/")[-1] for name in names],
            ylim=(0, 1),
        )
    axes[0].set_ylabel("score (dashed: no band-pass)")
    axes[0].legend(frameon=False, fontsize=7, loc="lower left")
    return figure


def write_tables(result):
    """All figures as Markdown tables, each with its split."""
    lines = []
    for name, family in result["families"].items():
        lines += [f"### {FAMILY_NAMES[name]} ({family['meaning']})", ""]
        lines += [
            "| scope | n | AUC | sensitivity | specificity | MAcc | accuracy | precision a / n | F1 a / n | "
            "Challenge score | inconclusive usable / unusable |",
            "|---|---|---|---|---|---|---|---|---|---|---|",
        ]
        for scope, s in family["scores"].items():
            interval = family["intervals"].get(scope, {})
            cell = lambda key, s=s, i=interval: _cell(s.get(key), i.get(key))  # noqa: E731
            lines.append(
                f"| {SCOPES.get(scope, scope)} | {s.get('count', '')} | {cell('auc')} | {cell('sensitivity')} | "
                f"{cell('specificity')} | {cell('macc')} | {_cell(s.get('accuracy'))} | "
                f"{_cell(s.get('precisionAbnormal'))} / {_cell(s.get('precisionNormal'))} | "
                f"{_cell(s.get('f1Abnormal'))} / {_cell(s.get('f1Normal'))} | {_cell(s.get('challenge'))} | "
                f"{_cell(s.get('inconclusiveUsable'))} / {_cell(s.get('inconclusiveUnusable'))} |"
            )
        lines.append("")
    lines += _deaf_table(result) + _other_tables(result)
    if "noise" in result:
        lines += [f"### Noise, {result['noise']['sample']} recordings, frozen folds", ""]
        lines += [
            "| noise, dB | mean AUC inside | mean MAcc | sensitivity | specificity | without band-pass: AUC | MAcc |",
            "|---|---|---|---|---|---|---|",
        ]
        for name, row in result["noise"].items():
            if name == "sample":
                continue
            w, o = row["bandPass"], row["noBandPass"]
            keys = ("meanAucInside", "meanMacc", "meanSensitivity", "meanSpecificity")
            cells = [_cell(w[key]) for key in keys] + [_cell(o[key]) for key in keys[:2]]
            lines.append(f"| {name.replace('/', ', ')} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def _deaf_table(result):
    silent = result["noUsableWindow"]
    lines = ["### Rules that hear nothing", "", "| rule | AUC pooled | MAcc pooled |", "|---|---|---|"]
    for name, row in result["rulesThatHearNothing"].items():
        lines.append(f"| {name} | {_cell(row['auc'])} | {_cell(row['macc'])} |")
    lines += [
        "",
        f"The signal quality stage finds no usable window in {silent['usable']} of {silent['markedUsable']} "
        f"recordings marked usable and {silent['unusable']} of {silent['markedUnusable']} marked unusable. "
        "They are inconclusive; where a class is forced on them, all their windows count alike, as on the device.",
        "",
    ]
    return lines


def _other_tables(result):
    q, before, after = result["quantisation"], result["calibration"]["before"], result["calibration"]["after"]
    lines = ["### int8 against float, frozen folds", "", "| | |", "|---|---|"]
    lines += [
        f"| AUC pooled, float / int8 | {q['aucFloat']:.4f} / {q['aucInt8']:.4f} |",
        f"| probability difference, mean / largest | {q['probabilityDifferenceMean']:.4f} / "
        f"{q['probabilityDifferenceMax']:.4f} |",
        f"| recordings whose forced verdict flips | {100 * q['verdictFlips']:.2f} % of {q['recordings']} |",
        f"| windows whose logit changes sign | {100 * q['windowSignFlips']:.2f} % |",
    ]
    for database, (exact, quantised) in q["aucInsideFloatAndInt8"].items():
        lines.append(f"| AUC inside {database}, float / int8 | {exact:.4f} / {quantised:.4f} |")
    lines += ["", "### Calibration, frozen folds", "", "| expected calibration error | before | after |"]
    lines += [
        "|---|---|---|",
        f"| databases and classes at even weights | {before['eceEven']:.3f} | {after['eceEven']:.3f} |",
        f"| pooled (one in five abnormal, so probabilities at even odds run high) | {before['ecePooled']:.3f} | "
        f"{after['ecePooled']:.3f} |",
        "",
        "### By length, frozen folds",
        "",
        "| first seconds | AUC pooled | mean AUC inside | MAcc pooled | mean MAcc in a, b, d, f |",
        "|---|---|---|---|---|",
    ]
    for seconds, row in result["seconds"].items():
        cells = [_cell(row[key]) for key in ("pooledAuc", "meanAucInside", "pooledMacc", "meanMacc")]
        lines.append(f"| {seconds} | " + " | ".join(cells) + " |")
    return [*lines, ""]


SCOPES = {"meanInside": "mean of a, b, c, d, f", "meanThresholdDatabases": "mean of a, b, d, f"}


def _cell(value, interval=None):
    if value is None or value != value:
        return "-"
    text = f"{value:.3f}".replace("0.", ".", 1) if value < 1 else f"{value:.2f}"
    return text if interval is None else f"{text} ({interval[0]:.2f}-{interval[1]:.2f})"

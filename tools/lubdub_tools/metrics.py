"""Scores of recordings: pooled, inside a database, and as the mean over databases."""

import numpy as np

INSIDE = "abcdf"
"""Databases whose mean AUC counts: e's classes are told apart by their recording chains."""
THRESHOLD_DATABASES = "abdf"
"""Databases whose mean MAcc counts; c has six normal recordings."""


def auc(abnormal, scores):
    """Area under the ROC curve by ranks, ties shared; NaN where a class is missing."""
    abnormal = np.asarray(abnormal, bool)
    scores = np.asarray(scores, float)
    positives, negatives = int(abnormal.sum()), int((~abnormal).sum())
    if positives == 0 or negatives == 0:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[abnormal].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _ratio(part, whole):
    return float(part / whole) if whole else float("nan")


def decision_scores(abnormal, called_abnormal):
    """Counts and rates of hard decisions, with abnormal as positive unless the name says otherwise.

    ``macc`` is the mean of sensitivity and specificity, which is the Challenge's score where nothing is called
    unsure.
    """
    abnormal, called = np.asarray(abnormal, bool), np.asarray(called_abnormal, bool)
    tp, fn = int((abnormal & called).sum()), int((abnormal & ~called).sum())
    fp, tn = int((~abnormal & called).sum()), int((~abnormal & ~called).sum())
    sensitivity, specificity = _ratio(tp, tp + fn), _ratio(tn, tn + fp)
    return {
        "count": len(abnormal),
        "truePositive": tp,
        "falseNegative": fn,
        "falsePositive": fp,
        "trueNegative": tn,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "macc": (sensitivity + specificity) / 2,
        "accuracy": _ratio(tp + tn, len(abnormal)),
        "precisionAbnormal": _ratio(tp, tp + fp),
        "recallAbnormal": sensitivity,
        "f1Abnormal": _ratio(2 * tp, 2 * tp + fp + fn),
        "precisionNormal": _ratio(tn, tn + fn),
        "recallNormal": specificity,
        "f1Normal": _ratio(2 * tn, 2 * tn + fn + fp),
    }


def challenge_score(abnormal, usable, answers):
    """Score of PhysioNet/CinC 2016: mean of modified sensitivity and specificity.

    Parameters
    ----------
    abnormal, usable : numpy.ndarray
        Labels and the organisers' quality marks, bool ``[n]``.
    answers : numpy.ndarray
        1 abnormal, -1 normal, 0 unsure, ``[n]``.

    Notes
    -----
    An unsure answer is worth nothing on a usable recording and counts as right on one of poor quality. Usable and
    poor recordings of a class are weighted by their shares in that class (Liu et al. 2016, section 6).
    """
    abnormal, usable, answers = np.asarray(abnormal, bool), np.asarray(usable, bool), np.asarray(answers)

    def modified(of_class, right):
        good, poor = of_class & usable, of_class & ~usable
        total = of_class.sum()
        if total == 0:
            return float("nan")
        score = (answers[good] == right).sum() + ((answers[poor] == right) | (answers[poor] == 0)).sum()
        return float(score / total)

    return (modified(abnormal, 1) + modified(~abnormal, -1)) / 2


def by_database(function, databases, *columns):
    """``function(*columns)`` inside each database, a dictionary."""
    return {d: function(*(np.asarray(c)[databases == d] for c in columns)) for d in np.unique(databases)}


def mean_inside(values, databases):
    """Mean of a dictionary's values over some databases; NaN where one of them is missing."""
    return float(np.mean([values.get(d, np.nan) for d in databases]))

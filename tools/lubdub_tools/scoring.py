"""All scores of a set of decided recordings, in every scope, with intervals by group."""

import numpy as np

from .metrics import INSIDE, THRESHOLD_DATABASES, auc, challenge_score, decision_scores

SCOPES_OVER = {"meanInside": INSIDE, "meanThresholdDatabases": THRESHOLD_DATABASES}


def score(abnormal, usable, logits, called, answers):
    """Scores of one scope.

    Parameters
    ----------
    abnormal, usable : numpy.ndarray
        Labels and the organisers' quality marks, bool ``[n]``.
    logits : numpy.ndarray
        Evidence, for the AUC.
    called : numpy.ndarray
        Forced decisions at the one threshold, bool ``[n]``.
    answers : numpy.ndarray
        1, -1, or 0 for inconclusive, ``[n]``.
    """
    return {
        "auc": auc(abnormal, logits),
        **decision_scores(abnormal, called),
        "challenge": challenge_score(abnormal, usable, np.where(called, 1, -1)),
        "challengeWithInconclusive": challenge_score(abnormal, usable, answers),
        "inconclusiveUsable": float(np.mean(answers[usable] == 0)) if usable.any() else float("nan"),
        "inconclusiveUnusable": float(np.mean(answers[~usable] == 0)) if (~usable).any() else float("nan"),
    }


def score_everywhere(databases, abnormal, usable, logits, called, answers):
    """Scores pooled, per database, and averaged over databases: scope to scores."""
    columns = (abnormal, usable, logits, called, answers)
    result = {"pooled": score(*columns)}
    for database in np.unique(databases):
        inside = databases == database
        result[str(database)] = score(*(column[inside] for column in columns))
    for scope, names in SCOPES_OVER.items():
        if all(name in result for name in names):
            keys = [key for key, value in result["pooled"].items() if isinstance(value, float)]
            result[scope] = {key: float(np.mean([result[name][key] for name in names])) for key in keys}
    return result


def bootstrap_intervals(groups, databases, columns, resamples, seed=1):
    """95 % intervals of every score, resampling groups within their database.

    Parameters
    ----------
    groups, databases : numpy.ndarray
        Of each recording, ``[n]``.
    columns : tuple
        As `score_everywhere` takes them after the databases.
    resamples : int
    seed : int

    Returns
    -------
    dict
        Scope to score to ``[low, high]``; a score that was undefined in more than a tenth of the resamples is left
        out.
    """
    rng = np.random.default_rng(seed)
    members = {}
    for index, (database, group) in enumerate(zip(databases, groups, strict=True)):
        members.setdefault(database, {}).setdefault(group, []).append(index)
    drawn = {}
    for _ in range(resamples):
        chosen = []
        for people in members.values():
            people = list(people.values())
            for number in rng.integers(len(people), size=len(people)):
                chosen.extend(people[number])
        chosen = np.array(chosen)
        scores = score_everywhere(databases[chosen], *(column[chosen] for column in columns))
        for scope, values in scores.items():
            for key, value in values.items():
                if isinstance(value, float):
                    drawn.setdefault(scope, {}).setdefault(key, []).append(value)
    intervals = {}
    for scope, values in drawn.items():
        for key, sample in values.items():
            known = np.array(sample)[~np.isnan(sample)]
            if len(known) >= 0.9 * resamples:
                low, high = np.quantile(known, [0.025, 0.975])
                intervals.setdefault(scope, {})[key] = [float(low), float(high)]
    return intervals


def risk_coverage(abnormal, logits, thresholds, databases):
    """Error against the share of recordings that get a class, the least certain withheld first.

    Returns
    -------
    dict
        ``coverage``, ``error`` (pooled) and ``balancedError`` (1 - mean MAcc over `THRESHOLD_DATABASES`).
    """
    order = np.argsort(-np.abs(logits - thresholds))
    wrong = (logits >= thresholds) != abnormal
    coverage, error, balanced = [], [], []
    for share in np.linspace(0.3, 1.0, 36):
        kept = order[: max(1, round(share * len(order)))]
        inside = []
        for database in THRESHOLD_DATABASES:
            of = kept[databases[kept] == database]
            inside.append(decision_scores(abnormal[of], (logits >= thresholds)[of])["macc"])
        coverage.append(float(share))
        error.append(float(np.mean(wrong[kept])))
        balanced.append(float(1 - np.mean(inside)))
    return {"coverage": coverage, "error": error, "balancedError": balanced}

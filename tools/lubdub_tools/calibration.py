"""From a recording's logit to a probability that means something, and to a verdict."""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from .metrics import auc


@dataclass(frozen=True)
class Platt:
    """``probability = 1 / (1 + exp(-(scale * logit + offset)))``."""

    scale: float = 1.0
    offset: float = 0.0

    def probability(self, logits):
        """Calibrated probability of *abnormal*."""
        return 1 / (1 + np.exp(-(self.scale * np.asarray(logits, float) + self.offset)))

    def logit(self, probability):
        """The logit that comes out as ``probability``."""
        return (np.log(probability / (1 - probability)) - self.offset) / self.scale


def even_weights(abnormal, databases):
    """Weights under which every database counts alike and so does each class inside it; they sum to 1."""
    weights = np.zeros(len(abnormal))
    for database in np.unique(databases):
        for value in (True, False):
            cell = (databases == database) & (abnormal == value)
            if cell.any():
                weights[cell] = 1 / cell.sum()
    return weights / weights.sum()


def fit_platt(abnormal, logits, weights):
    """Weighted maximum likelihood with Platt's softened targets.

    The scale stays positive: where the logits rank abnormal recordings no higher than normal ones, it comes out at
    its lower bound, a warning says so, and every probability lies near one half.
    """
    abnormal, logits = np.asarray(abnormal, bool), np.asarray(logits, float)
    positives, negatives = abnormal.sum(), (~abnormal).sum()
    target = np.where(abnormal, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters):
        z = parameters[0] * logits + parameters[1]
        return float(np.sum(weights * (np.logaddexp(0, z) - target * z)))

    found = minimize(loss, [1.0, 0.0], method="L-BFGS-B", bounds=[(0.05, 20), (-20, 20)])
    if auc(abnormal, logits) <= 0.5:
        warnings.warn("the logits rank abnormal recordings no higher than normal ones", stacklevel=2)
    return Platt(float(found.x[0]), float(found.x[1]))


def expected_calibration_error(abnormal, probability, weights=None, bins=10):
    """Mean distance of stated and observed frequency over equal-width bins, weighted by the bins' weights."""
    abnormal, probability = np.asarray(abnormal, float), np.asarray(probability, float)
    weights = np.ones(len(abnormal)) if weights is None else weights
    place = np.minimum((probability * bins).astype(int), bins - 1)
    total = np.bincount(place, weights, bins)
    gap = np.abs(np.bincount(place, weights * (probability - abnormal), bins))
    return float(gap[total > 0].sum() / total.sum())


def reliability(abnormal, probability, weights=None, bins=10):
    """Points of the reliability plot: mean stated probability, observed frequency and weight of each bin in use."""
    abnormal, probability = np.asarray(abnormal, float), np.asarray(probability, float)
    weights = np.ones(len(abnormal)) if weights is None else weights
    place = np.minimum((probability * bins).astype(int), bins - 1)
    total = np.bincount(place, weights, bins)
    used = total > 0
    stated = np.bincount(place, weights * probability, bins)[used] / total[used]
    observed = np.bincount(place, weights * abnormal, bins)[used] / total[used]
    return stated, observed, total[used] / total.sum()


def choose_uncertain_band(abnormal, probability, threshold, share):
    """Band of probabilities around the threshold that holds ``share`` of the recordings given.

    The band grows from the threshold to both sides alike in logits.
    """
    probability = np.clip(probability, 1e-6, 1 - 1e-6)
    centre = np.log(threshold / (1 - threshold))
    distance = np.abs(np.log(probability / (1 - probability)) - centre)
    reach = float(np.quantile(distance, share))
    low, high = centre - reach, centre + reach
    return float(1 / (1 + np.exp(-low))), float(1 / (1 + np.exp(-high)))

"""The one rule that turns a recording's logit into normal, abnormal or inconclusive."""

from dataclasses import dataclass

import numpy as np

from .calibration import Platt, choose_uncertain_band, even_weights, fit_platt

EVEN_ODDS = 0.5
"""The threshold, in calibrated probability. One searched for the best figure on other folds' recordings scored no
better on this data set: with a few dozen recordings in a database, the best place wanders."""
UNCERTAIN_SHARE = 0.06
"""Share of the recordings marked usable that the uncertain band holds when it is chosen."""
MINIMUM_USABLE_SECONDS = 5.0
MINIMUM_QUALITY = 0.35
"""Mean signal quality index of all windows below which a recording gets no class. Chosen on the frozen folds, so that
with the rest of the rule few recordings marked usable are refused and most of those marked unusable."""


@dataclass(frozen=True)
class DecisionRule:
    """Calibration and thresholds, all in calibrated probability.

    Attributes
    ----------
    platt : Platt
    abnormal_at_least : float
        The one threshold where every recording must get a class.
    uncertain_from, uncertain_to : float
        From the first up to but not including the second: inconclusive.
    minimum_quality : float
        Mean quality of all windows below this: inconclusive.
    minimum_usable_seconds : float
        Less usable signal than this: inconclusive.
    """

    platt: Platt
    abnormal_at_least: float
    uncertain_from: float
    uncertain_to: float
    minimum_usable_seconds: float = MINIMUM_USABLE_SECONDS
    minimum_quality: float = MINIMUM_QUALITY

    @property
    def threshold(self):
        """The recording's logit at `abnormal_at_least`."""
        return self.platt.logit(self.abnormal_at_least)

    def answers(self, logits):
        """1 abnormal, -1 normal, 0 inconclusive for logits ``[n]``; NaN (nothing usable) is inconclusive."""
        probability = self.platt.probability(logits)
        answers = np.where(probability >= self.uncertain_to, 1, np.where(probability < self.uncertain_from, -1, 0))
        return np.where(np.isnan(probability), 0, answers)


def fit_rule(abnormal, usable, logits, databases, uncertain_share=UNCERTAIN_SHARE):
    """Fit calibration, threshold and uncertain band on recordings that the networks had not seen.

    Every database counts alike and so does each class inside it, so 0.5 means even odds where abnormal and normal
    are equally frequent. That is the threshold.
    """
    abnormal, usable, logits, databases = map(np.asarray, (abnormal, usable, logits, databases))
    known = ~np.isnan(logits)
    abnormal, usable, logits, databases = abnormal[known], usable[known], logits[known], databases[known]
    platt = fit_platt(abnormal, logits, even_weights(abnormal, databases))
    threshold = EVEN_ODDS
    low, high = choose_uncertain_band(abnormal[usable], platt.probability(logits[usable]), threshold, uncertain_share)
    return DecisionRule(platt, threshold, low, high)

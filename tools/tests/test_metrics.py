import numpy as np
import pytest
from sklearn import metrics as oracle

from lubdub_tools.metrics import auc, challenge_score, decision_scores

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("levels", [3, 1000])
def test_auc_equals_sklearn_also_with_ties(levels):
    abnormal = RNG.random(300) < 0.3
    scores = RNG.integers(0, levels, 300) + abnormal * levels / 3
    assert auc(abnormal, scores) == pytest.approx(oracle.roc_auc_score(abnormal, scores))


def test_auc_of_one_class_is_unknown():
    assert np.isnan(auc([True, True], [0.1, 0.2]))


def test_decisions_equal_sklearn():
    abnormal, called = RNG.random(200) < 0.4, RNG.random(200) < 0.5
    scores = decision_scores(abnormal, called)
    assert scores["accuracy"] == pytest.approx(oracle.accuracy_score(abnormal, called))
    assert scores["macc"] == pytest.approx(oracle.balanced_accuracy_score(abnormal, called))
    for name, positive in (("Abnormal", True), ("Normal", False)):
        options = {"pos_label": positive}
        assert scores[f"precision{name}"] == pytest.approx(oracle.precision_score(abnormal, called, **options))
        assert scores[f"recall{name}"] == pytest.approx(oracle.recall_score(abnormal, called, **options))
        assert scores[f"f1{name}"] == pytest.approx(oracle.f1_score(abnormal, called, **options))


def test_challenge_score_counts_unsure_as_right_only_on_poor_signals():
    abnormal = np.array([True, True, False, False])
    usable = np.array([True, False, True, False])
    assert challenge_score(abnormal, usable, np.array([1, 0, -1, 0])) == 1
    assert challenge_score(abnormal, usable, np.array([0, 0, 0, 0])) == 0.5
    assert challenge_score(abnormal, usable, np.array([-1, -1, 1, 1])) == 0

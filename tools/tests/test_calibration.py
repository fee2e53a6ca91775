import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from lubdub_tools.aggregation import has_usable_window, recording_logits
from lubdub_tools.calibration import even_weights, expected_calibration_error, fit_platt, reliability
from lubdub_tools.decision import fit_rule
from lubdub_tools.metrics import decision_scores

RNG = np.random.default_rng(11)
ABNORMAL = RNG.random(2000) < 0.3
LOGITS = 2.5 * (ABNORMAL - 0.5) + RNG.standard_normal(2000)
DATABASES = RNG.choice(list("abdf"), 2000)


def test_platt_equals_an_unpenalised_logistic_regression():
    weights = np.full(2000, 1 / 2000)
    found = fit_platt(ABNORMAL, LOGITS, weights)
    oracle = LogisticRegression(C=np.inf).fit(LOGITS[:, None], ABNORMAL)
    assert found.scale == pytest.approx(oracle.coef_[0, 0], rel=0.02)
    assert found.offset == pytest.approx(oracle.intercept_[0], abs=0.03)


def test_logits_that_rank_the_wrong_way_warn_and_keep_a_positive_scale():
    with pytest.warns(UserWarning, match="no higher"):
        assert fit_platt(ABNORMAL, -LOGITS, np.full(2000, 1 / 2000)).scale > 0


def test_even_weights_give_every_cell_the_same_say():
    weights = even_weights(ABNORMAL, DATABASES)
    cells = [weights[(DATABASES == d) & (ABNORMAL == a)].sum() for d in "abdf" for a in (True, False)]
    np.testing.assert_allclose(cells, 1 / 8)


def test_a_calibrated_forecast_has_a_small_error_and_an_overconfident_one_a_large_one():
    probability = RNG.random(20000)
    happened = RNG.random(20000) < probability
    assert expected_calibration_error(happened, probability) < 0.02
    assert expected_calibration_error(happened, np.round(probability)) > 0.2
    stated, observed, share = reliability(happened, probability)
    np.testing.assert_allclose(stated, observed, atol=0.05)
    assert share.sum() == pytest.approx(1)


def test_the_rule_withholds_the_chosen_share_of_usable_recordings():
    usable = RNG.random(2000) < 0.9
    rule = fit_rule(ABNORMAL, usable, LOGITS, DATABASES, uncertain_share=0.08)
    assert np.mean(rule.answers(LOGITS[usable]) == 0) == pytest.approx(0.08, abs=0.01)
    assert rule.uncertain_from <= rule.abnormal_at_least <= rule.uncertain_to


def test_a_recording_without_usable_windows_has_evidence_but_no_class():
    owners, weights = np.array([0, 1, 1]), np.array([1.0, 0.0, 0.0])
    np.testing.assert_allclose(recording_logits([3.0, -1.0, 2.0], owners, 3, weights), [3.0, 0.5, np.nan])
    assert list(has_usable_window(owners, 3, weights)) == [True, False, False]
    rule = fit_rule(ABNORMAL, np.ones(2000, bool), LOGITS, DATABASES)
    assert list(rule.answers([3.0, np.nan])) == [1, 0]


def test_recording_evidence_is_the_weighted_mean_of_its_windows():
    logits = recording_logits(np.array([1.0, 4.0, -2.0]), np.array([0, 0, 1]), 2, [3.0, 1.0, 0.5])
    np.testing.assert_allclose(logits, [1.75, -2.0])


def test_the_threshold_separates_what_can_be_separated_in_every_database():
    abnormal = np.tile([True, False], 200)
    databases = np.repeat(list("abdf"), 100)
    logits = np.where(abnormal, 2.0, -1.0) + 0.1 * RNG.standard_normal(400)
    rule = fit_rule(abnormal, np.ones(len(abnormal), bool), logits, databases)
    assert decision_scores(abnormal, rule.platt.probability(logits) >= rule.abnormal_at_least)["macc"] == 1


def test_a_big_database_does_not_outvote_the_small_ones():
    """Database a has most recordings and another bias; the mean over databases decides."""
    databases = np.array(["a"] * 1000 + ["b"] * 100 + ["d"] * 100 + ["f"] * 100)
    abnormal = np.arange(1300) % 2 == 0
    logits = np.where(abnormal, 1.0, -1.0) + np.where(databases == "a", 3.0, 0.0)
    rule = fit_rule(abnormal, np.ones(len(abnormal), bool), logits, databases)
    assert -1 < rule.platt.logit(rule.abnormal_at_least) <= 1

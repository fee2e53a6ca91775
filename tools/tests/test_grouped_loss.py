import numpy as np
import pytest
import tensorflow as tf

from lubdub_tools.grouped_loss import grouped_loss, recording_evidence

LABELS = np.array([1.0, 0.0, 1.0])
LOGITS = np.array([[2.0, -1.0], [0.5, 0.25], [-3.0, 4.0]])
SCORES = np.array([[1.0, 0.0], [0.5, 0.5], [0.2, 0.8]])


def cross_entropy(y, z):
    p = 1 / (1 + np.exp(-z))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def loss(aggregation, share, scores=None):
    scores = None if scores is None else tf.constant(scores)
    return float(grouped_loss(tf.constant(LABELS), tf.constant(LOGITS), aggregation, share, scores))


def test_window_loss_is_the_mean_over_windows():
    assert loss("window", 0.5) == pytest.approx(cross_entropy(LABELS[:, None], LOGITS).mean())


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(
    ("aggregation", "evidence"),
    [
        ("mean", LOGITS.mean(axis=1)),
        ("lse", np.log(np.exp(LOGITS).mean(axis=1))),
        ("attention", (np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True) * LOGITS).sum(axis=1)),
    ],
)
def test_recording_loss_is_mixed_with_the_windows(aggregation, evidence, share):
    windows = cross_entropy(LABELS[:, None], LOGITS).mean()
    expected = share * cross_entropy(LABELS, evidence).mean() + (1 - share) * windows
    assert loss(aggregation, share, SCORES) == pytest.approx(expected)


def test_a_window_of_no_quality_has_no_say():
    spoilt = LOGITS.copy()
    spoilt[0, 1] = 50.0
    values = [
        float(grouped_loss(tf.constant(LABELS), tf.constant(z), "quality", 0.5, tf.constant(SCORES)))
        for z in (LOGITS, spoilt)
    ]
    assert values[0] == pytest.approx(values[1])


def test_one_silent_window_costs_less_in_the_group_than_alone():
    """A window with no evidence (logit 0) among three good ones: the recording is right, the window may abstain."""
    labels, logits = tf.constant([1.0]), tf.Variable([[4.0, 4.0, 4.0, 0.0]])
    with tf.GradientTape(persistent=True) as tape:
        alone = grouped_loss(labels, logits, "mean", 0.0)
        grouped = grouped_loss(labels, logits, "mean", 1.0)
    assert abs(tape.gradient(grouped, logits)[0, 3]) < 0.2 * abs(tape.gradient(alone, logits)[0, 3])


def test_an_unknown_aggregation_is_refused():
    with pytest.raises(ValueError, match="must be one of"):
        recording_evidence(tf.constant(LOGITS), "median")

"""The grouped loss: the windows of one recording answer for it together.

With window logits ``z[g, i]`` of recording ``g``, label ``y[g]`` in {0, 1}, and the binary cross-entropy
``H(y, z) = softplus(z) - y z``::

    L = share * mean_g H(y[g], Z[g]) + (1 - share) * mean_{g,i} H(y[g], z[g, i])

``Z[g]`` is the recording's evidence:

- ``mean``: ``Z = mean_i z_i``, what ``src/verdict`` computes where all windows are of equal quality;
- ``quality``: ``Z = sum_i q_i z_i / sum_i q_i`` with given qualities, and the windows' losses weighted alike;
- ``lse``: ``Z = log mean_i exp(z_i)``, a soft maximum: one convincing window suffices;
- ``attention``: ``Z = sum_i softmax(a)_i z_i`` with scores ``a`` that the network gives beside its logits;
- ``window``: no recording term.
"""

import tensorflow as tf

AGGREGATIONS = ("window", "mean", "quality", "lse", "attention")


def recording_evidence(logits, aggregation, scores=None):
    """Combine window logits ``[groups, windows]`` into ``[groups]``; ``scores`` as the aggregation needs them."""
    if aggregation in ("mean", "window"):
        return tf.reduce_mean(logits, axis=1)
    if aggregation == "lse":
        return tf.reduce_logsumexp(logits, axis=1) - tf.math.log(tf.cast(tf.shape(logits)[1], logits.dtype))
    if aggregation == "quality":
        return tf.math.divide_no_nan(tf.reduce_sum(scores * logits, axis=1), tf.reduce_sum(scores, axis=1))
    if aggregation == "attention":
        return tf.reduce_sum(tf.nn.softmax(scores, axis=1) * logits, axis=1)
    raise ValueError(f"aggregation must be one of {AGGREGATIONS}, got {aggregation!r}")


def grouped_loss(labels, logits, aggregation, share, scores=None):
    """The loss of the module's docstring.

    Parameters
    ----------
    labels : tf.Tensor
        ``[groups]``, in [0, 1]; soft labels are allowed.
    logits : tf.Tensor
        ``[groups, windows]``.
    aggregation : str
        One of `AGGREGATIONS`.
    share : float
        Weight of the recording's term in [0, 1]; without effect for ``window``.
    scores : tf.Tensor, optional
        ``[groups, windows]``: qualities in [0, 1] or attention scores.

    Returns
    -------
    tf.Tensor
        A scalar.
    """
    each = tf.nn.sigmoid_cross_entropy_with_logits(tf.broadcast_to(labels[:, None], tf.shape(logits)), logits)
    if aggregation == "quality":
        window_loss = tf.math.divide_no_nan(tf.reduce_sum(scores * each), tf.reduce_sum(scores))
    else:
        window_loss = tf.reduce_mean(each)
    if aggregation == "window":
        return window_loss
    evidence = recording_evidence(logits, aggregation, scores)
    recording_loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels, evidence))
    return share * recording_loss + (1 - share) * window_loss

"""The network: a 1-D CNN over the filter bank's frames, and beside it a reader of the gaps between the heart sounds.

The convolutions find patterns, and with them whatever else tells one database from another. The second reader,
`lubdub_tools.gap_reader`, can see one thing only: how loud the gaps are beside the sounds. Each reader meets the label
alone, and the weighted mean of their logits is the answer. Where the gap reader has all of the weight, patterns would
be computed for nothing, so they are left out.
"""

import numpy as np
import tensorflow as tf
from keras import Model, layers

from .gap_reader import find_phases, read_gaps


def reads_patterns(network):
    """Whether a network has a pattern reader: it has channels, and the gap reader does not have all of the weight.

    Raises
    ------
    ValueError
        Where a network without channels leaves weight to the patterns.
    """
    if not network.channels and network.gap_share != 1:
        raise ValueError(f"network.gap_share must be 1 where network.channels is empty, got {network.gap_share}")
    return network.gap_share != 1


def build_network(network, front_end):
    """Build the network with the heads that training needs.

    Parameters
    ----------
    network : lubdub_tools.configuration.Network
    front_end : lubdub_tools.front_end.FrontEnd

    Returns
    -------
    keras.Model
        ``[n, frames, bands]`` to a dictionary: ``pattern`` and ``gaps`` ``[n]``, the two readers' logits of
        *abnormal*; ``logit`` ``[n]``, their weighted mean; ``score`` ``[n]`` for attention; ``phases``
        ``[n, steps, phases]`` logits of where in the cycle each moment lies; ``embedding`` ``[n, channels]``.
        ``pattern``, ``score`` and ``embedding`` are there only where `reads_patterns` says so.
    """
    features = layers.Input((front_end.frame_count, front_end.band_count), name="features")
    patterns = _read_patterns(network, features) if reads_patterns(network) else {}
    phases = find_phases(network, features)
    gaps = read_gaps(network, front_end, features, phases)
    if patterns:
        share = network.gap_share
        weighted = [_scaled(patterns["pattern"], 1 - share, "a"), _scaled(gaps, share, "b")]
        logit = layers.Add(name="logit")(weighted)
        patterns |= {name: patterns[name][:, 0] for name in ("pattern", "score")}
    else:
        logit = layers.Identity(name="logit")(gaps)
    outputs = {**patterns, "logit": logit[:, 0], "gaps": gaps[:, 0], "phases": phases}
    return Model(features, outputs, name="heart_sound")


def _read_patterns(network, features):
    x = features
    for index, (channels, kernel, stride) in enumerate(
        zip(network.channels, network.kernels, network.strides, strict=True)
    ):
        x = layers.Conv1D(channels, kernel, strides=stride, padding="same", use_bias=False, name=f"conv{index}")(x)
        x = layers.BatchNormalization(name=f"norm{index}")(x)
        x = layers.ReLU(name=f"relu{index}")(x)
    embedding = layers.GlobalAveragePooling1D(name="pool")(x)
    dropped = layers.Dropout(network.dropout, name="dropout")(embedding)
    pattern = layers.Dense(1, name="pattern")(dropped)
    score = layers.Dense(1, name="score")(dropped)
    return {"pattern": pattern, "score": score, "embedding": embedding}


def _scaled(logit, factor, name):
    return layers.Rescaling(factor, name=f"share_{name}")(logit)


def inference_network(model):
    """Return the part that ships: features ``[n, frames, bands]`` to the logit ``[n, 1]``."""
    return Model(model.input, model.get_layer("logit").output, name="heart_sound")


def average_network(members):
    """Put networks of one shape side by side: one input, the mean of their logits ``[n, 1]``."""
    if len(members) == 1:
        return members[0]
    features = layers.Input(members[0].input.shape[1:], name="features")
    for number, member in enumerate(members):
        member.name = f"member{number}"
    mean = layers.Average(name="mean_logit")([member(features) for member in members])
    return Model(features, mean, name="heart_sound")


def multiply_accumulates(model):
    """Count the multiplications of one window in convolutions, dense layers and sums over time."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, Model):
            total += multiply_accumulates(layer)
        elif isinstance(layer, layers.DepthwiseConv1D):
            total += int(np.prod(layer.output.shape[1:])) * layer.kernel_size[0]
        elif isinstance(layer, layers.Conv1D):
            total += int(np.prod(layer.output.shape[1:])) * layer.kernel_size[0] * layer.input.shape[-1]
        elif isinstance(layer, layers.Dot):
            (_, steps, left), (_, _, right) = (part.shape for part in layer.input)
            total += steps * left * right
        elif isinstance(layer, layers.Dense):
            total += int(np.prod(layer.input.shape[1:])) * layer.units
    return total


@tf.custom_gradient
def reverse_gradient(x):
    """Hand ``x`` on; backwards the gradient changes its sign."""
    return x, lambda upstream: -upstream

"""The network: a 1-D CNN over the filter bank's frames, and beside it a reader of the gaps between the heart sounds.

The convolutions find patterns, and with them whatever else tells one database from another. The second reader,
`lubdub_tools.gap_reader`, can see one thing only: how loud the gaps are beside the sounds. Each reader meets the label
alone, and the weighted mean of their logits is the answer.
"""

import numpy as np
import tensorflow as tf
from keras import Model, layers

from .gap_reader import find_phases, read_gaps


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
    """
    features = layers.Input((front_end.frame_count, front_end.band_count), name="features")
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
    phases = find_phases(network, features)
    gaps = read_gaps(network, front_end, features, phases)
    share = network.gap_share
    logit = layers.Add(name="logit")([_scaled(pattern, 1 - share, "a"), _scaled(gaps, share, "b")])
    outputs = {
        "logit": logit[:, 0],
        "pattern": pattern[:, 0],
        "gaps": gaps[:, 0],
        "score": score[:, 0],
        "phases": phases,
        "embedding": embedding,
    }
    return Model(features, outputs, name="heart_sound")


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

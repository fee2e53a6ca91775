"""The network: a 1-D CNN over the filter bank's frames, and beside it a reader of modulation depth.

The convolutions find patterns, and with them whatever else tells one database from another. The second reader can see
one thing only: how much each band's level changes over ``modulation_frames`` frames, on average over the window. A
murmur fills the gaps between the sounds, so its bands change less; a noise floor or a frequency response hardly shows
in it. Each reader meets the label alone, and the mean of their logits is the answer.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import Model, layers


def build_network(network, front_end):
    """Build the network with the heads that training needs.

    Parameters
    ----------
    network : lubdub_tools.configuration.Network
    front_end : lubdub_tools.front_end.FrontEnd

    Returns
    -------
    keras.Model
        ``[n, frames, bands]`` to a dictionary: ``pattern`` and ``modulation`` ``[n]``, the two readers' logits of
        *abnormal*; ``logit`` ``[n]``, their weighted mean; ``score`` ``[n]`` for attention; ``states``
        ``[n, steps, 4]`` logits of the heart's states; ``embedding`` ``[n, channels]``.
    """
    features = layers.Input((front_end.frame_count, front_end.band_count), name="features")
    x = features
    for index, (channels, kernel, stride) in enumerate(
        zip(network.channels, network.kernels, network.strides, strict=True)
    ):
        x = layers.Conv1D(channels, kernel, strides=stride, padding="same", use_bias=False, name=f"conv{index}")(x)
        x = layers.BatchNormalization(name=f"norm{index}")(x)
        x = layers.ReLU(name=f"relu{index}")(x)
    states = layers.Conv1D(4, 1, name="states")(x)
    embedding = layers.GlobalAveragePooling1D(name="pool")(x)
    dropped = layers.Dropout(network.dropout, name="dropout")(embedding)
    pattern = layers.Dense(1, name="pattern")(dropped)
    score = layers.Dense(1, name="score")(dropped)
    modulation = _modulation(network, features)
    share = network.modulation_share
    logit = layers.Add(name="logit")([_scaled(pattern, 1 - share, "a"), _scaled(modulation, share, "b")])
    outputs = {
        "logit": logit[:, 0],
        "pattern": pattern[:, 0],
        "modulation": modulation[:, 0],
        "score": score[:, 0],
        "states": states,
        "embedding": embedding,
    }
    return Model(features, outputs, name="heart_sound")


def _modulation(network, features):
    """Mean rise and fall of each band over a fixed lag, standardised, through one regularised layer."""
    bands = features.shape[-1]
    kernel = np.zeros((network.modulation_frames + 1, bands, 2), np.float32)
    kernel[0], kernel[-1] = [-1, 1], [1, -1]
    change = layers.DepthwiseConv1D(
        network.modulation_frames + 1,
        depth_multiplier=2,
        use_bias=False,
        depthwise_initializer=keras.initializers.Constant(kernel),
        trainable=False,
        name="change",
    )(features)
    depth = layers.GlobalAveragePooling1D(name="depth")(layers.ReLU(name="one_way")(change))
    depth = layers.BatchNormalization(name="depth_norm")(depth)
    penalty = keras.regularizers.L2(network.modulation_penalty)
    return layers.Dense(1, kernel_regularizer=penalty, name="modulation")(depth)


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
    """Count the multiplications of one window in convolutions and dense layers."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, Model):
            total += multiply_accumulates(layer)
        elif isinstance(layer, layers.DepthwiseConv1D):
            total += int(np.prod(layer.output.shape[1:])) * layer.kernel_size[0]
        elif isinstance(layer, layers.Conv1D):
            total += int(np.prod(layer.output.shape[1:])) * layer.kernel_size[0] * layer.input.shape[-1]
        elif isinstance(layer, layers.Dense):
            total += layer.input.shape[-1] * layer.units
    return total


@tf.custom_gradient
def reverse_gradient(x):
    """Hand ``x`` on; backwards the gradient changes its sign."""
    return x, lambda upstream: -upstream

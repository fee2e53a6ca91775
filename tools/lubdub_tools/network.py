"""The 1-D convolutional network over the filter bank's frames."""

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
        ``[n, frames, bands]`` to a dictionary: ``logit`` ``[n]`` of *abnormal*, ``score`` ``[n]`` for attention,
        ``states`` ``[n, steps, 4]`` logits of the heart's states, and ``embedding`` ``[n, channels]``.
    """
    features = layers.Input((front_end.frame_count, front_end.band_count), name="features")
    x = layers.BatchNormalization(name="input_norm")(features)
    for index, (channels, kernel, stride) in enumerate(
        zip(network.channels, network.kernels, network.strides, strict=True)
    ):
        kind = layers.SeparableConv1D if network.separable and index > 0 else layers.Conv1D
        x = kind(channels, kernel, strides=stride, padding="same", use_bias=False, name=f"conv{index}")(x)
        x = layers.BatchNormalization(name=f"norm{index}")(x)
        x = layers.ReLU(name=f"relu{index}")(x)
    states = layers.Conv1D(4, 1, name="states")(x)
    if network.pooling == "mean":
        embedding = layers.GlobalAveragePooling1D(name="pool")(x)
    elif network.pooling == "mean-max":
        pooled = [layers.GlobalAveragePooling1D(name="pool_mean")(x), layers.GlobalMaxPooling1D(name="pool_max")(x)]
        embedding = layers.Concatenate(name="pool")(pooled)
    else:
        raise ValueError(f"network.pooling must be mean or mean-max, got {network.pooling!r}")
    dropped = layers.Dropout(network.dropout, name="dropout")(embedding)
    logit = layers.Dense(1, name="logit")(dropped)
    score = layers.Dense(1, name="score")(dropped)
    outputs = {"logit": logit[:, 0], "score": score[:, 0], "states": states, "embedding": embedding}
    return Model(features, outputs, name="heart_sound")


def inference_network(model):
    """The part that ships: features ``[n, frames, bands]`` to the logit ``[n, 1]``."""
    return Model(model.input, model.get_layer("logit").output, name="heart_sound")


def multiply_accumulates(model):
    """Multiplications of one window in convolutions and dense layers."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.SeparableConv1D):
            steps, channels = layer.output.shape[1:]
            inputs = layer.input.shape[-1]
            total += steps * inputs * (layer.kernel_size[0] + channels)
        elif isinstance(layer, layers.Conv1D):
            steps, channels = layer.output.shape[1:]
            total += steps * channels * layer.kernel_size[0] * layer.input.shape[-1]
        elif isinstance(layer, layers.Dense):
            total += layer.input.shape[-1] * layer.units
    return total


@tf.custom_gradient
def reverse_gradient(x):
    """Identity forwards; backwards the gradient changes its sign."""
    return x, lambda upstream: -upstream

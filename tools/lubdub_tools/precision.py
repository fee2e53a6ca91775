"""Whether a network trains faster in bfloat16 on this machine, found out by doing both."""

import time
from functools import cache

import keras
import tensorflow as tf

from .network import build_network

GAIN = 1.1
"""How many times faster bfloat16 must be before it is used."""


@cache
def bfloat16_pays(network, front_end, windows=96):
    """Measure once a process: the network forwards and backwards in both precisions.

    What the processor says of itself does not decide: with bfloat16 instructions a single convolution may be the
    faster, and the whole network, with its normalisation, still take four times as long as in float32.
    """
    return _seconds("float32", network, front_end, windows) > GAIN * _seconds(
        "mixed_bfloat16", network, front_end, windows
    )


def _seconds(policy, network, front_end, windows, repeats=4):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = build_network(network, front_end)
    finally:
        keras.config.set_dtype_policy(before)
    features = tf.random.stateless_normal([windows, front_end.frame_count, front_end.band_count], [1, 2])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            outputs = model(features, training=True)
            loss = tf.reduce_mean(tf.cast(outputs["phases"], tf.float32) ** 2)
            if "pattern" in outputs:
                loss += tf.reduce_mean(tf.cast(outputs["pattern"], tf.float32))
        gradients = tape.gradient(loss, model.trainable_variables)
        return tf.add_n([tf.reduce_sum(tf.cast(g, tf.float32)) for g in gradients if g is not None])

    step()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        step().numpy()
        times.append(time.perf_counter() - begin)
    return min(times)

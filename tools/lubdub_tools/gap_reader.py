"""The reader of the gaps: how loud systole and diastole are beside the heart sounds around them.

A murmur, whatever its cause, fills a gap between the sounds. So the reader (1) finds where in the cycle every frame
lies, by a small network that learns the phases alone; (2) compares each frame of systole with the level of the first
sound and each frame of diastole with that of the second, band by band, which cancels any frequency response; (3) keeps
for each phase and band how often that difference exceeds each of a few thresholds; (4) adds up rising curves of these
shares. Hence a louder gap can never make a heart look more normal, in any database. Without that limit a reader learns
whichever gap happens to be louder in the databases that it was shown.

For a window with log energies ``F[t, g]`` (mean over the ``gap_bands`` bands of group ``g``), memberships ``p[t, k]``
of the phases of `lubdub_tools.records.PHASES` and ``s(k)`` the sound that opens phase ``k``::

    a[t, k]    = p[t, k] / sum_t p[t, k]
    L[k, g]    = sum_t a[t, k] F[t, g]                                    level of a phase
    H[k, g, j] = sum_t a[t, k] clip((F[t, g] - L[s(k), g] - c_j) / width, 0, 1)
    logit      = b + sum_i v_i sigmoid(m_i (normalise(H)_i - d_i))        v, m >= 0
"""

import keras
import numpy as np
from keras import layers, ops

from .records import PHASES

FIRST_SOUND, SYSTOLE = 0, slice(1, 4)
SECOND_SOUND, DIASTOLE = 4, slice(5, 9)
RAMP = 6.0
"""A share of 1 stands for this much, so that the clipping is a ReLU6."""


def find_phases(network, features):
    """Add the network that places frames in the cycle to a Keras graph.

    Parameters
    ----------
    network : lubdub_tools.configuration.Network
    features : keras.KerasTensor
        ``[n, frames, bands]``.

    Returns
    -------
    keras.KerasTensor
        ``[n, frames / 2, len(PHASES)]``: logits of the phase of every second frame.
    """
    x = features
    for index, (channels, kernel) in enumerate(zip(network.phase_channels, network.phase_kernels, strict=True)):
        stride = 2 if index == 0 else 1
        x = layers.Conv1D(channels, kernel, stride, "same", use_bias=False, name=f"phase_conv{index}")(x)
        x = layers.BatchNormalization(name=f"phase_norm{index}")(x)
        x = layers.ReLU(name=f"phase_relu{index}")(x)
    return layers.Conv1D(len(PHASES), 1, name="phases")(x)


def read_gaps(network, front_end, features, phases):
    """Add the reader to a Keras graph; it computes in float32 whatever the policy of the rest.

    Parameters
    ----------
    network : lubdub_tools.configuration.Network
    front_end : lubdub_tools.front_end.FrontEnd
    features, phases : keras.KerasTensor
        ``[n, frames, bands]``, and what `find_phases` says of them; no gradient flows into the latter.

    Returns
    -------
    keras.KerasTensor
        ``[n, 1]``: logit of *abnormal*.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    member = ops.softmax(ops.stop_gradient(ops.cast(phases, "float32")), axis=-1)
    present = layers.Permute((2, 1), name="present")(ops.sum(member, axis=1, keepdims=True) + 1e-3)
    exact = ops.cast(features, "float32")
    level = layers.AveragePooling1D(2, padding="same", name="level")(_banded(network, front_end, "bands")(exact))
    loud = _banded(network, front_end, "ramps", network.gap_thresholds)(exact)
    fills = []
    for sound, gap, name in ((FIRST_SOUND, SYSTOLE, "systole"), (SECOND_SOUND, DIASTOLE, "diastole")):
        reference = layers.Dot(1, name=f"{name}_reference")([member[:, :, sound : sound + 1], level])
        reference = _spread(network, front_end, name)(reference / present[:, sound : sound + 1])
        above = layers.ReLU(RAMP, name=f"{name}_above")(loud - reference)
        above = layers.AveragePooling1D(2, padding="same", name=f"{name}_pairs")(above)
        filled = layers.Dot(1, name=f"{name}_filled")([member[:, :, gap], above])
        fills.append(layers.Flatten(name=f"{name}_fill")(filled / present[:, gap]))
    fill = layers.BatchNormalization(center=False, scale=False, name="fill_norm")(ops.concatenate(fills, axis=-1))
    curves = RisingCurves(network.gap_curves, name="curves")(fill)
    curves = layers.Dropout(network.gap_dropout, name="curves_dropout")(curves)
    start = keras.initializers.RandomUniform(0, 2.0 / curves.shape[-1])
    logit = layers.Dense(1, kernel_initializer=start, kernel_constraint="non_neg", name="gaps")(curves)
    keras.config.set_dtype_policy(policy)
    return logit


@keras.saving.register_keras_serializable("lubdub")
class RisingCurves(layers.Layer):
    """``count`` rising sigmoids of each input, ``[n, inputs]`` to ``[n, count * inputs]``; no slope is below 0."""

    def __init__(self, count, **options):
        super().__init__(**options)
        self.count = count

    def build(self, shape):
        """Slopes of 2, and centres spread over one standard deviation to both sides."""
        places = np.repeat(np.linspace(-1, 1, self.count), shape[-1]).astype(np.float32)
        self.slope = self.add_weight(
            shape=places.shape, initializer=keras.initializers.Constant(2.0), constraint="non_neg", name="slope"
        )
        self.place = self.add_weight(shape=places.shape, initializer=keras.initializers.Constant(places), name="place")

    def call(self, inputs):
        """See the class."""
        return ops.sigmoid(self.slope * (ops.tile(inputs, (1, self.count)) - self.place))

    def get_config(self):
        """Arguments, for saving."""
        return {**super().get_config(), "count": self.count}


def _banded(network, front_end, name, thresholds=None):
    """Mean over each group of bands; with thresholds, one ramp for each: the mean less the threshold, scaled."""
    groups = front_end.band_count // network.gap_bands
    mean = np.repeat(np.eye(groups), network.gap_bands, axis=0) / network.gap_bands
    factor, places = (1.0, (0.0,)) if thresholds is None else (RAMP / network.gap_width, thresholds)
    kernel = factor * np.tile(mean, (1, len(places)))
    bias = -factor * np.repeat(places, groups)
    return layers.Dense(
        kernel.shape[-1],
        kernel_initializer=keras.initializers.Constant(kernel.astype(np.float32)),
        bias_initializer=keras.initializers.Constant(bias.astype(np.float32)),
        trainable=False,
        name=name,
    )


def _spread(network, front_end, name):
    """A level for each group to one for each threshold and group, on the scale of the ramps."""
    groups = front_end.band_count // network.gap_bands
    kernel = np.tile(np.eye(groups), (1, len(network.gap_thresholds))) * RAMP / network.gap_width
    start = keras.initializers.Constant(kernel.astype(np.float32))
    return layers.Dense(
        kernel.shape[1], use_bias=False, kernel_initializer=start, trainable=False, name=f"{name}_level"
    )

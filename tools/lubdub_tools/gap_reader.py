"""The reader of the gaps: how loud systole and diastole are beside the heart sounds around them.

A murmur, whatever its cause, fills a gap between the sounds. So the reader (1) takes away what goes on through all of
the cycle, hum and noise, see `without_steady_part`; (2) finds where in the cycle every frame lies, by a small network
that learns the phases alone; (3) compares each frame of a gap with the level of the sounds, band by band, which cancels
any frequency response; (4) keeps for each phase and band how often that difference exceeds each of a few thresholds;
(5) adds up rising curves of these shares. Hence a louder gap can never make a heart look more normal, in any database,
unless what is louder goes on all the time. Without that limit a reader learns whichever gap happens to be louder in the
databases that it was shown.

For a window with log energies ``F[t, g]`` (mean over the ``gap_bands`` bands of group ``g``), memberships ``p[t, k]``
of the phases of `lubdub_tools.records.PHASES` and ``R[k, g]`` the level of the sound that opens phase ``k``
(``gap_reference`` own) or the mean of both sounds' levels (mean)::

    a[t, k]    = p[t, k] / sum_t p[t, k]
    L[k, g]    = sum_t a[t, k] F[t, g]                                    level of a phase
    H[k, g, j] = sum_t a[t, k] clip((F[t, g] - R[k, g] - c_j) / width, 0, 1)
    logit      = b + sum_i v_i sigmoid(m_i (normalise(H)_i - d_i))        v, m >= 0
"""

import keras
import numpy as np
from keras import layers, ops

from .records import PHASES

FIRST_SOUND, SYSTOLE = 0, slice(1, 4)
SECOND_SOUND, DIASTOLE = 4, slice(5, 9)
LN10 = float(np.log(10.0))
SILENT = 1e-9
"""Keeps a window of which nothing remains from dividing by zero."""
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
    taken = None
    if network.gap_steady:
        exact, taken = without_steady_part(network, front_end, exact)
    level = layers.AveragePooling1D(2, padding="same", name="level")(_banded(network, front_end, "bands")(exact))
    loud = _banded(network, front_end, "ramps", network.gap_thresholds)(exact)
    sounds = [
        layers.Dot(1, name=f"{name}_reference")([member[:, :, sound : sound + 1], level])
        / present[:, sound : sound + 1]
        for sound, name in ((FIRST_SOUND, "systole"), (SECOND_SOUND, "diastole"))
    ]
    if network.gap_reference == "mean":
        sounds = [(sounds[0] + sounds[1]) * 0.5] * 2
    if taken is not None:
        hidden = _banded(network, front_end, "taken_bands")(taken)
        sounds = [hidden + ops.relu(sound - hidden) for sound in sounds]
    fills = []
    systole, diastole = parts_of(SYSTOLE, network.gap_systole), parts_of(DIASTOLE, network.gap_diastole)
    for reference, gap, name in ((sounds[0], systole, "systole"), (sounds[1], diastole, "diastole")):
        spread = _spread(network, front_end, name)(reference)
        above = layers.ReLU(RAMP, name=f"{name}_above")(loud - spread)
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


def parts_of(gap, bounds):
    """Phases of a gap, of which only the parts from ``bounds[0]`` up to but not including ``bounds[1]`` are read."""
    first, end = bounds
    if not 0 <= first < end <= gap.stop - gap.start:
        raise ValueError(f"parts of a gap must lie within 0 to {gap.stop - gap.start}, got {first} to {end}")
    return slice(gap.start + first, gap.start + end)


def without_steady_part(network, front_end, features):
    """Take from each band what never stops, where it is more than the training recordings usually have.

    With ``X[t, b]`` the energies relative to the window's mean, as the features give them back (the front end's floor
    in them), ``m`` their mean over
    ``gap_steady_frames`` frames in a row and ``n[b]`` a usual floor (set by `lubdub_tools.training`)::

        N[b]    = min over t of m[t, b]                                    what is there at the quietest moment
        Y[t, b] = max(X[t, b] - gap_steady * max(N[b] - n[b], 0), 0)
        F[t, b] = log10(Y[t, b] / mean(Y) + floor) - mean of that

    A murmur is not touched as long as some stretch of the cycle is quiet in its bands. Noise swings about its mean,
    so more than ``N`` must go: that is what the factor is for.

    Returns
    -------
    tuple of keras.KerasTensor
        ``F``, and on its scale the level of what was taken away, ``[n, 1, bands]``. The reader takes no sound for
        quieter than that, so that bands in which the noise hid the sounds as well fill no gap.
    """
    if front_end.band_mean_removal:
        raise ValueError("front_end.band_mean_removal must be 0 where network.gap_steady takes the steady part away")
    energies = ops.exp(features * (front_end.scale * LN10))
    energies = energies / _window_mean(energies)
    steady = layers.AveragePooling1D(network.gap_steady_frames, 1, name="steady_mean")(energies)
    steady = UsualFloor(name="steady_floor")(ops.min(steady, axis=1, keepdims=True))
    taken = network.gap_steady * steady
    energies = ops.relu(energies - taken)
    level = _window_mean(energies) + SILENT
    log = ops.log(energies / level + front_end.floor) * (1 / LN10)
    mean = _window_mean(log)
    return log - mean, ops.log(taken / level + front_end.floor) * (1 / LN10) - mean


def _window_mean(values):
    return ops.sum(values, axis=(1, 2), keepdims=True) * (1 / (values.shape[1] * values.shape[2]))


@keras.saving.register_keras_serializable("lubdub")
class UsualFloor(layers.Layer):
    """What a level ``[n, 1, bands]`` has more than the usual one, never below 0."""

    def build(self, shape):
        """One usual level a band, not learned by descent."""
        self.usual = self.add_weight(shape=(shape[-1],), initializer="zeros", trainable=False, name="usual")

    def call(self, inputs):
        """See the class."""
        return ops.relu(inputs - self.usual)


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

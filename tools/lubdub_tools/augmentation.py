"""Training examples inside TensorFlow: cut, disturb as a device and a room would, and compute features.

One draw a recording stands for one device and one room: its stretch, equaliser, band limits and kind of noise are
shared by its windows; where a window lies and which stretch of noise it gets are its own.
"""

import numpy as np
import tensorflow as tf

from .noise import training_bank


class ExampleMaker:
    """Turns window positions into features.

    Parameters
    ----------
    store : lubdub_tools.records.SignalStore
        All samples are loaded into memory.
    configuration : lubdub_tools.configuration.Configuration
    noise_seconds : int
        Length of the bank of disturbances, of each kind.
    """

    def __init__(self, store, configuration, noise_seconds=600):
        self.front_end = configuration.front_end
        self.augmentation = configuration.augmentation
        front_end = self.front_end
        self.signals = tf.constant(np.array(store.signals))
        self.states = tf.constant(np.array(store.states))
        bank = training_bank(configuration.conditioning, noise_seconds, configuration.training.seed)
        self.bank_length = bank.shape[1]
        self.bank = tf.constant(bank.reshape(-1))
        self.bank_kinds = bank.shape[0]
        angle = 2 * np.pi * np.outer(np.arange(front_end.frame_samples), np.arange(front_end.fft_size // 2 + 1))
        hann = front_end.hann()[:, None]
        self.cosines = tf.constant(hann * np.cos(angle / front_end.fft_size), tf.float32)
        self.sines = tf.constant(hann * np.sin(angle / front_end.fft_size), tf.float32)
        self.bands = tf.constant(front_end.band_weights().T, tf.float32)
        bins_hz = np.arange(front_end.fft_size // 2 + 1) * front_end.sample_rate_hz / front_end.fft_size
        self.bins_hz = tf.constant(np.maximum(bins_hz, 5.0), tf.float32)
        self.octaves = tf.math.log(self.bins_hz / 100.0) / np.log(2.0)

    @property
    def span_samples(self):
        """Samples of a recording that one window may need."""
        return int(np.ceil(self.front_end.window_samples * (1 + self.augmentation.stretch))) + 4

    def features(self, windows, gain=None):
        """The front end in float32: ``[n, window_samples]`` to ``[n, frames, bands]``; ``gain`` is ``[n, 1, bins]``."""
        front_end = self.front_end
        frames = tf.signal.frame(windows, front_end.frame_samples, front_end.hop_samples)
        power = tf.square(frames @ self.cosines) + tf.square(frames @ self.sines)
        energy = (power if gain is None else power * gain) @ self.bands
        relative = tf.math.divide_no_nan(energy, tf.reduce_mean(energy, axis=(1, 2), keepdims=True))
        log = tf.math.log(relative + front_end.floor) / np.log(10.0)
        share = front_end.band_mean_removal
        band_mean = tf.reduce_mean(log, axis=1, keepdims=True)
        log -= share * band_mean + (1 - share) * tf.reduce_mean(band_mean, axis=2, keepdims=True)
        return tf.clip_by_value(log / front_end.scale, -front_end.clip, front_end.clip)

    def make(self, starts, seed):
        """Augmented features and heart states.

        Parameters
        ----------
        starts : tf.Tensor
            int64 ``[recordings, windows]``.
        seed : tf.Tensor
            int32 ``[2]``.

        Returns
        -------
        features : tf.Tensor
            ``[recordings * windows, frames, bands]``.
        states : tf.Tensor
            int8 ``[recordings * windows, frames]``: index into `lubdub_tools.records.STATES` at each frame's centre.
        """
        draw = _Draw(seed)
        count, windows = starts.shape
        speed = draw.uniform([count, 1, 1], 1 - self.augmentation.stretch, 1 + self.augmentation.stretch)
        position = tf.range(self.front_end.window_samples, dtype=tf.float32)[None, None] * speed
        cut = self._interpolate(starts[:, :, None], position)
        cut = cut / (tf.math.reduce_std(cut, axis=2, keepdims=True) + 1e-12)
        cut = self._clip(cut, draw, count)
        cut = self._disturb(cut, draw, count, windows)
        cut *= tf.sign(draw.uniform([count, 1, 1], -1, 1))
        gain = tf.repeat(self._device(draw, count), windows, axis=0)
        flat = tf.reshape(cut, [count * windows, self.front_end.window_samples])
        features = self._mask(self.features(flat, gain[:, None, :]), draw)
        return features, self._states(starts, speed)

    def _interpolate(self, starts, position):
        """Catmull-Rom interpolation of the recording at ``starts + 1 + position``."""
        whole = tf.floor(position)
        t = position - whole
        index = starts + tf.cast(whole, tf.int64)
        p = [tf.gather(self.signals, index + k) for k in range(4)]
        return p[1] + 0.5 * t * (
            p[2] - p[0] + t * (2 * p[0] - 5 * p[1] + 4 * p[2] - p[3] + t * (3 * (p[1] - p[2]) + p[3] - p[0]))
        )

    def _clip(self, cut, draw, count):
        limit = draw.uniform([count, 1, 1], 1.0, 4.0)
        limit = tf.where(draw.uniform([count, 1, 1], 0, 1) < self.augmentation.clip_probability, limit, 1e6)
        return tf.clip_by_value(cut, -limit, limit)

    def _disturb(self, cut, draw, count, windows):
        augmentation = self.augmentation
        noisy = draw.uniform([count, 1, 1], 0, 1) < augmentation.noise_probability
        ratio_db = draw.uniform([count, 1, 1], augmentation.noise_low_db, augmentation.noise_high_db)
        level = tf.where(noisy, 10 ** (-ratio_db / 20), 0.0)
        kind = tf.cast(draw.uniform([count, 1, 1], 0, self.bank_kinds - 1e-3), tf.int64) * self.bank_length
        room = self.bank_length - self.front_end.window_samples
        start = tf.cast(draw.uniform([count, windows, 1], 0, room), tf.int64)
        index = kind + start + tf.range(self.front_end.window_samples, dtype=tf.int64)[None, None]
        return cut + level * tf.gather(self.bank, index)

    def _device(self, draw, count):
        """Power gain of a made-up stethoscope over frequency, ``[recordings, bins]``."""
        augmentation = self.augmentation
        octaves = self.octaves[None]
        decibels = draw.normal([count, 1]) * augmentation.tilt_db_per_octave * octaves
        for waves in (0.15, 0.3, 0.5):
            phase = draw.uniform([count, 1], 0, 2 * np.pi)
            height = draw.normal([count, 1]) * augmentation.equaliser_db * np.sqrt(2 / 3)
            decibels += height * tf.cos(2 * np.pi * waves * octaves + phase)
        for low, high, sign in ((20.0, 70.0, 1.0), (120.0, 400.0, -1.0)):
            corner_hz = low * (high / low) ** draw.uniform([count, 1], 0, 1)
            slope = draw.uniform([count, 1], 1.0, 4.0)
            loss = 10 / np.log(10.0) * tf.math.log1p((corner_hz / self.bins_hz[None]) ** (2 * slope * sign))
            cut = draw.uniform([count, 1], 0, 1) < augmentation.band_limit_probability
            decibels -= tf.where(cut, loss, 0.0)
        return 10 ** (decibels / 10)

    def _mask(self, features, draw):
        count = tf.shape(features)[0]
        frames, bands = self.front_end.frame_count, self.front_end.band_count
        longest = self.augmentation.time_mask_s * self.front_end.sample_rate_hz / self.front_end.hop_samples
        for axis, size, widest in ((1, frames, longest), (2, bands, float(self.augmentation.band_mask))):
            width = draw.uniform([count, 1], 0, widest)
            start = draw.uniform([count, 1], 0, 1) * (size - width)
            place = tf.range(size, dtype=tf.float32)[None]
            hidden = tf.expand_dims((place >= start) & (place < start + width), 3 - axis)
            features = tf.where(hidden, 0.0 * features, features)
        return features

    def _states(self, starts, speed):
        front_end = self.front_end
        centre = tf.range(front_end.frame_count, dtype=tf.float32) * front_end.hop_samples + front_end.frame_samples / 2
        index = starts[:, :, None] + tf.cast(centre[None, None] * speed, tf.int64)
        return tf.reshape(tf.gather(self.states, index), [-1, front_end.frame_count])


class _Draw:
    """A sequence of independent seeded draws."""

    def __init__(self, seed):
        self.seed = seed
        self.count = 0

    def _next(self):
        self.count += 1
        return self.seed + tf.constant([0, self.count * 7919])

    def uniform(self, shape, low, high):
        return tf.random.stateless_uniform(shape, self._next(), low, high)

    def normal(self, shape):
        return tf.random.stateless_normal(shape, self._next())

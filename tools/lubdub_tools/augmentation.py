"""Training examples: what a room does to the samples, and what a device does to their spectrum.

Two parts, because they cost differently. `ExampleBank` cuts windows out of the recordings once, stretches, disturbs
and clips them as samples, and keeps their band energies. `DeviceModel` draws a new stethoscope for every recording
of every batch and turns energies into features; it is cheap, so no two steps see the same device.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from .murmurs import Murmur, places_in_state
from .noise import training_bank
from .records import phases_of

SILENT = 1e-9
"""Energy relative to the window's mean below which the bank tells no difference."""


class ExampleBank:
    """Disturbed windows of all recordings, as band energies.

    Small databases get more windows a recording, so that each cell of database and class holds about
    ``per_cell`` windows.

    Parameters
    ----------
    store : lubdub_tools.records.SignalStore
    configuration : lubdub_tools.configuration.Configuration
    folder : pathlib.Path, optional
        Where the bank is kept for the next run with the same settings.
    per_cell : int

    Attributes
    ----------
    energies : numpy.ndarray
        float16 ``[windows, frames, bands]``: log10 of the energy relative to the window's mean, plus `SILENT`.
    phases : numpy.ndarray
        int8 ``[windows, frames]``: index into `lubdub_tools.records.PHASES` at each frame's centre, -1 where unknown.
    starts : numpy.ndarray
        First sample of each window within its recording.
    first : numpy.ndarray
        The windows of recording ``i`` are ``first[i]`` to ``first[i + 1]``; none where it is too short.
    first_murmur : numpy.ndarray
        Likewise the windows that a murmur was laid over, of normal recordings whose heart states are known.
    """

    def __init__(self, store, configuration, folder=None, per_cell=4000):
        self.store = store
        self.front_end = configuration.front_end
        self.augmentation = configuration.augmentation
        self.seed = configuration.training.seed
        lengths = np.diff(store.offsets)
        _, cell, sizes = np.unique(
            [f"{d}{a}" for d, a in zip(store.databases, store.abnormal, strict=True)],
            return_inverse=True,
            return_counts=True,
        )
        counts = np.clip(per_cell // sizes[cell], 6, 60) * (lengths >= self.span_samples)
        murmurs = np.minimum(counts, 12) * (~store.abnormal & self._states_known())
        self.first = np.concatenate([[0], np.cumsum(counts)])
        self.first_murmur = self.first[-1] + np.concatenate([[0], np.cumsum(murmurs)])
        rng = np.random.default_rng(self.seed)
        owners = np.concatenate([np.repeat(np.arange(len(store)), number) for number in (counts, murmurs)])
        self.starts = (rng.random(len(owners)) * (lengths[owners] - self.span_samples + 1)).astype(np.int64)
        path = None if folder is None else Path(folder) / f"examples-{self._key(configuration)}.npz"
        if path is not None and path.exists():
            kept = np.load(path)
            self.energies, self.phases = kept["energies"], kept["phases"]
            return
        self._make(configuration, owners)
        if path is not None:
            partial = path.with_suffix(f".{os.getpid()}.npz")
            np.savez(partial, energies=self.energies, phases=self.phases)
            partial.rename(path)

    def _states_known(self):
        known = np.add.reduceat(np.asarray(self.store.states) >= 0, self.store.offsets[:-1])
        return known > 0.8 * np.diff(self.store.offsets)

    @property
    def span_samples(self):
        """Samples of a recording that one window may need."""
        return int(np.ceil(self.front_end.window_samples * (1 + self.augmentation.stretch))) + 4

    def _key(self, configuration):
        names = ("stretch", "noise_probability", "noise_low_db", "noise_high_db", "clip_probability")
        parts = [
            self.front_end.filter_bank(),
            vars(configuration.conditioning),
            {name: getattr(self.augmentation, name) for name in names},
            [self.seed, len(self.store), int(self.first_murmur[-1]), int(self.store.offsets[-1])],
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]

    def _make(self, configuration, owners):
        front_end = self.front_end
        signals = np.asarray(self.store.signals)
        noise = training_bank(configuration.conditioning, 600, self.seed)
        rng = np.random.default_rng([self.seed, 1])
        shape = (len(owners), front_end.frame_count)
        self.energies = np.empty((*shape, front_end.band_count), np.float16)
        self.phases = np.empty(shape, np.int8)
        centres = np.arange(front_end.frame_count) * front_end.hop_samples + front_end.frame_samples / 2
        absolute = self.starts + self.store.offsets[owners]
        states = np.asarray(self.store.states)
        phases, places = phases_of(states), places_in_state(states)
        murmurs = [
            Murmur(np.random.default_rng([self.seed, 2, i]), front_end.sample_rate_hz) for i in range(len(self.store))
        ]
        for begin in tqdm(range(0, len(owners), 256), desc="examples", unit="batch", mininterval=5):
            batch = slice(begin, begin + 256)
            speed = rng.uniform(1 - self.augmentation.stretch, 1 + self.augmentation.stretch, (len(owners[batch]), 1))
            position = np.arange(front_end.window_samples) * speed
            cut = interpolate(signals, absolute[batch, None], position)
            for row in range(max(begin, self.first[-1]), begin + len(cut)):
                at = absolute[row] + position[row - begin].astype(np.int64)
                here = slice(row - begin, row - begin + 1)
                cut[here] = murmurs[owners[row]].add(cut[here], states[at][None], places[at][None], rng)
            cut /= cut.std(axis=1, keepdims=True) + 1e-12
            energy = front_end.energies(self._disturb(cut, noise, rng))
            level = energy.mean(axis=(1, 2), keepdims=True)
            self.energies[batch] = np.log10(energy / np.where(level > 0, level, 1) + SILENT)
            self.phases[batch] = phases[absolute[batch, None] + (centres * speed).astype(np.int64)]

    def _disturb(self, cut, noise, rng):
        augmentation = self.augmentation
        count, length = cut.shape
        limit = np.where(rng.random((count, 1)) < augmentation.clip_probability, rng.uniform(1, 4, (count, 1)), np.inf)
        cut = np.clip(cut, -limit, limit)
        ratio_db = rng.uniform(augmentation.noise_low_db, augmentation.noise_high_db, (count, 1))
        level = np.where(rng.random((count, 1)) < augmentation.noise_probability, 10 ** (-ratio_db / 20), 0)
        kind = rng.integers(noise.shape[0], size=(count, 1))
        start = rng.integers(noise.shape[1] - length, size=(count, 1))
        return cut + level * noise[kind, start + np.arange(length)]


def interpolate(signals, starts, position):
    """Catmull-Rom interpolation of ``signals`` at ``starts + 1 + position``; shapes broadcast."""
    whole = np.floor(position)
    t = (position - whole).astype(np.float32)
    index = starts + whole.astype(np.int64)
    before, left, right, after = (signals[index + k] for k in range(4))
    curve = 2 * before - 5 * left + 4 * right - after + t * (3 * (left - right) + after - before)
    return left + 0.5 * t * (right - before + t * curve)


class DeviceModel:
    """A made-up stethoscope for every recording, from band energies to features, inside TensorFlow.

    Parameters
    ----------
    front_end : lubdub_tools.front_end.FrontEnd
    augmentation : lubdub_tools.configuration.Augmentation
    """

    def __init__(self, front_end, augmentation):
        self.front_end = front_end
        self.augmentation = augmentation
        ratio = (front_end.high_hz / front_end.low_hz) ** (1 / (front_end.band_count - 1))
        self.centres_hz = tf.constant(front_end.low_hz * ratio ** np.arange(front_end.band_count), tf.float32)
        self.octaves = tf.math.log(self.centres_hz / 100.0) / np.log(2.0)

    def features(self, energies):
        """Steps 4 to 7 of the front end in float32: ``[n, frames, bands]`` energies to features."""
        front_end = self.front_end
        level = tf.reduce_mean(energies, axis=(1, 2), keepdims=True)
        log = tf.math.log(tf.math.divide_no_nan(energies, level) + front_end.floor) / np.log(10.0)
        share = front_end.band_mean_removal
        band_mean = tf.reduce_mean(log, axis=1, keepdims=True)
        log -= share * band_mean + (1 - share) * tf.reduce_mean(band_mean, axis=2, keepdims=True)
        return tf.clip_by_value(log / front_end.scale, -front_end.clip, front_end.clip)

    def execute(self, logs, seed):
        """Features as another device would give them.

        Parameters
        ----------
        logs : tf.Tensor
            float16 ``[recordings, windows, frames, bands]``, from `ExampleBank`.
        seed : tf.Tensor
            int32 ``[2]``.

        Returns
        -------
        tf.Tensor
            float32 ``[recordings * windows, frames, bands]``.
        """
        draw = _Draw(seed)
        count, windows, frames, bands = logs.shape
        decibels = self._device(draw, count)[:, None, None, :]
        energies = 10 ** (tf.cast(logs, tf.float32) + decibels / 10)
        features = self.features(tf.reshape(energies, [count * windows, frames, bands]))
        features = self._mix_styles(features, draw, count, windows)
        return self._mask(features, draw, count * windows)

    def _device(self, draw, count):
        """Gain in decibels over the bands, ``[recordings, bands]``."""
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
            loss = 10 / np.log(10.0) * tf.math.log1p((corner_hz / self.centres_hz[None]) ** (2 * slope * sign))
            cut = draw.uniform([count, 1], 0, 1) < augmentation.band_limit_probability
            decibels -= tf.where(cut, loss, 0.0)
        return decibels

    def _mix_styles(self, features, draw, count, windows):
        """Give recordings the bands' means and spreads of a blend with another one (Zhou et al. 2021, on bands)."""
        if not self.augmentation.style_probability:
            return features
        shape = [count, windows * self.front_end.frame_count, self.front_end.band_count]
        grouped = tf.reshape(features, shape)
        mean, variance = tf.nn.moments(grouped, axes=[1], keepdims=True)
        spread = tf.sqrt(variance + 1e-4)
        other = tf.argsort(draw.uniform([count], 0, 1))
        share = draw.uniform([count, 1, 1], 0, 1)
        share = tf.where(draw.uniform([count, 1, 1], 0, 1) < self.augmentation.style_probability, share, 0.0)
        new_mean = (1 - share) * mean + share * tf.gather(mean, other)
        new_spread = (1 - share) * spread + share * tf.gather(spread, other)
        return tf.reshape((grouped - mean) / spread * new_spread + new_mean, features.shape)

    def _mask(self, features, draw, count):
        frames, bands = self.front_end.frame_count, self.front_end.band_count
        longest = self.augmentation.time_mask_s * self.front_end.sample_rate_hz / self.front_end.hop_samples
        for axis, size, widest in ((1, frames, longest), (2, bands, float(self.augmentation.band_mask))):
            width = draw.uniform([count, 1], 0, widest)
            start = draw.uniform([count, 1], 0, 1) * (size - width)
            place = tf.range(size, dtype=tf.float32)[None]
            shown = tf.cast((place < start) | (place >= start + width), tf.float32)
            features *= tf.expand_dims(shown, 3 - axis)
        return features


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

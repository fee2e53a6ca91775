"""Made-up murmurs for healthy hearts: one heart and one stethoscope, with and without the sound that matters.

In the recordings, being ill comes with a ward, a device and an age. A murmur laid over a healthy recording comes with
nothing else, so a network can tell it from the same recording only by listening. Shapes and pitches follow the usual
teaching (for instance Bickley, Bates' Guide to Physical Examination, on heart murmurs): what each valve's murmur does
between the sounds, and how high it lies.
"""

from dataclasses import dataclass

import numpy as np

from .records import runs_of

SYSTOLE, DIASTOLE = 1, 3


@dataclass(frozen=True)
class Kind:
    """One kind of murmur.

    Attributes
    ----------
    gap : int
        Index into `lubdub_tools.records.STATES`.
    rise, fall : tuple of float
        Ranges of ``r`` and ``f`` in the envelope ``u^r (1 - u)^f`` over the gap, ``u`` from 0 to 1.
    pitch_hz : tuple of float
        Range of the centre frequency.
    """

    name: str
    gap: int
    rise: tuple
    fall: tuple
    pitch_hz: tuple


KINDS = (
    Kind("ejection", SYSTOLE, (0.7, 2.0), (0.7, 2.0), (70.0, 250.0)),
    Kind("holosystolic", SYSTOLE, (0.05, 0.2), (0.05, 0.2), (120.0, 350.0)),
    Kind("late systolic", SYSTOLE, (1.5, 3.0), (0.05, 0.2), (120.0, 350.0)),
    Kind("early diastolic", DIASTOLE, (0.05, 0.2), (1.5, 4.0), (130.0, 350.0)),
    Kind("mid-diastolic rumble", DIASTOLE, (0.8, 1.6), (0.8, 1.6), (35.0, 90.0)),
    Kind("presystolic rumble", DIASTOLE, (3.0, 6.0), (0.05, 0.2), (35.0, 100.0)),
)
LEVEL_DB = (-26.0, -4.0)
"""Range of a murmur's level at its loudest, against the root mean square of the heart sounds."""
OCTAVES = 0.6
"""Width of a murmur: standard deviation of its spectrum over log2 of frequency."""


def places_in_state(states):
    """How far through its run of equal states each sample lies, 0 to 1, float32."""
    states = np.asarray(states)
    begins, lengths = runs_of(states)
    place = np.arange(len(states)) - np.repeat(begins, lengths) + 0.5
    return (place / np.repeat(lengths, lengths)).astype(np.float32)


class Murmur:
    """The murmur of one recording; its windows share kind, shape, pitch and level.

    Parameters
    ----------
    rng : numpy.random.Generator
    sample_rate_hz : float
    """

    def __init__(self, rng, sample_rate_hz):
        self.kind = KINDS[rng.integers(len(KINDS))]
        self.rise, self.fall = rng.uniform(*self.kind.rise), rng.uniform(*self.kind.fall)
        low, high = self.kind.pitch_hz
        self.pitch_hz = low * (high / low) ** rng.random()
        self.level = 10 ** (rng.uniform(*LEVEL_DB) / 20)
        self.sample_rate_hz = sample_rate_hz

    def add(self, samples, states, places, rng):
        """Lay the murmur over windows.

        Parameters
        ----------
        samples : numpy.ndarray
            ``[n, samples]``.
        states, places : numpy.ndarray
            Heart state and place within it at every sample, same shape.
        rng : numpy.random.Generator

        Returns
        -------
        numpy.ndarray
            Same shape; windows without a known sound or gap come back unchanged.
        """
        length = samples.shape[1]
        frequency = np.fft.rfftfreq(length, 1 / self.sample_rate_hz)
        shape = np.exp(-0.5 * (np.log2(np.maximum(frequency, 1) / self.pitch_hz) / OCTAVES) ** 2)
        noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(samples.shape)) * shape, length)
        noise /= noise.std(axis=1, keepdims=True)
        peak = self.rise / (self.rise + self.fall)
        envelope = (places / peak) ** self.rise * ((1 - places) / (1 - peak)) ** self.fall
        sounds = np.isin(states, (0, 2))
        power = np.where(sounds, samples**2, 0).sum(axis=1) / np.maximum(sounds.sum(axis=1), 1)
        loudness = self.level * np.sqrt(power)[:, None]
        return samples + np.where(states == self.kind.gap, loudness * envelope * noise, 0)

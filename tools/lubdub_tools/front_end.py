"""The log filter bank ahead of the network: its definition, for training and for the TypeScript twin.

For one window ``x`` of ``windowSamples`` conditioned samples (float64):

1. Frames: ``frameCount = floor((windowSamples - frameSamples) / hopSamples) + 1``; frame ``t`` starts at sample
   ``t * hopSamples``.
2. Each frame is multiplied by the periodic Hann window ``0.5 - 0.5 cos(2 pi n / frameSamples)`` and zero-padded to
   ``fftSize``; ``P[t, k] = |DFT|^2`` for ``k = 0 .. fftSize / 2``.
3. Bands: centres ``c[b] = lowHz * (highHz / lowHz)^(b / (bandCount - 1))``, half-widths
   ``d[b] = max(c[b] * ((highHz / lowHz)^(1 / (bandCount - 1)) - 1), sampleRateHz / fftSize)``, weights
   ``W[b, k] = max(0, 1 - |k * sampleRateHz / fftSize - c[b]| / d[b])``, divided by their sum over ``k``;
   ``E[t, b] = sum_k W[b, k] P[t, k]``.
4. Level: ``R`` is the mean of ``E`` over all frames and bands. A window of zeros (``R = 0``) gives ``E / R = 0``.
5. ``V[t, b] = log10(E[t, b] / R + floor)``. The floor hides what is far below the window's level: the device's noise.
6. ``F[t, b] = V[t, b] - bandMeanRemoval * mean_t V[t, b] - (1 - bandMeanRemoval) * mean_{t,b} V``.
7. ``F`` is divided by ``scale`` and clipped to ``[-clip, clip]``, then rounded to float32.

Multiplying ``x`` by any factor but 0 changes nothing (steps 4 to 6), no state is kept between windows, and a window
after a gap is as good as any other.
"""

from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True)
class FrontEnd:
    """Parameters of the log filter bank; the module's docstring says what they mean, step by step."""

    sample_rate_hz: int = 1000
    window_samples: int = 3000
    frame_samples: int = 64
    hop_samples: int = 20
    fft_size: int = 128
    band_count: int = 32
    low_hz: float = 20.0
    high_hz: float = 420.0
    floor: float = 1e-3
    band_mean_removal: float = 0.0
    scale: float = 1.0
    clip: float = 4.0

    @property
    def frame_count(self):
        """Frames in one window."""
        return (self.window_samples - self.frame_samples) // self.hop_samples + 1

    def hann(self):
        """Periodic Hann window, float64 ``[frame_samples]``."""
        return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.frame_samples) / self.frame_samples)

    def band_weights(self):
        """Triangles of step 3, float64 ``[band_count, fft_size / 2 + 1]``, each row sums to 1."""
        ratio = (self.high_hz / self.low_hz) ** (1 / (self.band_count - 1))
        bin_hz = self.sample_rate_hz / self.fft_size
        centres = self.low_hz * ratio ** np.arange(self.band_count)
        half_widths = np.maximum(centres * (ratio - 1), bin_hz)
        bins = np.arange(self.fft_size // 2 + 1) * bin_hz
        weights = np.maximum(0, 1 - np.abs(bins[None, :] - centres[:, None]) / half_widths[:, None])
        return weights / weights.sum(axis=1, keepdims=True)

    def power(self, windows):
        """Steps 1 and 2: ``[..., window_samples]`` to ``P``, ``[..., frame_count, fft_size / 2 + 1]``."""
        windows = np.asarray(windows, dtype=np.float64)
        if windows.shape[-1] != self.window_samples:
            raise ValueError(f"a window must hold {self.window_samples} samples, got {windows.shape[-1]}")
        frames = np.lib.stride_tricks.sliding_window_view(windows, self.frame_samples, axis=-1)
        frames = frames[..., :: self.hop_samples, :]
        return np.abs(np.fft.rfft(frames * self.hann(), self.fft_size)) ** 2

    def energies(self, windows):
        """Compute steps 1 to 3: ``[..., window_samples]`` to ``E``, float64 ``[..., frame_count, band_count]``."""
        return self.power(windows) @ self.band_weights().T

    def features(self, energies):
        """Compute steps 4 to 7: ``E`` to ``F``, float32 of the same shape."""
        energies = np.asarray(energies, dtype=np.float64)
        level = energies.mean(axis=(-2, -1), keepdims=True)
        log = np.log10(energies / np.where(level > 0, level, 1) + self.floor)
        log = (
            log
            - self.band_mean_removal * log.mean(axis=-2, keepdims=True)
            - (1 - self.band_mean_removal) * log.mean(axis=(-2, -1), keepdims=True)
        )
        return np.clip(log / self.scale, -self.clip, self.clip).astype(np.float32)

    def execute(self, windows):
        """Compute the features of one or more windows.

        Parameters
        ----------
        windows : numpy.ndarray
            Conditioned samples, ``[..., window_samples]``.

        Returns
        -------
        numpy.ndarray
            float32, ``[..., frame_count, band_count]``.
        """
        return self.features(self.energies(windows))

    def contract(self):
        """The parameters under the names that the model contract uses."""
        return {
            "type": "log-filter-bank",
            "frameSamples": self.frame_samples,
            "hopSamples": self.hop_samples,
            "window": "hann-periodic",
            "fftSize": self.fft_size,
            "bandCount": self.band_count,
            "lowHz": self.low_hz,
            "highHz": self.high_hz,
            "floor": self.floor,
            "bandMeanRemoval": self.band_mean_removal,
            "scale": self.scale,
            "clip": self.clip,
        }

    def filter_bank(self):
        """Return the parameters on which the energies of steps 1 to 3 depend."""
        later = ("floor", "band_mean_removal", "scale", "clip")
        return {name: value for name, value in asdict(self).items() if name not in later}

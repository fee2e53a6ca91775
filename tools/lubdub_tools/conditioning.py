"""Band-pass and decimation, the same causal chain that ``src/condition`` computes on the device's samples."""

from dataclasses import dataclass
from math import ceil, gcd

import numpy as np
from scipy import signal


@dataclass(frozen=True)
class Conditioning:
    """From samples at a source's rate to samples at the model's rate.

    The band-pass is designed at the source's rate and starts in the steady state of the first sample, so that a
    constant offset does not ring. The decimation filter is linear-phase and its delay is not trimmed, because the
    device cannot see into the future either.

    Attributes
    ----------
    model_rate_hz : int
        Rate of the output.
    order : int
        Butterworth order as ``scipy.signal.butter`` counts it; a band-pass has as many second-order sections.
    low_hz, high_hz : float
        Corner frequencies of the band-pass.
    pass_hz, stop_hz : float
        The anti-alias filter passes up to ``pass_hz`` and stops from ``stop_hz``; its -6 dB point lies between.
    stopband_db : float
        Attenuation of the anti-alias filter.
    """

    model_rate_hz: int = 1000
    order: int = 4
    low_hz: float = 25.0
    high_hz: float = 400.0
    pass_hz: float = 400.0
    stop_hz: float = 600.0
    stopband_db: float = 80.0

    def band_pass(self, samples, rate_hz):
        """Filter ``samples`` (float64, ``[n]``) at ``rate_hz`` causally, primed with the first sample."""
        sections = signal.butter(self.order, [self.low_hz, self.high_hz], "bandpass", fs=rate_hz, output="sos")
        state = signal.sosfilt_zi(sections) * samples[0]
        return signal.sosfilt(sections, samples, zi=state)[0]

    def decimate(self, samples, rate_hz):
        """Resample ``samples`` from ``rate_hz`` to the model's rate; ``ceil(n * up / down)`` samples come out."""
        if rate_hz == self.model_rate_hz:
            return samples
        divisor = gcd(self.model_rate_hz, rate_hz)
        up, down = self.model_rate_hz // divisor, rate_hz // divisor
        taps = self.anti_alias_taps(rate_hz, up)
        return signal.upfirdn(taps, samples, up, down)[: ceil(len(samples) * up / down)]

    def anti_alias_taps(self, rate_hz, up):
        """Kaiser-windowed low-pass at ``rate_hz * up``, gain ``up``, an odd number of taps."""
        fast_rate_hz = rate_hz * up
        transition = (self.stop_hz - self.pass_hz) / (fast_rate_hz / 2)
        count, beta = signal.kaiserord(self.stopband_db, transition)
        count += 1 - count % 2
        cutoff_hz = (self.pass_hz + self.stop_hz) / 2
        return signal.firwin(count, cutoff_hz, window=("kaiser", beta), fs=fast_rate_hz) * up

    def execute(self, samples, rate_hz, filtered=True):
        """Condition one gapless recording.

        Parameters
        ----------
        samples : numpy.ndarray
            Amplitudes in [-1, 1), ``[n]``, at ``rate_hz``.
        rate_hz : int
            The source's rate.
        filtered : bool
            False leaves the band-pass out; only the noise evaluation asks for that.

        Returns
        -------
        numpy.ndarray
            float64, ``[ceil(n * up / down)]``, at ``model_rate_hz``.
        """
        samples = np.asarray(samples, dtype=np.float64)
        if samples.size == 0:
            return samples
        banded = self.band_pass(samples, rate_hz) if filtered else samples
        return self.decimate(banded, rate_hz)

"""Disturbances that a stethoscope hears: synthesised, seeded, for training and for the noise evaluation.

Spectra are shaped in the frequency domain; every generator returns unit root-mean-square float64 samples.
"""

import numpy as np
from scipy import signal

KINDS = ("white", "pink", "speech", "rubbing")


def _unit(samples):
    return samples / np.sqrt(np.mean(samples**2))


def _coloured(count, rate_hz, exponent, rng):
    """Gaussian noise whose power falls with ``frequency ** exponent`` from 10 Hz on."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / rate_hz), 10.0)
    return np.fft.irfft(spectrum * frequency ** (-exponent / 2), count)


def white(count, rate_hz, rng):
    """Sensor and amplifier noise."""
    return _unit(_coloured(count, rate_hz, 0.0, rng))


def pink(count, rate_hz, rng):
    """Room noise, ventilation."""
    return _unit(_coloured(count, rate_hz, 1.0, rng))


def speech(count, rate_hz, rng):
    """A voice through a chest wall: harmonics of a wandering pitch, three formants, syllables, pauses."""
    time = np.arange(count) / rate_hz
    pitch = rng.uniform(95, 210)
    wander = signal.sosfilt(signal.butter(1, 2.0, fs=rate_hz, output="sos"), rng.standard_normal(count))
    wander = wander / max(np.std(wander), 1e-12)
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.08 * wander)) / rate_hz
    top = min(rate_hz / 2, 1000.0) * 0.9
    voice = sum(np.sin(k * phase) / k for k in range(1, max(2, int(top / pitch))))
    voice = voice + 0.2 * rng.standard_normal(count)
    for formant_hz in rng.uniform([200, 350, 500], [350, 480, 900]):
        if formant_hz < 0.45 * rate_hz:
            numerator, denominator = signal.iirpeak(formant_hz, 3.0, fs=rate_hz)
            voice = voice + signal.lfilter(numerator, denominator, voice)
    syllables = np.clip(np.sin(2 * np.pi * rng.uniform(3, 5) * time + rng.uniform(0, 6)), 0, None)
    phrases = np.sin(2 * np.pi * rng.uniform(0.15, 0.4) * time + rng.uniform(0, 6)) > -0.4
    return _unit(voice * (syllables * phrases + 0.02))


def rubbing(count, rate_hz, rng):
    """Skin and cloth against the chest piece: bursts of broad-band noise with steep edges, and knocks."""
    body = _coloured(count, rate_hz, rng.uniform(0.5, 1.5), rng)
    envelope = np.full(count, 0.03)
    position = 0.0
    while position < count:
        length = int(rng.uniform(0.05, 0.6) * rate_hz)
        start = int(position)
        burst = np.hanning(max(length, 2))[: max(0, count - start)]
        envelope[start : start + len(burst)] += rng.lognormal(0, 0.7) * burst
        position += rng.exponential(0.7) * rate_hz + length
    return _unit(body * envelope)


def rumble(count, rate_hz, rng):
    """Muscle, handling and traffic, strongest below 60 Hz. Only for training."""
    return _unit(_coloured(count, rate_hz, 2.5, rng))


def hum(count, rate_hz, rng):
    """Mains of 50 or 60 Hz with harmonics. Only for training."""
    time = np.arange(count) / rate_hz
    mains_hz = rng.choice([50.0, 60.0])
    tones = sum(
        rng.uniform(0, 1) / k * np.sin(2 * np.pi * k * mains_hz * time + rng.uniform(0, 6))
        for k in range(1, 8)
        if k * mains_hz < 0.45 * rate_hz
    )
    return _unit(tones + 0.05 * rng.standard_normal(count))


GENERATORS = {"white": white, "pink": pink, "speech": speech, "rubbing": rubbing, "rumble": rumble, "hum": hum}


def generate(kind, count, rate_hz, seed):
    """One disturbance of ``count`` samples, unit root-mean-square."""
    return GENERATORS[kind](count, rate_hz, np.random.default_rng(seed))


def training_bank(conditioning, seconds, seed, rate_hz=2000):
    """Disturbances of every kind through the device's conditioning: float32 ``[kinds, samples]``, unit level."""
    rows = []
    for number, kind in enumerate(GENERATORS):
        pieces = [
            generate(kind, 10 * rate_hz, rate_hz, np.random.SeedSequence([seed, number, piece]))
            for piece in range(seconds // 10)
        ]
        rows.append(_unit(conditioning.execute(np.concatenate(pieces), rate_hz)))
    return np.stack(rows).astype(np.float32)

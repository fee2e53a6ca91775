import cmath
import math

import numpy as np
import pytest

from lubdub_tools.configuration import Configuration
from lubdub_tools.front_end import FrontEnd


def slow_features(x, p):
    """The docstring's seven steps with loops and sums only."""
    energies = []
    for t in range((p.window_samples - p.frame_samples) // p.hop_samples + 1):
        frame = [
            x[t * p.hop_samples + n] * (0.5 - 0.5 * math.cos(2 * math.pi * n / p.frame_samples))
            for n in range(p.frame_samples)
        ]
        power = [
            abs(sum(v * cmath.exp(-2j * math.pi * k * n / p.fft_size) for n, v in enumerate(frame))) ** 2
            for k in range(p.fft_size // 2 + 1)
        ]
        row = []
        for b in range(p.band_count):
            ratio = (p.high_hz / p.low_hz) ** (1 / (p.band_count - 1))
            centre = p.low_hz * ratio**b
            half = max(centre * (ratio - 1), p.sample_rate_hz / p.fft_size)
            weights = [max(0, 1 - abs(k * p.sample_rate_hz / p.fft_size - centre) / half) for k in range(len(power))]
            row.append(sum(w * e for w, e in zip(weights, power, strict=True)) / sum(weights))
        energies.append(row)
    energies = np.array(energies)
    log = np.log10(energies / energies.mean() + p.floor)
    log = log - p.band_mean_removal * log.mean(axis=0) - (1 - p.band_mean_removal) * log.mean()
    return np.clip(log / p.scale, -p.clip, p.clip)


@pytest.mark.parametrize("removal", [0.0, 0.5, 1.0])
def test_features_are_what_the_definition_says(removal):
    parameters = FrontEnd(window_samples=300, floor=1e-2, band_mean_removal=removal, clip=1.5, scale=0.7)
    x = np.random.default_rng(1).standard_normal(300)
    np.testing.assert_allclose(parameters.execute(x), slow_features(x, parameters), atol=1e-6)


@pytest.mark.parametrize("gain", [1e-6, 0.37, -1.0, 4096.0])
def test_gain_changes_nothing(gain):
    front_end = FrontEnd()
    x = np.random.default_rng(2).standard_normal(front_end.window_samples)
    np.testing.assert_allclose(front_end.execute(gain * x), front_end.execute(x), atol=1e-6)


def test_silence_gives_zeros():
    assert not FrontEnd().execute(np.zeros(3000)).any()


def test_a_window_of_another_length_is_refused():
    with pytest.raises(ValueError, match="3000 samples, got 2999"):
        FrontEnd().execute(np.zeros(2999))


def test_a_tone_is_loudest_in_its_own_band():
    front_end = FrontEnd(clip=100)
    tone = np.sin(2 * np.pi * 150 * np.arange(3000) / 1000)
    band = front_end.execute(tone).mean(axis=0).argmax()
    centres = 20 * 21 ** (np.arange(32) / 31)
    assert abs(centres[band] - 150) < 15


def test_training_computes_the_same_features():
    from lubdub_tools.augmentation import DeviceModel

    windows = np.random.default_rng(3).standard_normal((2, 3000))
    for removal in (0.0, 0.7, 1.0):
        configuration = Configuration().override([f"front_end.band_mean_removal={removal}"])
        front_end = configuration.front_end
        device = DeviceModel(front_end, configuration.augmentation)
        energies = front_end.energies(windows).astype(np.float32)
        np.testing.assert_allclose(device.features(energies), front_end.execute(windows), atol=1e-5)


def test_the_examples_bank_keeps_what_the_front_end_needs(store):
    from lubdub_tools.augmentation import DeviceModel, ExampleBank

    configuration = Configuration().override(
        ["augmentation.stretch=0", "augmentation.noise_probability=0", "augmentation.clip_probability=0"]
    )
    front_end = configuration.front_end
    bank = ExampleBank(store, configuration, per_cell=30)
    first = bank.starts[0] + 1
    expected = front_end.execute(store.signal(0)[first : first + 3000])
    device = DeviceModel(front_end, configuration.augmentation)
    kept = device.features(10.0 ** bank.energies[:1].astype(np.float32))[0]
    assert np.abs(kept - expected).max() < 0.01

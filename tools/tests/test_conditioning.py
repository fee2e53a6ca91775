import numpy as np
import pytest
from scipy import signal

from lubdub_tools.conditioning import Conditioning


def test_a_constant_offset_does_not_ring():
    out = Conditioning().execute(np.full(4000, 0.5), 2000)
    assert np.abs(out).max() < 1e-9


@pytest.mark.parametrize("rate_hz", [1000, 2000, 4000, 8000, 44100])
def test_a_tone_in_the_band_keeps_its_level_at_every_rate(rate_hz):
    time = np.arange(rate_hz * 2) / rate_hz
    out = Conditioning().execute(np.sin(2 * np.pi * 100 * time), rate_hz)
    assert len(out) == 2000
    assert np.sqrt(np.mean(out[1000:] ** 2)) == pytest.approx(np.sqrt(0.5), rel=0.01)


def test_what_would_fold_into_the_band_is_stopped():
    time = np.arange(16000) / 8000
    out = Conditioning().execute(np.sin(2 * np.pi * 900 * time), 8000, filtered=False)
    assert np.abs(out[500:]).max() < 2e-4


def test_band_pass_is_causal():
    click = np.zeros(4000)
    click[2000] = 1
    assert np.abs(Conditioning().band_pass(click, 2000)[:2000]).max() == 0


def test_taps_follow_kaiserord():
    taps = Conditioning().anti_alias_taps(2000, 1)
    assert len(taps) % 2 == 1
    _, response = signal.freqz(taps, worN=[600, 800, 1000], fs=2000)
    assert 20 * np.log10(np.abs(response).max()) < -79

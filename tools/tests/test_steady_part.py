import keras
import numpy as np
import pytest

from lubdub_tools.configuration import Configuration
from lubdub_tools.gap_reader import UsualFloor, without_steady_part
from lubdub_tools.network import build_network, inference_network
from lubdub_tools.quantisation import QuantisedModel, quantise

SETTINGS = Configuration().override(["network.gap_steady=4", "network.gap_reference=mean"])
FRONT_END = SETTINGS.front_end
FRAMES, BANDS = FRONT_END.frame_count, FRONT_END.band_count
BEAT = 40


def beats(rng, murmur=0.0):
    """Energies ``[1, frames, bands]`` of a heart: two sounds a beat, faint gaps, a murmur in systole."""
    place = np.arange(FRAMES) % BEAT
    loud = np.where(place < 6, 1.0, np.where((place >= 14) & (place < 19), 0.6, 1e-4))
    loud = loud + murmur * ((place >= 6) & (place < 14))
    return loud[None, :, None] * rng.uniform(0.5, 1.5, (1, FRAMES, BANDS))


def parted(energies, usual=0.0):
    """What is left, and the level of what was taken away."""
    features = keras.Input((FRAMES, BANDS))
    model = keras.Model(features, without_steady_part(SETTINGS.network, FRONT_END, features))
    model.get_layer("steady_floor").set_weights([np.full(BANDS, usual, np.float32)])
    return [np.asarray(part) for part in model(FRONT_END.features(energies))]


def cleaned(energies, usual=0.0):
    return parted(energies, usual)[0]


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_a_tone_that_never_stops_is_gone(rng):
    heart = beats(rng)
    hum = np.zeros((1, 1, BANDS))
    hum[..., 8:12] = 0.05
    gap = np.arange(FRAMES) % BEAT > 25
    disturbed = FRONT_END.features(heart + hum)[0, gap, 8:12] - FRONT_END.features(heart)[0, gap, 8:12]
    assert disturbed.mean() > 0.5
    left = cleaned(heart + hum)[0, gap, 8:12] - cleaned(heart)[0, gap, 8:12]
    assert left.max() < 0.1


def test_a_tone_that_hides_the_sounds_too_leaves_silence_far_below_itself(rng):
    heart = beats(rng)
    heart[..., 8:12] *= 0.1
    hum = np.zeros((1, 1, BANDS))
    hum[..., 8:12] = 0.5
    left, taken = parted(heart + hum)
    assert (left[0, :, 8:12] - taken[0, :, 8:12]).max() < min(SETTINGS.network.gap_thresholds)


def test_where_nothing_is_taken_the_sounds_are_as_loud_as_before(rng):
    left, taken = parted(beats(rng) + 0.01, usual=1.0)
    assert (taken <= left.min() + 1e-3).all()


def test_a_murmur_stays(rng):
    systole = np.isin(np.arange(FRAMES) % BEAT, np.arange(6, 14))
    energies = beats(rng, murmur=0.05)
    change = cleaned(energies)[0, systole] - FRONT_END.features(energies)[0, systole]
    assert change.std() < 0.05


def test_what_recordings_usually_have_is_left_alone(rng):
    energies = beats(rng) + 0.01
    np.testing.assert_allclose(cleaned(energies, usual=1.0), FRONT_END.features(energies), atol=0.02)


def test_it_is_the_formula(rng):
    energies = beats(rng) + 0.02 * rng.uniform(0.5, 1.5, (1, FRAMES, BANDS))
    x = energies / energies.mean() + FRONT_END.floor
    x /= x.mean()
    means = np.lib.stride_tricks.sliding_window_view(x[0], SETTINGS.network.gap_steady_frames, axis=0).mean(-1)
    y = np.maximum(x - 4 * np.maximum(means.min(0) - 0.005, 0), 0)
    log = np.log10(y / y.mean() + FRONT_END.floor)
    np.testing.assert_allclose(cleaned(energies, usual=0.005), log - log.mean(), atol=2e-3)


def test_the_usual_floor_is_kept_in_the_layer():
    layer = UsualFloor()
    layer(np.zeros((1, 1, 3), np.float32))
    layer.set_weights([np.array([1.0, 2.0, 3.0])])
    np.testing.assert_array_equal(layer(np.full((1, 1, 3), 2.0, np.float32)), [[[1.0, 0.0, 0.0]]])


def test_features_without_their_band_means_are_refused():
    settings = SETTINGS.override(["front_end.band_mean_removal=1.0"])
    with pytest.raises(ValueError, match="band_mean_removal"):
        build_network(settings.network, settings.front_end)


def test_int8_leaves_it_in_float(rng):
    keras.utils.set_random_seed(4)
    model = inference_network(build_network(SETTINGS.network, FRONT_END))
    features = FRONT_END.features(np.concatenate([beats(rng, 0.01 * k) + 0.01 for k in range(8)]))
    answer = QuantisedModel(quantise(model, features)).execute(features)
    np.testing.assert_allclose(answer, model.predict_on_batch(features)[:, 0], atol=0.05)

import numpy as np
import pytest

from lubdub_tools.configuration import Configuration
from lubdub_tools.network import build_network, inference_network, multiply_accumulates
from lubdub_tools.quantisation import (
    QuantisedModel,
    calibration_features,
    choose_calibration_windows,
    quantise,
    read_calibration_windows,
    write_calibration_windows,
)

SETTINGS = Configuration().override(["network.channels=[8,8]", "network.kernels=[5,3]", "network.strides=[2,2]"])


@pytest.fixture(scope="module")
def float_model():
    import keras

    keras.utils.set_random_seed(3)
    return inference_network(build_network(SETTINGS.network, SETTINGS.front_end))


@pytest.fixture(scope="module")
def features(store):
    windows = choose_calibration_windows(store, SETTINGS.front_end, 40, 1)
    return calibration_features(store, SETTINGS.front_end, windows)


def test_int8_follows_the_float_network_within_a_few_steps(float_model, features):
    model = QuantisedModel(quantise(float_model, features))
    exact = np.asarray(float_model(features))[:, 0]
    assert np.abs(model.execute(features) - exact).mean() < 3 * model.output_step()


def test_weights_have_a_scale_for_every_channel_and_both_ends_are_float(float_model, features):
    model = QuantisedModel(quantise(float_model, features))
    assert model.per_channel_tensors() >= 2
    assert model.input["dtype"] == model.output["dtype"] == np.float32
    assert list(model.input["shape"]) == [1, 147, 32]


def test_the_same_windows_give_the_same_file(float_model, features):
    assert quantise(float_model, features) == quantise(float_model, features)


def test_calibration_windows_survive_their_file(store, tmp_path):
    windows = choose_calibration_windows(store, SETTINGS.front_end, 20, 1)
    write_calibration_windows(tmp_path / "windows.csv", windows)
    assert read_calibration_windows(tmp_path / "windows.csv") == windows


def test_multiplications_are_counted_by_hand(float_model):
    pattern = 74 * 8 * 5 * 32 + 37 * 8 * 3 * 8 + 8
    modulation = (147 - 8) * 2 * 32 * 9 + 2 * 32
    assert multiply_accumulates(float_model) == pattern + modulation


def test_the_modulation_reader_sees_changes_over_its_lag_only(float_model):
    """A constant added to every frame of a band, and a ramp's sign, leave it as it is."""
    from keras import Model

    depth = Model(float_model.input, float_model.get_layer("depth").output)
    rng = np.random.default_rng(4)
    x = rng.standard_normal((1, 147, 32)).astype(np.float32)
    np.testing.assert_allclose(depth(x + 3.0), depth(x), atol=1e-5)
    lag = SETTINGS.network.modulation_frames
    change = x[0, lag:] - x[0, :-lag]
    expected = np.stack([np.maximum(change, 0).mean(0), np.maximum(-change, 0).mean(0)], axis=-1)
    np.testing.assert_allclose(np.sort(np.asarray(depth(x)).ravel()), np.sort(expected.ravel()), atol=1e-5)

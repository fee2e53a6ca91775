import numpy as np
import pytest

from lubdub_tools.configuration import Configuration
from lubdub_tools.network import build_network, inference_network, multiply_accumulates
from lubdub_tools.quantisation import (
    QuantisedModel,
    calibration_features,
    choose_calibration_windows,
    phase_step,
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
    assert 0 < model.output_step() < 0.05 * exact.std()
    assert np.abs(model.execute(features) - exact).mean() < 3 * model.output_step()


def test_without_patterns_int8_follows_within_a_step_of_the_phases(features):
    import keras

    keras.utils.set_random_seed(3)
    alone = SETTINGS.override(["network.gap_share=1"])
    network = inference_network(build_network(alone.network, alone.front_end))
    model = QuantisedModel(quantise(network, features))
    exact = np.asarray(network(features))[:, 0]
    step = phase_step(network, model.phase_scale(), features[:3])
    assert model.output_step() is None
    assert 0 < step < 0.05 * exact.std()
    phases = network.get_layer("phases").output.shape
    assert np.abs(model.execute(features) - exact).mean() < step * np.sqrt(phases[1] * phases[2])


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
    phases = 74 * (32 * 9 * 32 + 3 * 32 * 13 * 32 + 32 * 9)
    fill = 147 * 32 * (8 + 40) + 2 * (74 * 8 + 8 * 40) + 74 * 40 * (3 + 4)
    curves = 3 * 280
    assert multiply_accumulates(float_model) == pattern + phases + fill + curves

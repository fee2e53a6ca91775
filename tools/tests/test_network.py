from dataclasses import replace

import keras
import numpy as np
import pytest

from lubdub_tools.configuration import Configuration
from lubdub_tools.network import build_network, inference_network, multiply_accumulates, reads_patterns
from lubdub_tools.training import check_patterns

SETTINGS = Configuration().override(
    ["network.gap_systole=[1,3]", "network.gap_diastole=[0,3]", "network.gap_steady=4", "network.gap_reference=mean"]
)


def with_network(**changes):
    return replace(SETTINGS, network=replace(SETTINGS.network, **changes))


def test_a_network_without_patterns_gives_the_logit_of_one_that_weighs_them_0():
    keras.utils.set_random_seed(4)
    both = build_network(SETTINGS.network, SETTINGS.front_end)
    alone = build_network(with_network(gap_share=1.0).network, SETTINGS.front_end)
    for layer in alone.layers:
        if layer.weights:
            layer.set_weights(both.get_layer(layer.name).get_weights())
    features = np.random.default_rng(5).normal(0, 0.8, (6, 147, 32)).astype(np.float32)
    outputs = both(features)
    np.testing.assert_array_equal(alone(features)["logit"], 0 * outputs["pattern"] + outputs["gaps"])
    assert not {"pattern", "score", "embedding"} & set(alone.output)
    assert multiply_accumulates(inference_network(alone)) < 0.7 * multiply_accumulates(inference_network(both))


def test_a_network_without_channels_has_no_patterns():
    assert not reads_patterns(with_network(channels=(), kernels=(), strides=(), gap_share=1.0).network)
    assert reads_patterns(SETTINGS.network)
    with pytest.raises(ValueError, match=r"gap_share must be 1 where network\.channels is empty"):
        build_network(with_network(channels=(), gap_share=0.85).network, SETTINGS.front_end)


@pytest.mark.parametrize("setting", ["adversary_share=0.1", "teacher_share=0.5", "group_loss=attention"])
def test_what_acts_on_patterns_is_refused_without_them(setting):
    asked = with_network(gap_share=1.0).override([f"training.{setting}"])
    with pytest.raises(ValueError, match=rf"{setting.split('=')[0]}.* acts on the pattern reader"):
        check_patterns(asked)
    check_patterns(SETTINGS.override([f"training.{setting}"]))
    check_patterns(with_network(gap_share=1.0))

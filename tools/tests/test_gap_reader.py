from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from lubdub_tools.configuration import Configuration
from lubdub_tools.gap_reader import DIASTOLE, FIRST_SOUND, SECOND_SOUND, SYSTOLE, RisingCurves, parts_of, read_gaps
from lubdub_tools.quantisation import QuantisedModel
from lubdub_tools.records import PHASES, phases_of

SETTINGS = Configuration()
FRAMES, STEPS, BANDS, GROUPS = 147, 74, 32, 8


@pytest.fixture(scope="module")
def reader():
    """The reader alone, the phases handed to it, with weights as far from their start as training may bring them."""
    keras.utils.set_random_seed(5)
    features, phases = keras.layers.Input((FRAMES, BANDS)), keras.layers.Input((STEPS, len(PHASES)))
    logit = read_gaps(SETTINGS.network, SETTINGS.front_end, features, phases)
    model = keras.Model([features, phases], logit)
    rng = np.random.default_rng(6)
    fill = model.get_layer("fill_norm")
    fill.set_weights([rng.uniform(0.5, 5, 280), rng.uniform(0.3, 2, 280)])
    curves = model.get_layer("curves")
    curves.set_weights([rng.uniform(0, 8, 840), rng.normal(size=840)])
    model.get_layer("gaps").set_weights([rng.exponential(0.1, (840, 1)), np.array([-20.0])])
    return model


@pytest.fixture
def window():
    rng = np.random.default_rng(7)
    features = rng.normal(0, 0.8, (1, FRAMES, BANDS)).astype(np.float32)
    phases = np.full((1, STEPS, len(PHASES)), -9.0, np.float32)
    phases[0, np.arange(STEPS), np.arange(STEPS) // 3 % len(PHASES)] = 9
    return features, phases


def in_gap(phases):
    """Frames that lie in systole or diastole."""
    phase = np.repeat(phases[0].argmax(-1), 2)[:FRAMES]
    return ~np.isin(phase, (FIRST_SOUND, SECOND_SOUND))


def test_a_louder_gap_never_makes_a_heart_more_normal(reader, window):
    features, phases = window
    before = reader([features, phases])
    rng = np.random.default_rng(8)
    for _ in range(20):
        louder = features.copy()
        louder[:, in_gap(phases)] += rng.exponential(0.5, (in_gap(phases).sum(), BANDS)).astype(np.float32)
        assert reader([louder, phases]) > before


def test_a_frequency_response_changes_nothing(reader, window):
    features, phases = window
    response = np.random.default_rng(9).normal(0, 2, BANDS).astype(np.float32)
    np.testing.assert_allclose(reader([features + response, phases]), reader([features, phases]), atol=1e-3)


def test_the_shares_are_those_of_the_formula(reader, window):
    features, phases = window
    shares = keras.Model(reader.input, reader.get_layer("fill_norm").input)([features, phases])
    member = np.exp(phases[0]) / np.exp(phases[0]).sum(-1, keepdims=True)
    weight = member / (member.sum(0) + 1e-3)
    level = features[0].reshape(FRAMES, GROUPS, -1).mean(-1)

    def pairs(x):
        return np.stack([x[2 * i : 2 * i + 2].mean(0) for i in range(STEPS)])

    expected = []
    for sound, gap in ((FIRST_SOUND, SYSTOLE), (SECOND_SOUND, DIASTOLE)):
        reference = weight[:, sound] @ pairs(level)
        ramps = [
            np.clip((level - reference - threshold) / SETTINGS.network.gap_width, 0, 1)
            for threshold in SETTINGS.network.gap_thresholds
        ]
        expected.append((weight[:, gap].T @ pairs(np.concatenate(ramps, -1))).ravel())
    np.testing.assert_allclose(np.asarray(shares)[0] / 6, np.concatenate(expected), atol=1e-5)


def test_training_on_labels_that_say_the_opposite_leaves_it_so(reader, window):
    model = keras.models.clone_model(reader)
    features, phases = window
    louder = features + 0.6 * in_gap(phases)[None, :, None]
    inputs = [np.concatenate([features, louder]), np.concatenate([phases, phases])]
    names = ("curves", "gaps")
    variables = [v for name in names for v in model.get_layer(name).trainable_variables]
    optimizer = keras.optimizers.AdamW(0.1)
    optimizer.build(variables)
    for _ in range(30):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(np.float32([[1], [0]]), model(inputs)))
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
    assert model([louder.astype(np.float32), phases]) >= model([features, phases])
    assert min(float(tf.reduce_min(v)) for v in variables if v.path.endswith(("slope", "kernel"))) >= 0


def test_the_shipped_network_kept_its_weights_above_0():
    model = QuantisedModel(Path(__file__).parents[2] / "models" / "heart-sound.tflite")
    weights = [
        model.interpreter.get_tensor(detail["index"])
        for detail in model.interpreter.get_tensor_details()
        if list(detail["shape"]) == [1, 840] and "share_b" in detail["name"]
    ]
    assert len(weights) == 1
    assert (weights[0] >= 0).all()
    assert (weights[0] > 0).any()


def test_curves_rise():
    layer = RisingCurves(3)
    values = np.asarray(layer(np.linspace(-4, 4, 50, dtype=np.float32)[:, None]))
    assert values.shape == (50, 3)
    assert (np.diff(values, axis=0) > 0).all()


def test_curves_never_come_to_fall():
    layer, values = RisingCurves(1), np.linspace(-4, 1, 20, dtype=np.float32)[:, None]
    layer(values)
    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build([layer.slope])
    for _ in range(100):
        with tf.GradientTape() as tape:
            rise = tf.reduce_sum(layer(values) * values) - tf.reduce_sum(layer(values)) * values.mean()
        optimizer.apply_gradients([(tape.gradient(rise, layer.slope), layer.slope)])
    assert abs(float(layer.slope[0])) < 1e-6


def test_phases_cut_systole_into_three_and_diastole_into_four():
    states = np.repeat([-1, 0, 1, 2, 3, 0, -1], [2, 3, 6, 2, 8, 2, 1])
    expected = np.repeat([-1, *range(9), 0, -1], [2, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1])
    np.testing.assert_array_equal(phases_of(states), expected)
    assert [PHASES[k] for k in (0, 4)] == ["S1", "S2"]


def test_parts_that_are_not_read_change_nothing(window):
    from dataclasses import replace

    network = replace(SETTINGS.network, gap_systole=(1, 3), gap_diastole=(0, 3), gap_thresholds=(-1.5, -1.0, -0.5))
    keras.utils.set_random_seed(5)
    features, phases = keras.layers.Input((FRAMES, BANDS)), keras.layers.Input((STEPS, len(PHASES)))
    model = keras.Model([features, phases], read_gaps(network, SETTINGS.front_end, features, phases))
    inputs, places = window
    assert model.get_layer("fill_norm").input.shape[-1] == 5 * 3 * GROUPS
    phase = np.repeat(places[0].argmax(-1), 2)[:FRAMES]
    before = model([inputs, places])
    for part, is_read in ((SYSTOLE.start, False), (DIASTOLE.stop - 1, False), (SYSTOLE.start + 1, True)):
        louder = inputs.copy()
        louder[:, phase == part] += 3
        assert (np.abs(model([louder, places]) - before).max() > 1e-5) == is_read


def test_parts_beyond_a_gap_are_refused():
    with pytest.raises(ValueError, match="parts of a gap"):
        parts_of(SYSTOLE, (0, 4))

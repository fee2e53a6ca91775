import numpy as np
import pytest

from lubdub_tools.augmentation import ExampleBank
from lubdub_tools.configuration import Configuration
from lubdub_tools.murmurs import KINDS, LEVEL_DB, Murmur, places_in_state

RATE_HZ = 1000
BEAT = np.repeat([0, 1, 2, 3], [120, 180, 100, 400])


def murmur_of(kind):
    """The first murmur of a kind that the draws give."""
    return next(m for m in (Murmur(np.random.default_rng(seed), RATE_HZ) for seed in range(200)) if m.kind is kind)


@pytest.fixture
def heart():
    states = np.tile(BEAT, 4)[None, :3000]
    rng = np.random.default_rng(1)
    return (
        np.where(np.isin(states, (0, 2)), rng.standard_normal(states.shape), 0.0),
        states,
        places_in_state(states[0])[None],
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_murmur_fills_its_own_gap_at_its_level_and_pitch(heart, kind):
    samples, states, places = heart
    murmur = murmur_of(kind)
    added = murmur.add(samples, states, places, np.random.default_rng(2)) - samples
    assert (added[states != kind.gap] == 0).all()
    assert np.abs(added[states == kind.gap]).max() > 0
    sounds = np.sqrt(np.mean(samples[np.isin(states, (0, 2))] ** 2))
    loudest = np.sqrt(np.convolve(added[0] ** 2, np.ones(60) / 60, "same").max()) / sounds
    assert LEVEL_DB[0] - 6 < 20 * np.log10(loudest) < LEVEL_DB[1] + 6
    spectrum = np.abs(np.fft.rfft(added[0])) ** 2
    centre = np.exp(np.average(np.log(np.arange(1, len(spectrum)) / 3), weights=spectrum[1:]))
    assert 0.5 < centre / murmur.pitch_hz < 2


def test_nothing_is_added_where_no_state_is_known(heart):
    samples, states, places = heart
    unknown = np.full_like(states, -1)
    np.testing.assert_array_equal(
        Murmur(np.random.default_rng(3), RATE_HZ).add(samples, unknown, places, np.random.default_rng(4)), samples
    )


def test_places_run_from_0_to_1_within_each_state():
    np.testing.assert_allclose(places_in_state([1, 1, 0, 0, 0, 0]), [0.25, 0.75, 0.125, 0.375, 0.625, 0.875])
    late = places_in_state(np.resize([0, 1, 2, 3], 1 << 25))
    np.testing.assert_array_equal(late[-4:], 0.5)


def test_only_normal_recordings_with_known_states_get_one(store):
    bank = ExampleBank(store, Configuration(), per_cell=60)
    assert bank.first_murmur[-1] == bank.first_murmur[0]
    store.states = np.zeros(store.offsets[-1], np.int8)
    try:
        marked = np.diff(ExampleBank(store, Configuration(), per_cell=60).first_murmur)
    finally:
        del store.states
        store.states = np.full(store.offsets[-1], -1, np.int8)
    assert (marked[store.abnormal] == 0).all()
    assert (marked[~store.abnormal] > 0).all()

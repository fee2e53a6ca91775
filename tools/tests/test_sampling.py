from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from lubdub_tools.configuration import Training
from lubdub_tools.sampling import GroupSampler
from lubdub_tools.training import curves_sampler

SIZES = {"a": 40, "b": 10, "e": 160}
TRAINING = Training(recordings=24, windows=2, murmur_share=0.0, database_power=0.25, curves_database_power=0.25)


def sampler(training):
    """Three databases of unequal size, half of each abnormal, every recording its own person with three windows."""
    databases = np.repeat(list(SIZES), list(SIZES.values()))
    count = len(databases)
    store = SimpleNamespace(
        databases=databases, abnormal=np.arange(count) % 2 == 0, groups=np.array([f"p{i}" for i in range(count)])
    )
    first = np.arange(count + 1) * 3
    bank = SimpleNamespace(
        starts=np.zeros(3 * count, int), first=first, first_murmur=np.full(count + 1, first[-1]), span_samples=3304
    )
    return GroupSampler(store, np.arange(count), training, bank)


def shares_of(drawn, batches=400):
    """How much of what is drawn comes from each database."""
    rng = np.random.default_rng(1)
    chosen = np.concatenate([drawn.draw(rng)[0] for _ in range(batches)])
    names, counts = np.unique(drawn.store.databases[chosen], return_counts=True)
    return dict(zip(names, counts / len(chosen), strict=True))


def test_the_curves_draw_as_the_patterns_do_where_the_settings_are_the_same():
    drawn = sampler(TRAINING)
    one, other = np.random.default_rng(5), np.random.default_rng(5)
    for _ in range(5):
        for left, right in zip(drawn.draw(one), curves_sampler(drawn).draw(other), strict=True):
            np.testing.assert_array_equal(left, right)


def test_a_power_of_nothing_draws_every_database_alike_and_leaves_the_patterns_alone():
    drawn = sampler(replace(TRAINING, curves_database_power=0.0))
    for share in shares_of(curves_sampler(drawn)).values():
        assert abs(share - 1 / 3) < 0.02
    powers = {name: size**0.25 for name, size in SIZES.items()}
    for name, share in shares_of(drawn).items():
        assert abs(share - powers[name] / sum(powers.values())) < 0.02


def test_the_confounded_database_is_drawn_less_for_the_curves_alone():
    drawn = sampler(replace(TRAINING, curves_database_power=0.0, curves_confounded_share=0.3))
    shares = shares_of(curves_sampler(drawn))
    assert abs(shares["e"] / shares["a"] - 0.3) < 0.03
    assert shares_of(drawn)["e"] > shares_of(drawn)["a"]

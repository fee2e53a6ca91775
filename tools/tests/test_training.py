import csv
from pathlib import Path

import numpy as np
import pytest

from lubdub_tools.configuration import Configuration
from lubdub_tools.records import SignalStore
from lubdub_tools.training import Trainer

BUNDLED = Path(__file__).parents[2] / "test" / "recordings"
SHORT = [
    "network.channels=[8]",
    "network.kernels=[5]",
    "network.strides=[2]",
    "network.phase_channels=[8]",
    "network.phase_kernels=[5]",
    "network.gap_steady=4",
    "training.steps=2",
    "training.recordings=4",
    "training.windows=2",
    "training.curves_batches=2",
    "training.curves_steps=2",
    "training.mixed_precision=false",
]


@pytest.fixture(scope="module")
def bundled(tmp_path_factory):
    """The bundled recordings, which have heart states, prepared."""
    from lubdub_tools.prepare import prepare

    return SignalStore(prepare(BUNDLED, tmp_path_factory.mktemp("bundled"), processes=1))


@pytest.mark.parametrize("share", [0.85, 1])
def test_a_network_is_trained_with_patterns_and_without(bundled, tmp_path, share):
    configuration = Configuration().override([*SHORT, f"network.gap_share={share}"])
    trainer = Trainer(bundled, configuration)
    everyone = np.arange(len(bundled))
    unseen = (np.zeros((3, 147, 32), np.float32), np.array([0.0, 1.0, 1.0]))
    trained = trainer.fit(everyone, tmp_path, progress="", unseen=unseen)
    assert ("pattern" in [layer.name for layer in trained.layers]) == (share < 1)
    with open(tmp_path / "curve.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all((row["label_loss"] != "") == (share < 1) for row in rows)
    assert all(float(row["phase_loss"]) > 0 for row in rows)
    again = trainer.refit(everyone, trained, progress="")
    for name in ("phase_conv0", "phases", *(["conv0", "pattern"] if share < 1 else [])):
        pairs = zip(trained.get_layer(name).get_weights(), again.get_layer(name).get_weights(), strict=True)
        for before, after in pairs:
            np.testing.assert_array_equal(before, after)


def test_the_chances_of_the_curves_change_the_curves_alone(bundled):
    settings = [*SHORT, "training.curves_database_power=0.25", "training.curves_steps=20"]
    trainer = Trainer(bundled, Configuration().override(settings))
    everyone = np.arange(len(bundled))
    trained = trainer.fit(everyone, progress="")
    networks = []
    for share in (1.0, 0.0):
        trainer.configuration = Configuration().override([*settings, f"training.curves_confounded_share={share}"])
        networks.append(trainer.refit(everyone, trained, progress=""))
    for name in ("phases", "pattern", "steady_floor"):
        for one, other in zip(*(network.get_layer(name).get_weights() for network in networks), strict=True):
            np.testing.assert_array_equal(one, other)
    places = [network.get_layer("fill_norm").get_weights()[0] for network in networks]
    assert not np.array_equal(*places)

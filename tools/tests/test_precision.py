import keras
import numpy as np

from lubdub_tools import precision
from lubdub_tools.configuration import Configuration

TINY = ("channels=[8]", "kernels=[5]", "strides=[2]", "phase_channels=[8]", "phase_kernels=[5]")
SMALL = Configuration().override([f"network.{setting}" for setting in TINY])


def test_bfloat16_is_used_only_where_it_was_measured_to_be_faster(monkeypatch):
    for seconds, expected in (
        ({"float32": 1.0, "mixed_bfloat16": 4.0}, False),
        ({"float32": 2, "mixed_bfloat16": 1}, True),
    ):
        precision.bfloat16_pays.cache_clear()
        monkeypatch.setattr(precision, "_seconds", lambda policy, *_, table=seconds: table[policy])
        assert precision.bfloat16_pays(SMALL.network, SMALL.front_end) is expected
    precision.bfloat16_pays.cache_clear()


def test_the_measurement_leaves_the_precision_as_it_was():
    before = keras.config.dtype_policy()
    assert np.isfinite(precision._seconds("mixed_bfloat16", SMALL.network, SMALL.front_end, windows=4, repeats=1))
    assert keras.config.dtype_policy() == before

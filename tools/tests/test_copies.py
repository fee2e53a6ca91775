import json

import numpy as np
import pytest

from lubdub_tools.copies import build_memoriser, memorise, zero_phase_signals
from lubdub_tools.prepare import find_audio, read_audio

RAW = "raw"


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    from made_up import write_data_set

    return write_data_set(tmp_path_factory.mktemp("copies") / RAW) / "audio"


def test_the_network_is_as_large_as_the_one_of_the_published_figures():
    model = build_memoriser()
    assert 1.275e6 < model.count_params() < 1.285e6
    assert model.output_shape == (None, 1)


def test_the_filter_delays_nothing(store, audio, tmp_path):
    signals, offsets = zero_phase_signals(store, audio, tmp_path)
    samples, _ = read_audio(find_audio(audio, store.recordings[0].record))
    own = signals[offsets[0] : offsets[1]]
    assert len(own) == len(samples) // 2
    lags = np.arange(-20, 21)
    middle = samples[::2][100:-100]
    fits = [np.dot(middle, own[100 + lag : len(own) - 100 + lag]) for lag in lags]
    assert abs(lags[int(np.argmax(fits))]) <= 1


def test_copies_are_learned_by_heart_and_called_leaky(store, audio, tmp_path):
    result = memorise(store, audio, tmp_path, tmp_path / "run", epochs=12)
    assert result["final"]["meaning"].startswith("LEAKY")
    assert result["final"]["trainedOn"] == len(store)
    assert result["fold-0"]["meaning"] == "people not trained on"
    assert result["fold-0"]["trainedOn"] < len(store)
    assert result["final"]["cutAsInTraining"]["accuracy"] == 1
    assert result["final"]["lossByEpoch"][-1] < 0.5 * result["final"]["lossByEpoch"][0]
    assert json.loads((tmp_path / "run" / "copies.json").read_text())["final"]["everySecond"]["aucInside"] == {
        "a": None
    }

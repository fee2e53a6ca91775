import os
from pathlib import Path

import numpy as np
import pytest

from lubdub_tools.records import Recording, read_records
from lubdub_tools.splits import Split, SplitError, check_split, final_split, leaky_record_splits, named_splits


def recording(name, group, fold=0, database="a", validation=False):
    return Recording(name, database, False, True, group, fold, validation, 10.0)


RECORDINGS = [
    recording("a1", "p", 0),
    recording("a2", "p", 0),
    recording("a3", "q", 1, validation=True),
    recording("b1", "r", 1, "b"),
    recording("b2", "s", 0, "b", validation=True),
]


def test_a_group_on_both_sides_is_refused():
    with pytest.raises(SplitError, match="no group may be on both sides"):
        check_split(Split("bad", np.array([0, 3]), np.array([1, 2])), RECORDINGS)


def test_a_recording_on_both_sides_is_refused_even_where_leaking_is_meant():
    with pytest.raises(SplitError, match="no recording may be on both sides"):
        check_split(Split("bad", np.array([0, 3]), np.array([0, 2]), leaky=True), RECORDINGS)


def test_the_validation_copies_are_no_test_set():
    with pytest.raises(SplitError, match="no test set"):
        check_split(Split("official", np.array([0, 1, 3]), np.array([2, 4])), RECORDINGS)


def test_folds_with_a_torn_group_are_refused():
    torn = [*RECORDINGS, recording("a9", "p", 1)]
    with pytest.raises(SplitError, match="fold-"):
        named_splits(torn, "folds")


def test_an_unknown_split_is_refused():
    with pytest.raises(SplitError, match="must be one of"):
        named_splits(RECORDINGS, "fold-9")


def test_leaky_splits_say_that_they_leak():
    assert all(split.leaky for split in leaky_record_splits(RECORDINGS))


def test_the_validation_copies_are_scored_only_as_what_they_are():
    split = final_split(RECORDINGS)
    assert split.test.tolist() == [2, 4]
    assert split.leaky
    assert split.memorised
    assert not any(fold.memorised for fold in named_splits(RECORDINGS, "folds"))


def test_folds_and_left_out_databases_test_every_recording_once():
    for which in ("folds", "databases"):
        tested = np.concatenate([split.test for split in named_splits(RECORDINGS, which)])
        assert sorted(tested) == list(range(len(RECORDINGS)))


@pytest.mark.skipif("LUBDUB_DATA" not in os.environ, reason="LUBDUB_DATA names no data set")
def test_the_frozen_folds_keep_every_group_together():
    recordings = read_records(Path(os.environ["LUBDUB_DATA"]) / "records.csv")
    assert len(named_splits(recordings, "folds")) == 5
    assert len(named_splits(recordings, "databases")) == 4

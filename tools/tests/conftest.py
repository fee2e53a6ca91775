"""Shared set-ups."""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

import pytest
from made_up import write_data_set


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """Twelve made-up people, prepared."""
    from lubdub_tools.prepare import prepare
    from lubdub_tools.records import SignalStore

    folder = tmp_path_factory.mktemp("data")
    prepare(write_data_set(folder / "raw"), folder / "prepared", processes=1)
    return SignalStore(folder / "prepared")

"""The list of what a model was trained on, by samples."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lubdub_tools.contract import write_contract
from lubdub_tools.sample_hashes import add_sample_hashes, hash_list, sample_hash

RECORDINGS = Path(__file__).resolve().parents[2] / "test" / "recordings"


def test_hash_is_that_of_the_samples_alone():
    # Written with sha256sum from the data set's FLAC files, of which the WAV files here are copies.
    lines = (RECORDINGS / "samples.sha256").read_text(encoding="utf-8").split("\n")
    expected = {Path(name).stem: digest[:16] for digest, name in (line.split() for line in lines if line)}
    found = hash_list(RECORDINGS, sorted(expected))
    assert found == "".join(f"{expected[record]} {record}\n" for record in sorted(expected))


def test_copies_have_one_hash_and_other_samples_another(tmp_path):
    samples = np.arange(-500, 500, dtype="i2")
    soundfile.write(tmp_path / "one.flac", samples, 2000)
    soundfile.write(tmp_path / "two.wav", samples, 4000)
    soundfile.write(tmp_path / "cut.wav", samples[:-1], 2000)
    one, two, cut = (line.split()[0] for line in hash_list(tmp_path, ["one", "two", "cut"]).splitlines())
    assert one == two == sample_hash(samples)
    assert cut != one


def test_a_missing_recording_or_other_format_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="LUBDUB_DATA"):
        hash_list(tmp_path, ["a0001"])
    soundfile.write(tmp_path / "stereo.wav", np.zeros((10, 2), dtype="i2"), 2000)
    with pytest.raises(ValueError, match="mono"):
        hash_list(tmp_path, ["stereo"])


def test_contract_names_the_list(tmp_path):
    write_contract(tmp_path / "m.json", {"version": "1", "training": {"records": ["b0344"]}})
    add_sample_hashes(tmp_path / "m.json", RECORDINGS)
    named = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))["training"]["sampleHashes"]
    assert named["file"] == "m.trained-on.txt"
    assert (tmp_path / named["file"]).read_text(encoding="utf-8").endswith(" b0344\n")

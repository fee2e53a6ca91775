"""The list of what a model was trained on, by samples: a copy is known whatever it is called.

The hash of a recording is the first 8 bytes, in hexadecimal, of the SHA-256 of its samples as little-endian 16-bit
integers, from the first to the last, at the rate of the file; rate, name and format are no part of it. A WAV file, a
FLAC file and a copy with more bits a sample have the same hash; a cut, amplified or resampled copy has another. The
runtime's twin is ``src/evaluate/sample-hash.ts``.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import soundfile

from .contract import write_contract

METHOD = "first 8 bytes of SHA-256 of int16 little-endian samples"


def sample_hash(samples):
    """Hash one recording.

    Parameters
    ----------
    samples : numpy.ndarray
        ``[n]``, int16.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    return hashlib.sha256(np.asarray(samples, dtype="<i2").tobytes()).digest()[:8].hex()


def find_audio(data, record):
    """Where a record's file lies: ``audio/`` or the folder itself, FLAC or WAV.

    Raises
    ------
    FileNotFoundError
    """
    data = Path(data)
    for folder in (data / "audio", data):
        for ending in (".flac", ".wav"):
            if (folder / f"{record}{ending}").exists():
                return folder / f"{record}{ending}"
    raise FileNotFoundError(f"{data} must hold {record}.flac or {record}.wav, in audio/ or itself; set LUBDUB_DATA")


def hash_list(data, records):
    """Lines ``HASH RECORD``, in the order of the records.

    Raises
    ------
    FileNotFoundError
        Where a record's file is missing.
    ValueError
        Where one is not mono, 16 bit.
    """
    lines = []
    for record in records:
        path = find_audio(data, record)
        info = soundfile.info(path)
        if (info.channels, info.subtype) != (1, "PCM_16"):
            raise ValueError(f"{path} must be mono, PCM_16, got {info.channels} channels, {info.subtype}")
        lines.append(f"{sample_hash(soundfile.read(path, dtype='int16')[0])} {record}\n")
    return "".join(lines)


def add_sample_hashes(contract_path, data):
    """Write the list beside a contract, named after it, and its name and hash into the contract's ``training``."""
    contract_path = Path(contract_path)
    contract = json.loads(contract_path.read_text(encoding="utf-8"))
    content = hash_list(data, contract["training"]["records"]).encode()
    path = contract_path.with_suffix(".trained-on.txt")
    path.write_bytes(content)
    contract["training"]["sampleHashes"] = {
        "file": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "method": METHOD,
    }
    write_contract(contract_path, contract)

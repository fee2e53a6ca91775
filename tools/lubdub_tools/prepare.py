"""Condition every recording once and store the results for training."""

import json
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from tqdm import tqdm

from .conditioning import Conditioning
from .records import read_records, read_states

ANNOTATION_RATE_HZ = 2000


def find_audio(folder, record):
    """The recording's file, FLAC or WAV, in ``folder`` or one folder below it."""
    for pattern in (f"{record}.flac", f"{record}.wav", f"*/{record}.flac", f"*/{record}.wav"):
        found = sorted(Path(folder).glob(pattern))
        if found:
            return found[0]
    raise FileNotFoundError(f"no {record}.flac or {record}.wav in {folder}; run `lubdub-tools fetch` or set --data")


def read_audio(path):
    """First channel as float64 in [-1, 1) and the rate; integers are divided by full scale, as on the device."""
    samples, rate_hz = soundfile.read(path, dtype="float64", always_2d=True)
    return samples[:, 0], rate_hz


def condition_file(record, audio, conditioning):
    """Conditioned samples of one recording, float32."""
    samples, rate_hz = read_audio(find_audio(audio, record))
    return conditioning.execute(samples, rate_hz).astype(np.float32)


def sampled_states(annotation, length, rate_hz):
    """Spread annotated onsets over samples at ``rate_hz``: int8 ``[length]``, -1 before the first onset."""
    result = np.full(length, -1, np.int8)
    if annotation is None:
        return result
    onsets, states = annotation
    starts = np.minimum(onsets * rate_hz // ANNOTATION_RATE_HZ, length)
    for start, end, state in zip(starts, [*starts[1:], length], states, strict=True):
        result[start:end] = state
    return result


def prepare(data, out, conditioning=None, processes=2):
    """Condition the recordings listed in ``data/records.csv`` and write them to ``out``.

    Does nothing where ``out`` already holds the same recordings under the same conditioning.

    Parameters
    ----------
    data : pathlib.Path
        Folder with ``records.csv``, ``audio/`` and, if there is one, ``heart-states.csv.gz``.
    out : pathlib.Path
        Folder for `lubdub_tools.records.SignalStore`.
    conditioning : Conditioning, optional
    processes : int
    """
    data, out = Path(data), Path(out)
    conditioning = conditioning or Conditioning()
    recordings = read_records(data / "records.csv")
    stamp = {"conditioning": asdict(conditioning), "records": [r.record for r in recordings]}
    stamp_path = out / "prepared.json"
    if stamp_path.exists() and json.loads(stamp_path.read_text()) == stamp:
        print(f"{out} is already prepared")
        return out
    out.mkdir(parents=True, exist_ok=True)
    stamp_path.unlink(missing_ok=True)
    audio = data / "audio" if (data / "audio").is_dir() else data
    work = partial(condition_file, audio=audio, conditioning=conditioning)
    with ProcessPoolExecutor(processes) as pool:
        names = [r.record for r in recordings]
        parts = list(tqdm(pool.map(work, names, chunksize=16), total=len(names), desc="prepare", unit="recording"))
    annotations = data / "heart-states.csv.gz"
    states = read_states(annotations) if annotations.exists() else {}
    np.save(out / "signals.npy", np.concatenate(parts))
    np.save(out / "offsets.npy", np.cumsum([0] + [len(part) for part in parts]))
    np.save(
        out / "states.npy",
        np.concatenate(
            [
                sampled_states(states.get(name), len(part), conditioning.model_rate_hz)
                for name, part in zip(names, parts, strict=True)
            ]
        ),
    )
    shutil.copyfile(data / "records.csv", out / "records.csv")
    stamp_path.write_text(json.dumps(stamp))
    return out

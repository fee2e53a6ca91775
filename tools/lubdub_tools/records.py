"""The labelled recordings: who they are, what must stay together, and their conditioned samples."""

import csv
import gzip
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

STATES = ("S1", "systole", "S2", "diastole")
PHASES = ("S1", "systole 1", "systole 2", "systole 3", "S2", *(f"diastole {part}" for part in range(1, 5)))
"""The heart states with systole cut into three and diastole into four parts of equal length."""
PARTS = (1, 3, 1, 4)


@dataclass(frozen=True)
class Recording:
    """One row of ``records.csv``.

    Attributes
    ----------
    record : str
        Name in the Challenge, also the audio file's.
    database : str
        One of a to f: who recorded it and with which device.
    abnormal : bool
        The organisers' label.
    usable : bool
        False where the organisers marked the signal as of poor quality.
    group : str
        What must never stand on both sides of a split: a person, or a block of adjacent recordings.
    fold : int
        The frozen fold, 0 to 4.
    official_validation : bool
        True for records whose copies the organisers sent out as a validation set.
    """

    record: str
    database: str
    abnormal: bool
    usable: bool
    group: str
    fold: int
    official_validation: bool
    duration_s: float


def read_records(path):
    """Read ``records.csv`` (or a file with the same columns) into a list of `Recording`.

    Raises
    ------
    ValueError
        Where a column is missing or a label is neither normal nor abnormal.
    """
    needed = {"record", "database", "label", "quality", "group", "fold", "official_validation", "duration_s"}
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        missing = needed - set(rows.fieldnames or [])
        if missing:
            raise ValueError(f"{path} must have the columns {sorted(needed)}, these are missing: {sorted(missing)}")
        return [_recording(row, path) for row in rows]


def _recording(row, path):
    if row["label"] not in ("normal", "abnormal"):
        raise ValueError(f"{path}: label of {row['record']} must be normal or abnormal, got {row['label']!r}")
    return Recording(
        record=row["record"],
        database=row["database"],
        abnormal=row["label"] == "abnormal",
        usable=row["quality"] == "1",
        group=row["group"],
        fold=int(row["fold"]),
        official_validation=row["official_validation"] == "1",
        duration_s=float(row["duration_s"]),
    )


def read_states(path):
    """Read ``heart-states.csv.gz``: record name to ``(onsets, states)``.

    Onsets are samples at 2,000 Hz; a state is an index into `STATES`, or -1 from the begin of a stretch that the
    annotators called noise until the next annotated state.
    """
    onsets, states = {}, {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            onsets.setdefault(row["record"], []).append(int(row["sample"]))
            states.setdefault(row["record"], []).append(STATES.index(row["state"]) if row["state"] in STATES else -1)
    return {record: (np.array(onsets[record]), np.array(states[record])) for record in onsets}


def runs_of(states):
    """Where each run of equal states begins, and how long it is."""
    begins = np.flatnonzero(np.diff(states, prepend=-2))
    return begins, np.diff(begins, append=len(states))


def phases_of(states):
    """Cut each run of a state into its parts: indices into `STATES` to indices into `PHASES`, -1 stays -1."""
    states = np.asarray(states)
    begins, lengths = runs_of(states)
    parts = np.array([*PARTS, 1])[states[begins]]
    first = np.array([*np.cumsum([0, *PARTS[:-1]]), -1])[states[begins]]
    within = (np.arange(len(states)) - np.repeat(begins, lengths)) / np.repeat(lengths, lengths)
    return (np.repeat(first, lengths) + (within * np.repeat(parts, lengths)).astype(int)).astype(np.int8)


class SignalStore:
    """Conditioned recordings at the model's rate, back to back in one array.

    Parameters
    ----------
    folder : pathlib.Path
        What ``prepare`` wrote: ``records.csv``, ``signals.npy`` (float32), ``offsets.npy`` (int64, one more than
        there are recordings), and ``states.npy`` (int8, as long as the signals, -1 where nothing is known).

    Attributes
    ----------
    recordings : list of Recording
    signals : numpy.ndarray
        float32 ``[samples of all recordings]``, mapped, not loaded.
    offsets : numpy.ndarray
        Recording ``i`` is ``signals[offsets[i] : offsets[i + 1]]``.
    """

    def __init__(self, folder):
        folder = Path(folder)
        self.recordings = read_records(folder / "records.csv")
        self.signals = np.load(folder / "signals.npy", mmap_mode="r")
        self.offsets = np.load(folder / "offsets.npy")
        self.states = np.load(folder / "states.npy", mmap_mode="r")
        self.abnormal = np.array([r.abnormal for r in self.recordings])
        self.usable = np.array([r.usable for r in self.recordings])
        self.databases = np.array([r.database for r in self.recordings])
        self.groups = np.array([r.group for r in self.recordings])
        self.folds = np.array([r.fold for r in self.recordings])

    def __len__(self):
        return len(self.recordings)

    def signal(self, index):
        """Conditioned samples of recording ``index``."""
        return self.signals[self.offsets[index] : self.offsets[index + 1]]

    def window_counts(self, window_samples, hop_samples):
        """How many full windows each recording has, ``[recordings]``."""
        return np.maximum(0, (np.diff(self.offsets) - window_samples) // hop_samples + 1)

    def windows(self, index, window_samples, hop_samples):
        """All full windows of a recording, ``[count, window_samples]``; a view, count may be 0."""
        samples = self.signal(index)
        if len(samples) < window_samples:
            return np.empty((0, window_samples), np.float32)
        return np.lib.stride_tricks.sliding_window_view(samples, window_samples)[::hop_samples]


def relabel_folds(recordings, folds):
    """The same recordings with other folds, for the leaky comparison."""
    return [replace(recording, fold=int(fold)) for recording, fold in zip(recordings, folds, strict=True)]

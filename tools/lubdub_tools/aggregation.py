"""From windows to one recording, as ``src/verdict`` does it."""

import csv
from pathlib import Path

import numpy as np

WEIGHTS_FILE = "window-weights.csv"


def recording_logits(logits, owners, count, weights=None):
    """Quality-weighted mean of the windows' logits, per recording; of all windows alike where none has a weight.

    Parameters
    ----------
    logits : numpy.ndarray
        One a window, ``[windows]``.
    owners : numpy.ndarray
        Index of the recording of each window, ``[windows]``.
    count : int
        Number of recordings.
    weights : numpy.ndarray, optional
        Quality of each window, ``[windows]``, 0 for unusable ones; equal weights where left out.

    Returns
    -------
    numpy.ndarray
        ``[count]``, NaN where a recording has no window.
    """
    logits, owners = np.asarray(logits, float), np.asarray(owners, int)
    weights = np.ones(len(logits)) if weights is None else np.asarray(weights, float)
    weights = np.where(has_usable_window(owners, count, weights)[owners], weights, 1.0)
    total = np.bincount(owners, weights * logits, count)
    weight = np.bincount(owners, weights, count)
    return np.divide(total, weight, out=np.full(count, np.nan), where=weight > 0)


def has_usable_window(owners, count, weights):
    """True where at least one window of a recording has a weight, ``[count]``; the others never get a class."""
    return np.bincount(owners, weights, count) > 0


def window_owners(store, window_samples=3000, hop_samples=1000):
    """Recording of every window of the store, in order, ``[windows]``."""
    return np.repeat(np.arange(len(store)), store.window_counts(window_samples, hop_samples))


def window_weights(store, folder, window_samples=3000, hop_samples=1000):
    """Read the quality of each window as the runtime's signal quality stage measured it.

    Parameters
    ----------
    store : lubdub_tools.records.SignalStore
    folder : pathlib.Path
        A run; its ``window-weights.csv`` has the columns ``record, index, weight``, one row a window.

    Returns
    -------
    numpy.ndarray or None
        One a window of the store, in order, 0 for unusable ones; None where there is no such file, so that windows
        count alike.

    Raises
    ------
    ValueError
        Where a window of the store has no row.
    """
    path = Path(folder) / WEIGHTS_FILE
    if not path.exists():
        return None
    with open(path, newline="", encoding="utf-8") as file:
        rows = {(row["record"], int(row["index"])): float(row["weight"]) for row in csv.DictReader(file)}
    weights = []
    for recording, count in zip(store.recordings, store.window_counts(window_samples, hop_samples), strict=True):
        for index in range(count):
            if (recording.record, index) not in rows:
                raise ValueError(f"{path} has no row for window {index} of {recording.record}")
            weights.append(rows[recording.record, index])
    return np.array(weights)

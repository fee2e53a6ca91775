"""From windows to one recording, as ``src/verdict`` does it."""

import numpy as np

from .records import SignalStore  # noqa: F401  (named in the docstrings)


def recording_logits(logits, owners, count, weights=None):
    """Quality-weighted mean of the windows' logits, per recording.

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
        ``[count]``, NaN where a recording has no weighted window.
    """
    weights = np.ones(len(logits)) if weights is None else np.asarray(weights, float)
    total = np.bincount(owners, weights * logits, count)
    weight = np.bincount(owners, weights, count)
    return np.divide(total, weight, out=np.full(count, np.nan), where=weight > 0)

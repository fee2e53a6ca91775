"""Window logits of recordings that a network was not trained on."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
from tqdm import tqdm


class WindowFeatures:
    """Features of every window of every recording, by the reference front end; the energies are kept on disk.

    Attributes
    ----------
    energies : numpy.ndarray
        float32 ``[windows, frames, bands]``, mapped.
    owners : numpy.ndarray
        Recording of each window, ``[windows]``.
    numbers : numpy.ndarray
        Place of each window in its recording, from 0, ``[windows]``.
    """

    def __init__(self, store, front_end, folder, hop_samples=1000):
        self.front_end = front_end
        counts = store.window_counts(front_end.window_samples, hop_samples)
        self.owners = np.repeat(np.arange(len(store)), counts)
        self.numbers = np.concatenate([np.arange(count) for count in counts])
        stamp = [front_end.filter_bank(), hop_samples, json.loads((Path(folder) / "prepared.json").read_text())]
        name = hashlib.sha256(json.dumps(stamp, sort_keys=True).encode()).hexdigest()[:12]
        path = Path(folder) / f"energies-{name}.npy"
        if not path.exists():
            shape = (int(counts.sum()), front_end.frame_count, front_end.band_count)
            partial = path.with_suffix(f".{os.getpid()}.npy")
            target = np.lib.format.open_memmap(partial, mode="w+", dtype=np.float32, shape=shape)
            position = 0
            for index in tqdm(range(len(store)), desc="energies", unit="recording", mininterval=5):
                windows = store.windows(index, front_end.window_samples, hop_samples)
                if len(windows):
                    target[position : position + len(windows)] = front_end.energies(windows)
                position += len(windows)
            target.flush()
            del target
            partial.rename(path)
        self.energies = np.load(path, mmap_mode="r")

    def tested_by(self, split):
        """Which windows a split tests."""
        tested = np.isin(self.owners, split.test)
        if split.held_out_every:
            tested &= self.numbers % split.held_out_every == split.held_out_every - 1
        return np.flatnonzero(tested)

    def features(self, which):
        """Features of the windows ``which``, float32 ``[len(which), frames, bands]``."""
        return self.front_end.features(self.energies[which])

    def logits(self, execute, which, batch=512):
        """Logits of the windows ``which``.

        Parameters
        ----------
        execute : callable
            Features ``[n, frames, bands]`` to logits ``[n]`` or ``[n, 1]``.
        which : numpy.ndarray
            Indices of windows.

        Returns
        -------
        numpy.ndarray
            float32 ``[len(which)]``.
        """
        parts = [
            np.asarray(execute(self.features(which[start : start + batch])), np.float32).reshape(-1)
            for start in range(0, len(which), batch)
        ]
        return np.concatenate(parts) if parts else np.empty(0, np.float32)

"""Window logits of recordings that a network was not trained on."""

import hashlib
import json
from pathlib import Path

import numpy as np
from tqdm import tqdm


class WindowFeatures:
    """Features of every window of every recording, computed by the reference front end and kept on disk.

    Attributes
    ----------
    features : numpy.ndarray
        float32 ``[windows, frames, bands]``, mapped.
    owners : numpy.ndarray
        Recording of each window, ``[windows]``.
    numbers : numpy.ndarray
        Place of each window in its recording, from 0, ``[windows]``.
    """

    def __init__(self, store, front_end, folder, hop_samples=1000):
        parameters = json.dumps({**front_end.parameters(), "hop": hop_samples}, sort_keys=True)
        name = hashlib.sha256(parameters.encode()).hexdigest()[:12]
        path = Path(folder) / f"features-{name}.npy"
        counts = np.maximum(0, (np.diff(store.offsets) - front_end.window_samples) // hop_samples + 1)
        self.owners = np.repeat(np.arange(len(store)), counts)
        self.numbers = np.concatenate([np.arange(count) for count in counts])
        if not path.exists():
            shape = (int(counts.sum()), front_end.frame_count, front_end.band_count)
            partial = path.with_suffix(".partial.npy")
            target = np.lib.format.open_memmap(partial, mode="w+", dtype=np.float32, shape=shape)
            position = 0
            for index in tqdm(range(len(store)), desc="features", unit="recording", mininterval=5):
                windows = store.windows(index, front_end.window_samples, hop_samples)
                if len(windows):
                    target[position : position + len(windows)] = front_end.execute(windows)
                position += len(windows)
            target.flush()
            del target
            partial.rename(path)
        self.features = np.load(path, mmap_mode="r")

    def tested_by(self, split):
        """Which windows a split tests."""
        tested = np.isin(self.owners, split.test)
        if split.held_out_every:
            tested &= self.numbers % split.held_out_every == split.held_out_every - 1
        return np.flatnonzero(tested)

    def logits(self, model, which, batch=512):
        """Run a Keras network over the windows ``which``; float ``[len(which)]``."""
        parts = [
            np.asarray(model(self.features[which[start : start + batch]], training=False), np.float32)[:, 0]
            for start in range(0, len(which), batch)
        ]
        return np.concatenate(parts) if parts else np.empty(0, np.float32)

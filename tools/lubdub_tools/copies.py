"""Where figures such as F1 .97 on this data set come from: a test on copies of what was trained on.

Published work trains a two-layer 1-D CNN of 1.28 million parameters on all 3,240 recordings (zero-phase filter, the
group loss by mean of `lubdub_tools.grouped_loss`, ten epochs) and reports accuracy .967, AUC .9985 and F1 .966 on the
organisers' validation set. Every recording of that set is a copy of one of the 3,240. `memorise` does the same with a
network of that kind and, beside it, the same network on people that it was not trained on. Both come with their split
written beside them; neither chooses anything.
"""

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from scipy.signal import butter, decimate, sosfiltfilt
from tqdm import tqdm

from .contract import round_figures
from .cross_validation import splits_to_train
from .grouped_loss import grouped_loss
from .metrics import INSIDE, auc, by_database, decision_scores, mean_inside
from .prepare import find_audio, read_audio

WINDOW = 3000
RATE_HZ = 1000
BAND_HZ = (25.0, 400.0)
ORDER = 4
SIGNALS_FILE = "zero-phase.npy"
RECORDINGS = 8
MINIMUM = WINDOW + 1
LEARNING_RATE = 1e-3
SPLITS = ("final", "fold-0")


def zero_phase_signals(store, audio, folder):
    """Filter every recording forwards and backwards, which no device can do, and keep the result.

    Parameters
    ----------
    store : lubdub_tools.records.SignalStore
    audio : pathlib.Path
        The unconditioned recordings.
    folder : pathlib.Path
        Gets ``zero-phase.npy``.

    Returns
    -------
    signals : numpy.ndarray
        float32 at 1 kHz, back to back.
    offsets : numpy.ndarray
        Recording ``i`` is ``signals[offsets[i] : offsets[i + 1]]``.
    """
    path = Path(folder) / SIGNALS_FILE
    offsets_path = path.with_suffix(".offsets.npy")
    if not offsets_path.exists():
        parts = []
        for recording in tqdm(store.recordings, desc="zero-phase filter", unit="recording", mininterval=5):
            samples, rate_hz = read_audio(find_audio(audio, recording.record))
            if rate_hz % RATE_HZ:
                raise ValueError(f"the rate of {recording.record} must be a multiple of {RATE_HZ} Hz, got {rate_hz}")
            samples = sosfiltfilt(butter(ORDER, BAND_HZ, "bandpass", fs=rate_hz, output="sos"), samples)
            step = rate_hz // RATE_HZ
            samples = samples if step == 1 else decimate(samples, step, ftype="fir", zero_phase=True)
            parts.append(samples.astype(np.float32))
        np.save(path, np.concatenate(parts))
        np.save(offsets_path, np.cumsum([0] + [len(part) for part in parts]))
    return np.load(path, mmap_mode="r"), np.load(offsets_path)


def build_memoriser():
    """Two convolutions and a wide layer, 1.28 million parameters: samples ``[n, 3000, 1]`` to the logit ``[n, 1]``."""
    return keras.Sequential(
        [
            layers.Input((WINDOW, 1)),
            layers.Conv1D(16, 15, strides=2, padding="same", activation="relu"),
            layers.MaxPooling1D(2),
            layers.Conv1D(32, 9, padding="same", activation="relu"),
            layers.MaxPooling1D(4),
            layers.Flatten(),
            layers.Dense(213, activation="relu"),
            layers.Dense(1),
        ]
    )


def memorise(store, audio, cache, folder, names=SPLITS, epochs=10, windows=5, seed=1):
    """Train on each split's training side, score its test side, write and return ``copies.json``.

    Parameters
    ----------
    store : lubdub_tools.records.SignalStore
    audio, cache, folder : pathlib.Path
        The unconditioned recordings; where the filtered ones are kept; the run's folder.
    names : sequence of str
        ``final`` is the test on copies (LEAKY), ``fold-K`` a test on other people.
    epochs : int
        How often each recording is shown.
    windows : int
        Of a recording, evenly spread and always the same ones: what is shown again is learned by heart the sooner.
    seed : int

    Returns
    -------
    dict
        Split to figures, of a recording's mean logit over the very windows that were shown or would have been
        (``cutAsInTraining``) and over a window a second (``everySecond``). The threshold is a logit of 0, nothing is
        calibrated.
    """
    signals, offsets = zero_phase_signals(store, audio, cache)
    result = {}
    for name in names:
        (split,) = splits_to_train(store.recordings, name)
        keras.utils.set_random_seed(seed)
        model = build_memoriser()
        curve = _train(model, store, signals, offsets, split.train, epochs, windows, seed, name)
        test = split.test[np.diff(offsets)[split.test] >= MINIMUM]
        abnormal, databases = store.abnormal[test], store.databases[test]
        result[name] = {
            "meaning": "LEAKY: every recording here was trained on" if split.memorised else "people not trained on",
            "parameters": int(model.count_params()),
            "trainedOn": len(split.train),
            "lossByEpoch": curve,
        }
        for kind, cut in (("cutAsInTraining", _shown), ("everySecond", _every_second)):
            logits = np.array([_logit(model, cut(signals[offsets[i] : offsets[i + 1]], windows)) for i in test])
            inside = by_database(auc, databases, abnormal, logits)
            scores = {"auc": auc(abnormal, logits), "aucInside": inside, "meanAucInside": mean_inside(inside, INSIDE)}
            result[name][kind] = {**scores, **decision_scores(abnormal, logits >= 0)}
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / "copies.json").write_text(json.dumps(round_figures(result), indent=1) + "\n")
    return result


def _train(model, store, signals, offsets, train, epochs, windows, seed, name):
    rng = np.random.default_rng(seed)
    train = np.asarray(train)[np.diff(offsets)[train] >= MINIMUM]
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(samples, labels):
        with tf.GradientTape() as tape:
            logits = tf.reshape(model(samples, training=True), [-1, windows])
            loss = grouped_loss(labels, logits, "mean", 1.0)
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    curve = []
    for epoch in range(epochs):
        order, losses = rng.permutation(train), []
        count = min(RECORDINGS, len(order))
        batches = range(0, len(order) - count + 1, count)
        for begin in tqdm(batches, f"copies {name} {epoch + 1}", unit="step", mininterval=5):
            chosen = order[begin : begin + count]
            cut = np.concatenate([_shown(signals[offsets[i] : offsets[i + 1]], windows) for i in chosen])
            losses.append(float(step(_scaled(cut), tf.constant(store.abnormal[chosen], tf.float32))))
        curve.append(float(np.mean(losses)))
    return curve


def _scaled(cut):
    return tf.constant((cut / (cut.std(axis=1, keepdims=True) + 1e-9))[..., None], tf.float32)


def _shown(samples, windows):
    """The windows of a recording that are trained on, evenly spread from its begin to its end."""
    starts = (np.linspace(0, 1, windows) * (len(samples) - WINDOW)).astype(np.int64)
    return np.stack([samples[start : start + WINDOW] for start in starts])


def _every_second(samples, windows):
    """The windows that the device would score, most of which begin somewhere else."""
    del windows
    return np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::RATE_HZ]


def _logit(model, cut):
    return float(np.mean(model.predict_on_batch(_scaled(cut))))

"""From a float Keras network to the int8 TFLite file that ships, and TFLite's own interpreter to run it."""

import csv
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from .records import PHASES

FLOAT_OPERATIONS = [
    "ADD",
    "AVERAGE_POOL_2D",
    "BATCH_MATMUL",
    "CONCATENATION",
    "DIV",
    "EXP",
    "FULLY_CONNECTED",
    "LOG",
    "LOGISTIC",
    "MUL",
    "REDUCE_MIN",
    "RELU",
    "RELU6",
    "RESHAPE",
    "SOFTMAX",
    "STRIDED_SLICE",
    "SUB",
    "SUM",
    "TILE",
    "TRANSPOSE",
]
"""All but convolutions and the mean over time."""


def choose_calibration_windows(store, front_end, count, seed, hop_samples=1000):
    """Draw windows on which the converter sees the range of every activation, equally many a database and class.

    Returns
    -------
    list of tuple
        ``(record, first_sample)`` at the model's rate, sorted.
    """
    rng = np.random.default_rng(seed)
    cells = {}
    for index, recording in enumerate(store.recordings):
        cells.setdefault((recording.database, recording.abnormal), []).append(index)
    lengths = np.diff(store.offsets)
    chosen = set()
    for members in cells.values():
        for index in rng.choice(members, -(-count // len(cells))):
            windows = (lengths[index] - front_end.window_samples) // hop_samples + 1
            if windows > 0:
                chosen.add((store.recordings[index].record, int(rng.integers(windows)) * hop_samples))
    return sorted(chosen)


def write_calibration_windows(path, windows):
    """Write the choice as CSV, so that a conversion can be repeated exactly."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["record", "first_sample"])
        writer.writerows(windows)


def read_calibration_windows(path):
    """Read what `write_calibration_windows` wrote."""
    with open(path, newline="", encoding="utf-8") as file:
        return [(row["record"], int(row["first_sample"])) for row in csv.DictReader(file)]


def calibration_features(store, front_end, windows):
    """Features of the listed windows, ``[count, frames, bands]``; records that the store lacks are skipped."""
    numbers = {recording.record: index for index, recording in enumerate(store.recordings)}
    cut = [
        store.signal(numbers[record])[first : first + front_end.window_samples]
        for record, first in windows
        if record in numbers
    ]
    if not cut:
        raise ValueError("none of the calibration windows is among the prepared recordings")
    return front_end.execute(np.stack(cut))


def quantise(model, features):
    """Convert to TFLite: convolutions with int8 activations and int8 weights per channel, float32 at both ends.

    What the gap reader makes of the phases stays float32: it is 4 % of the multiplications, and in int8 it lost up to
    .11 AUC (a left-out database whose network had shares that hardly vary).

    Parameters
    ----------
    model : keras.Model
        ``[n, frames, bands]`` to ``[n, 1]``.
    features : numpy.ndarray
        Windows that fix the activations' ranges, ``[count, frames, bands]``.

    Returns
    -------
    bytes
        The TFLite file, for one window a call.
    """
    shape = (1, *features.shape[1:])

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, name="features")])
    def run(window):
        return {"logit": model(window, training=False)}

    def representative():
        return ([window[None]] for window in features)

    frozen = convert_variables_to_constants_v2(run.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    selective = tf.lite.experimental.QuantizationDebugger(
        converter=converter,
        debug_dataset=representative,
        debug_options=tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=FLOAT_OPERATIONS),
    )
    return bytes(selective.get_nondebug_quantized_model())


def phase_step(network, scale, features):
    """By how much one int8 step of one phase at one moment can move the logit: the most over the windows given.

    Parameters
    ----------
    network : keras.Model
        The float network, ``[n, frames, bands]`` to ``[n, 1]``.
    scale : float
        One step of the int8 phases, `QuantisedModel.phase_scale`.
    features : numpy.ndarray
        ``[n, frames, bands]``.
    """
    placed = network.get_layer("phases").output
    read = keras.Model([network.input, placed], network.output)
    steps = np.eye(int(np.prod(placed.shape[1:])), dtype=np.float32).reshape(-1, *placed.shape[1:]) * scale
    most = 0.0
    for window in features:
        phases = keras.Model(network.input, placed).predict_on_batch(window[None])
        before = read.predict_on_batch([window[None], phases])
        moved = read.predict_on_batch([np.repeat(window[None], len(steps), 0), phases + steps])
        most = max(most, float(np.abs(moved - before).max()))
    return most


class QuantisedModel:
    """A TFLite file in its own interpreter.

    Parameters
    ----------
    content : bytes or pathlib.Path
    """

    def __init__(self, content):
        content = content if isinstance(content, bytes) else Path(content).read_bytes()
        self.content = content
        self.interpreter = Interpreter(model_content=content, num_threads=1)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        self.output = self.interpreter.get_output_details()[0]

    def execute(self, features):
        """Logits ``[n]`` of features ``[n, frames, bands]``."""
        logits = np.empty(len(features), np.float32)
        for index in range(len(features)):
            self.interpreter.set_tensor(self.input["index"], features[index : index + 1])
            self.interpreter.invoke()
            logits[index] = self.interpreter.get_tensor(self.output["index"])[0, 0]
        return logits

    def output_step(self):
        """By how much one step of a pooled int8 activation, the last ones of the patterns, can move the logit.

        None where the network has no pattern reader: see `phase_step`.
        """
        details = self.interpreter.get_tensor_details()
        pooled = next((d for d in details if d["dtype"] == np.int8 and "/pool" in d["name"]), None)
        if pooled is None:
            return None
        weights = next(d for d in details if "/share_a" in d["name"] and d["shape"][-1] == pooled["shape"][-1])
        return float(pooled["quantization"][0] * np.abs(self.interpreter.get_tensor(weights["index"])).max())

    def phase_scale(self):
        """One step of the int8 phases, the last int8 activations of a network without patterns, in their logits."""
        return next(
            float(d["quantization"][0])
            for d in self.interpreter.get_tensor_details()
            if d["dtype"] == np.int8 and "phases" in d["name"] and (d["shape"][0], d["shape"][-1]) == (1, len(PHASES))
        )

    def per_channel_tensors(self):
        """How many weight tensors have a scale of their own for every output channel."""
        return sum(
            len(detail["quantization_parameters"]["scales"]) > 1 for detail in self.interpreter.get_tensor_details()
        )

"""One training: from the recordings of a split's training side to a float network."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from .augmentation import DeviceModel, ExampleBank
from .grouped_loss import grouped_loss
from .network import build_network, inference_network, reads_patterns, reverse_gradient
from .precision import bfloat16_pays
from .sampling import GroupSampler

CURVE_LAYERS = ("curves", "gaps")
TRAINED_APART = ("conv", "norm", "pattern", "phase", "phases")
"""Beginnings of the names of the layers that know nothing of how the gaps are read."""
FLOOR_BATCHES = 40
CURVE_GROUPS = 64
"""Recordings in a batch when the curves are fitted."""


class Trainer:
    """Trains networks on subsets of one store; the augmentation and the samples are set up once.

    Parameters
    ----------
    store : lubdub_tools.records.SignalStore
    configuration : lubdub_tools.configuration.Configuration
    folder : pathlib.Path, optional
        Where the bank of examples is kept between runs.
    """

    def __init__(self, store, configuration, folder=None):
        self.store = store
        self.configuration = configuration
        self.bank = ExampleBank(store, configuration, folder)
        self.energies = tf.constant(self.bank.energies)
        self.phases = tf.constant(self.bank.phases)
        if (self.bank.phases < 0).all():
            raise ValueError("no heart state is known; heart-states.csv.gz must stand beside records.csv for prepare")
        self.device = DeviceModel(configuration.front_end, configuration.augmentation)

    def fit(self, indices, folder=None, progress="train", teacher=None, held_out_every=0, unseen=None):
        """Train on the recordings ``indices``.

        Parameters
        ----------
        indices : numpy.ndarray
            Recordings of the training side.
        folder : pathlib.Path, optional
            Gets ``curve.csv`` (patterns and phases), ``gap-curve.csv`` and ``weights.keras``.
        progress : str
            Title of the progress bar.
        teacher : callable, optional
            Features to logits ``[n]``; with ``training.teacher_share`` > 0 the network also learns from it.
        held_out_every : int
            As `lubdub_tools.sampling.GroupSampler` takes it.

        unseen : tuple, optional
            Features and labels of windows that are not trained on; their loss is written down for people
            to look at and decides nothing.

        Returns
        -------
        keras.Model
            The network that ships, ``[n, frames, bands]`` to ``[n, 1]``.
        """
        configuration = self.configuration
        training = configuration.training
        check_patterns(configuration)
        seed = training.seed
        mixed = training.mixed_precision and bfloat16_pays(configuration.network, configuration.front_end)
        keras.utils.set_random_seed(seed)
        rng = np.random.default_rng(seed)
        sampler = GroupSampler(self.store, indices, training, self.bank, held_out_every)
        keras.config.set_dtype_policy("mixed_bfloat16" if mixed else "float32")
        model = build_network(configuration.network, configuration.front_end)
        patterns = reads_patterns(configuration.network)
        databases, database_numbers = np.unique(self.store.databases, return_inverse=True)
        adversary = keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(len(databases))])
        if patterns:
            adversary.build(model.output["embedding"].shape)
        optimizer = keras.optimizers.AdamW(
            OneCycle(training.learning_rate, training.steps), weight_decay=training.weight_decay, clipnorm=5.0
        )
        variables = [v for v in model.trainable_variables if v.path.split("/")[-2] not in CURVE_LAYERS]
        variables += adversary.trainable_variables if training.adversary_share else []
        optimizer.build(variables)
        step = self._step(model, adversary, optimizer, variables, teacher)
        curve = []
        for number in tqdm(range(training.steps), desc=progress, unit="step", mininterval=5, disable=not progress):
            chosen, abnormal, windows = sampler.draw(rng)
            losses = step(
                tf.constant(windows),
                tf.constant(abnormal, tf.float32),
                tf.constant(database_numbers[chosen], tf.int32),
                tf.constant([seed, number], tf.int32),
            )
            if number % 20 == 0 or number == training.steps - 1:
                curve.append([number, *_numbers(losses), ""])
            if patterns and unseen is not None and (number + 1) % max(1, training.steps // 8) == 0:
                curve.append(
                    [
                        number,
                        *_numbers(losses),
                        _cross_entropy(model(unseen[0], training=False)["pattern"], unseen[1]),
                    ]
                )
        keras.config.set_dtype_policy("float32")
        exact = build_network(configuration.network, configuration.front_end)
        exact.set_weights(model.get_weights())
        return self._finish(exact, sampler, rng, folder, progress, unseen, curve)

    def refit(self, indices, trained, folder=None, progress="refit", held_out_every=0, unseen=None):
        """Fit the gap reader's curves anew on top of the patterns and phases of a trained network.

        These do not depend on how the gaps are read, so another way of reading takes seconds instead of a training.

        Parameters
        ----------
        trained : keras.Model
            What `fit` returned, with the same pattern reader and phases.
        indices, folder, progress, held_out_every, unseen
            As `fit` takes them.
        """
        configuration = self.configuration
        keras.utils.set_random_seed(configuration.training.seed)
        rng = np.random.default_rng(configuration.training.seed)
        sampler = GroupSampler(self.store, indices, configuration.training, self.bank, held_out_every)
        exact = build_network(configuration.network, configuration.front_end)
        for layer in exact.layers:
            if layer.name.startswith(TRAINED_APART) and layer.weights:
                layer.set_weights(trained.get_layer(layer.name).get_weights())
        return self._finish(exact, sampler, rng, folder, progress, unseen, [])

    def _finish(self, model, sampler, rng, folder, progress, unseen, curve):
        if self.configuration.network.gap_steady:
            self._set_usual_floor(model, sampler)
        curves = self._fit_curves(model, curves_sampler(sampler), rng, progress, unseen)
        shipped = inference_network(model)
        if folder is not None:
            _write(Path(folder), shipped, curve, curves)
        return shipped

    def _set_usual_floor(self, model, sampler):
        """Set the level that the gap reader leaves alone: a quantile of the training examples' steady parts."""
        seed = self.configuration.training.seed
        rng = np.random.default_rng([seed, 3])
        layer = model.get_layer("steady_floor")
        read = keras.Model(model.input, layer.input)
        device = tf.function(self.device.execute)
        levels = []
        for number in range(FLOOR_BATCHES):
            chosen = sampler.draw(rng)[2]
            features = device(tf.gather(self.energies, tf.constant(chosen)), tf.constant([seed, -100_000 - number]))
            levels.append(read.predict_on_batch(features)[:, 0])
        quantile = self.configuration.network.gap_steady_quantile
        layer.set_weights([np.quantile(np.concatenate(levels), quantile, axis=0)])

    def _fit_curves(self, model, sampler, rng, progress, unseen):
        """Fit the gap reader's curves, which nothing else depends on, to what the finished network reads.

        They are many and flat at first, so they take many small batches; the shares that they judge are computed once.

        Returns
        -------
        list
            Step, loss of the batch, and loss of the unseen windows (empty where there are none), now and then.
        """
        training = self.configuration.training
        groups, windows = training.recordings, training.windows
        read = keras.Model(model.input, model.get_layer("fill_norm").input)
        device = tf.function(self.device.execute)
        fills, labels = [], []
        for number in range(training.curves_batches):
            _, abnormal, chosen = sampler.draw(rng)
            features = device(tf.gather(self.energies, tf.constant(chosen)), tf.constant([training.seed, -1 - number]))
            fills.append(np.reshape(read.predict_on_batch(features), (groups, windows, -1)))
            labels.append(abnormal.astype(np.float32))
        fills, labels = np.concatenate(fills), np.concatenate(labels)
        model.get_layer("fill_norm").set_weights([fills.mean((0, 1)), fills.var((0, 1))])
        entry = keras.Input(fills.shape[2:])
        answer = model.get_layer("fill_norm")(entry, training=False)
        for name in ("curves", "curves_dropout", "gaps"):
            answer = model.get_layer(name)(answer)
        judge = keras.Model(entry, answer)
        schedule = OneCycle(training.curves_learning_rate, training.curves_steps)
        optimizer = keras.optimizers.AdamW(schedule, weight_decay=training.weight_decay)
        variables = [v for name in CURVE_LAYERS for v in model.get_layer(name).trainable_variables]
        optimizer.build(variables)

        @tf.function
        def step(fill, label):
            with tf.GradientTape() as tape:
                logits = tf.reshape(judge(tf.reshape(fill, [-1, fill.shape[-1]]), training=True), fill.shape[:2])
                loss = grouped_loss(label, logits, "mean", training.group_share)
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
            return loss

        bar = tqdm(range(training.curves_steps), f"{progress} curves", unit="step", mininterval=5, disable=not progress)
        watched = None if unseen is None else (read.predict_on_batch(unseen[0]), unseen[1])
        history = []
        for number in bar:
            some = rng.integers(len(fills), size=CURVE_GROUPS)
            loss = step(tf.constant(fills[some]), tf.constant(labels[some]))
            if number % 100 == 0 or number == training.curves_steps - 1:
                seen = "" if watched is None else _cross_entropy(judge(watched[0], training=False)[:, 0], watched[1])
                history.append([number, float(loss), seen])
        return history

    def _step(self, model, adversary, optimizer, variables, teacher):
        training = self.configuration.training
        groups, windows = training.recordings, training.windows

        @tf.function(jit_compile=False)
        def step(chosen, labels, databases, seed):
            chosen = tf.ensure_shape(chosen, [groups, windows])
            features = self.device.execute(tf.gather(self.energies, chosen), seed)
            phases = tf.gather(self.phases, tf.reshape(chosen, [-1]))
            smoothed = labels * (1 - training.label_smoothing) + 0.5 * training.label_smoothing
            with tf.GradientTape() as tape:
                outputs = {k: tf.cast(v, tf.float32) for k, v in model(features, training=True).items()}
                phase_loss = _phase_loss(outputs["phases"], phases)
                total, pattern = training.phase_share * phase_loss, None
                if "pattern" in outputs:
                    scores = tf.reshape(outputs["score"], [groups, windows])
                    pattern = tf.reshape(outputs["pattern"], [groups, windows])
                    pattern = grouped_loss(smoothed, pattern, training.group_loss, training.group_share, scores)
                    total += pattern
                if training.adversary_share:
                    hidden = reverse_gradient(outputs["embedding"]) * training.adversary_share
                    guess = tf.cast(adversary(hidden), tf.float32)
                    truth = tf.repeat(databases, windows)
                    total += tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(truth, guess))
                if teacher is not None and training.teacher_share:
                    target = tf.stop_gradient(teacher(features))
                    taught = tf.nn.sigmoid_cross_entropy_with_logits(tf.sigmoid(target), outputs["logit"])
                    total = (1 - training.teacher_share) * total + training.teacher_share * tf.reduce_mean(taught)
            optimizer.apply_gradients(zip(tape.gradient(total, variables), variables, strict=True))
            return total, pattern, phase_loss

        return step


def curves_sampler(sampler):
    """Return the sampler of the gap reader's curves: the same windows, drawn by ``training.curves_database_power``."""
    training = sampler.training
    chances = {"database_power": training.curves_database_power, "confounded_share": training.curves_confounded_share}
    return sampler.drawn_by(replace(training, **chances))


def check_patterns(configuration):
    """End a training that asks of patterns what a network without them does not have.

    Raises
    ------
    ValueError
        Where the adversary, attention or a teacher is asked for and `reads_patterns` says that there are none.
    """
    training = configuration.training
    if reads_patterns(configuration.network):
        return
    wanted = {
        "training.adversary_share": training.adversary_share,
        "training.teacher_share": training.teacher_share,
        "training.group_loss=attention": training.group_loss == "attention",
    }
    asked = [name for name, value in wanted.items() if value]
    if asked:
        raise ValueError(
            f"{', '.join(asked)} acts on the pattern reader, and network.gap_share=1 builds none; set gap_share below 1"
        )


def _numbers(losses):
    """Losses for the learning curve, nothing where there is no such reader."""
    return ["" if value is None else float(value) for value in losses]


def _phase_loss(predicted, phases):
    """Cross-entropy of the phases where they are known, ``[n, steps, phases]`` against ``[n, frames]``."""
    stride = -(-phases.shape[1] // predicted.shape[1])
    truth = tf.cast(phases[:, ::stride], tf.int32)
    known = tf.cast(truth >= 0, tf.float32)
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(truth, 0), predicted)
    return tf.math.divide_no_nan(tf.reduce_sum(each * known), tf.reduce_sum(known))


def _cross_entropy(logits, labels):
    logits = np.asarray(logits, np.float64)
    return float(np.mean(np.logaddexp(0, logits) - labels * logits))


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """Linear rise over the first fifth, then a half cosine down to a thousandth."""

    def __init__(self, peak, steps):
        self.peak = peak
        self.steps = steps

    def __call__(self, step):
        """Learning rate at ``step``."""
        done = tf.cast(step, tf.float32) / self.steps
        rise = tf.minimum(done / 0.2, 1.0)
        fall = 0.5 * (1 + tf.cos(np.pi * tf.clip_by_value((done - 0.2) / 0.8, 0.0, 1.0)))
        return self.peak * (0.001 + 0.999 * rise * fall)

    def get_config(self):
        """Arguments, for saving."""
        return {"peak": self.peak, "steps": self.steps}


def _write(folder, model, curve, curves):
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / "weights.keras")
    with open(folder / "curve.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "loss", "label_loss", "phase_loss", "unseen_loss"])
        writer.writerows(curve)
    with open(folder / "gap-curve.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "loss", "unseen_loss"])
        writer.writerows(curves)
    (folder / "versions.json").write_text(
        json.dumps({"tensorflow": tf.__version__, "keras": keras.__version__, "numpy": np.__version__}) + "\n"
    )

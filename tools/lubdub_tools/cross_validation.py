"""Train once a split and keep what each network says about the recordings it has not seen."""

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from .aggregation import recording_logits
from .augmentation import ExampleBank
from .calibration import even_weights
from .decision import fit_rule
from .metrics import INSIDE, THRESHOLD_DATABASES, auc, by_database, decision_scores, mean_inside
from .prediction import WindowFeatures
from .records import SignalStore
from .splits import final_split, named_splits
from .training import Trainer


def cross_validate(store, configuration, folder, splits, cache, based_on=None):
    """Train every member on every split that ``folder`` does not hold yet; interrupted runs go on where they stopped.

    With ``based_on``, the folder of another run, patterns and phases are taken from its networks and only the gap
    reader's curves are fitted.

    Each split gets a folder ``folder/NAME/member-M`` with the network, its learning curve and ``windows.npz``: for
    every window of the test side its place in the store (``window``), its recording (``owner``), and the logits of
    the whole network (``logit``) and of its gap reader (``gaps``).
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    configuration.write(folder / "configuration.json")
    features = WindowFeatures(store, configuration.front_end, cache)
    for number in range(1, len(configuration.members) + 1):
        trainer = None
        for split in [split for which in splits for split in splits_to_train(store.recordings, which)]:
            place = folder / split.name / f"member-{number}"
            if (place / "windows.npz").exists():
                continue
            trainer = trainer or Trainer(store, configuration.member(number), cache)
            options = {
                "folder": place,
                "progress": f"{folder.name} {split.name} {number}",
                "held_out_every": split.held_out_every,
                "unseen": _watched(store, features, split),
            }
            if based_on is None:
                model = trainer.fit(split.train, **options)
            else:
                trained = Path(based_on) / split.name / f"member-{number}" / "weights.keras"
                model = trainer.refit(split.train, keras.models.load_model(trained), **options)
            tested = features.tested_by(split)
            np.savez(
                place / "windows.npz",
                window=tested,
                owner=features.owners[tested],
                logit=features.logits(model.predict_on_batch, tested),
                gaps=features.logits(_reader(model, "gaps").predict_on_batch, tested),
            )
            keras.backend.clear_session()


def train_side_by_side(store, configuration, folder, splits, cache, jobs, threads=1):
    """As `cross_validate`, with ``jobs`` networks at a time, each in a process of its own with ``threads`` threads.

    Small convolutions gain little from a second thread, so two networks on a thread each are done sooner than one
    after the other on two. What they share, energies and examples, is made before they start.
    """
    names = [split.name for which in splits for split in splits_to_train(store.recordings, which)]
    WindowFeatures(store, configuration.front_end, cache)
    for number in range(1, len(configuration.members) + 1):
        ExampleBank(store, configuration.member(number), cache)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        tasks = [pool.submit(_train_split, configuration, folder, name, cache, threads) for name in names]
        for task in tasks:
            task.result()


def _train_split(configuration, folder, name, cache, threads):
    single_thread(threads)
    cross_validate(SignalStore(cache), configuration, folder, [name], cache)


def _reader(model, name):
    return keras.Model(model.input, model.get_layer(name).output)


def _watched(store, features, split, count=384):
    """Return features and labels of windows that a split tests, drawn evenly by database and class, to watch."""
    tested = features.tested_by(split)
    if len(tested) == 0 or split.memorised:
        return None
    cells = even_weights(store.abnormal, store.databases)[features.owners[tested]]
    chosen = np.random.default_rng(0).choice(tested, min(count, len(tested)), replace=False, p=cells / cells.sum())
    labels = store.abnormal[features.owners[chosen]].astype(float)
    return features.features(chosen), labels


def splits_to_train(recordings, which):
    """As `named_splits`, and ``final``: train on everything."""
    if which == "final":
        return [final_split(recordings)]
    return named_splits(recordings, which)


def gather(store, folder, names):
    """Mean over members of the recordings' logits, ``[recordings]``, NaN where no split of ``names`` tested one."""
    result = np.full(len(store), np.nan)
    for name in names:
        parts = []
        for path in sorted((Path(folder) / name).glob("member-*/windows.npz")):
            windows = np.load(path)
            parts.append(recording_logits(windows["logit"], windows["owner"], len(store)))
        mean = np.mean(parts, axis=0)
        result = np.where(np.isnan(mean), result, mean)
    return result


def crossfitted_thresholds(store, logits):
    """For each recording the logit of even odds by the other folds' recordings, ``[recordings]``."""
    thresholds = np.empty(len(store))
    for fold in np.unique(store.folds):
        others = (store.folds != fold) & ~np.isnan(logits)
        rule = fit_rule(store.abnormal[others], store.usable[others], logits[others], store.databases[others])
        thresholds[store.folds == fold] = rule.threshold
    return thresholds


def headline(store, folder):
    """The figures by which experiments are compared, from whatever splits ``folder`` holds."""
    folder = Path(folder)
    figures = {}
    folds = [f"fold-{fold}" for fold in np.unique(store.folds)]
    if all((folder / name / "member-1" / "windows.npz").exists() for name in folds):
        logits = gather(store, folder, folds)
        inside = by_database(auc, store.databases, store.abnormal, logits)
        called = logits >= crossfitted_thresholds(store, logits)
        decided = by_database(decision_scores, store.databases, store.abnormal, called)
        macc = {d: scores["macc"] for d, scores in decided.items()}
        figures |= {
            "aucInside": inside,
            "meanAucInside": mean_inside(inside, INSIDE),
            "macc": macc,
            "meanMacc": mean_inside(macc, THRESHOLD_DATABASES),
            "pooledAuc": auc(store.abnormal, logits),
            "pooledMacc": decision_scores(store.abnormal, called)["macc"],
        }
    left_out = {}
    for name in sorted(path.name for path in folder.glob("without-*")):
        if (folder / name / "member-1" / "windows.npz").exists():
            logits = gather(store, folder, [name])
            known = ~np.isnan(logits)
            left_out[name[-1]] = auc(store.abnormal[known], logits[known])
    if left_out:
        figures |= {"aucLeftOut": left_out, "meanAucLeftOut": float(np.mean(list(left_out.values())))}
    return figures


def describe(figures):
    """One line for people."""

    def numbers(values):
        return " ".join(f"{key}{value:.3f}"[:5] for key, value in values.items()).replace("0.", ".")

    line = []
    if "meanAucInside" in figures:
        line.append(f"AUC in {figures['meanAucInside']:.3f} [{numbers(figures['aucInside'])}]")
        line.append(f"MAcc {figures['meanMacc']:.3f} [{numbers(figures['macc'])}]")
        line.append(f"pooled {figures['pooledAuc']:.3f} {figures['pooledMacc']:.3f}")
    if "aucLeftOut" in figures:
        line.append(f"LODO {figures['meanAucLeftOut']:.3f} [{numbers(figures['aucLeftOut'])}]")
    return " | ".join(line)


def single_thread(threads=1):
    """Keep TensorFlow to a few threads, so that several trainings share a machine."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def write_headline(store, folder):
    """Compute, write ``headline.json`` and print."""
    figures = headline(store, folder)
    (Path(folder) / "headline.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(Path(folder).name, describe(figures), flush=True)
    return figures

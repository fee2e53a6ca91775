"""What disturbances cost: noise added to the device's samples at known ratios, with and without the band-pass."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from .metrics import INSIDE, THRESHOLD_DATABASES, auc, decision_scores
from .noise import KINDS, generate
from .prepare import find_audio, read_audio
from .quantisation import QuantisedModel
from .splits import fold_splits

RATIOS_DB = (20, 10, 5, 0)
PER_CELL = 15
SECONDS = 10
SEED = 2016


def noise_table(store, folder, configuration, audio, thresholds):
    """Score a fixed sample of recordings under every disturbance.

    The sample holds at most `PER_CELL` recordings a database and class and the first `SECONDS` of each; every one is
    scored by the int8 network of its fold. The ratio is that of the whole recording's power to the disturbance's, as
    they leave the device, before any filter.

    Returns
    -------
    dict
        ``sample``: number of recordings; ``clean`` and ``KIND/RATIO``: scores with (``bandPass``) and without
        (``noBandPass``) the band-pass ahead of the decimation.
    """
    rng = np.random.default_rng(SEED)
    chosen = []
    for database in np.unique(store.databases):
        for value in (True, False):
            cell = np.flatnonzero((store.databases == database) & (store.abnormal == value))
            chosen.extend(sorted(rng.permutation(cell)[:PER_CELL]))
    chosen = np.array(chosen)
    models = {}
    for split in fold_splits(store.recordings):
        content = Path(folder) / split.name / "heart-sound.tflite"
        models[int(split.name[5:])] = QuantisedModel(content)
    raw = {}
    for index in chosen:
        samples, rate_hz = read_audio(find_audio(audio, store.recordings[index].record))
        raw[index] = (samples[: SECONDS * rate_hz], rate_hz)
    conditions = [("clean", None, None)]
    conditions += [(f"{kind}/{ratio}", kind, ratio) for kind in KINDS for ratio in RATIOS_DB]
    table = {"sample": len(chosen)}
    for name, kind, ratio in tqdm(conditions, desc="noise", unit="condition", mininterval=5):
        table[name] = {}
        for filtered, label in ((True, "bandPass"), (False, "noBandPass")):
            logits = np.array(
                [_logit(models[store.folds[i]], configuration, *raw[i], kind, ratio, int(i), filtered) for i in chosen]
            )
            table[name][label] = _scores(store.abnormal[chosen], logits, thresholds[chosen], store.databases[chosen])
    return table


def _logit(model, configuration, samples, rate_hz, kind, ratio, number, filtered):
    if kind is not None:
        noise = generate(kind, len(samples), rate_hz, np.random.SeedSequence([SEED, KINDS.index(kind), number]))
        centred = samples - samples.mean()
        samples = samples + noise * np.sqrt(np.mean(centred**2)) * 10 ** (-ratio / 20)
    front_end = configuration.front_end
    conditioned = configuration.conditioning.execute(samples, rate_hz, filtered=filtered).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(conditioned, front_end.window_samples)
    return float(np.mean(model.execute(front_end.execute(windows[:: front_end.sample_rate_hz]))))


def _scores(abnormal, logits, thresholds, databases):
    inside = {d: databases == d for d in np.unique(databases)}
    called = logits >= thresholds
    decided = {d: decision_scores(abnormal[m], called[m]) for d, m in inside.items()}
    over = [d for d in THRESHOLD_DATABASES if d in decided]
    return {
        "meanAucInside": float(np.mean([auc(abnormal[m], logits[m]) for d, m in inside.items() if d in INSIDE])),
        "pooledAuc": auc(abnormal, logits),
        "meanMacc": float(np.mean([decided[d]["macc"] for d in over])),
        "meanSensitivity": float(np.mean([decided[d]["sensitivity"] for d in over])),
        "meanSpecificity": float(np.mean([decided[d]["specificity"] for d in over])),
    }

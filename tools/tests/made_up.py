"""A tiny made-up data set, so that the tests need no download."""

import csv

import numpy as np
import soundfile

COLUMNS = ["record", "database", "label", "quality", "group", "subject_known", "fold", "official_validation"]


def heart_like(seconds, abnormal, rng, rate_hz=2000):
    """Two thumps a beat; abnormal ones have noise between the first and the second."""
    time = np.arange(int(seconds * rate_hz)) / rate_hz
    beat = time % 0.8
    s1 = np.exp(-(((beat - 0.05) / 0.02) ** 2)) * np.sin(2 * np.pi * 50 * time)
    s2 = 0.7 * np.exp(-(((beat - 0.35) / 0.015) ** 2)) * np.sin(2 * np.pi * 70 * time)
    murmur = 0.5 * rng.standard_normal(len(time)) * ((beat > 0.08) & (beat < 0.33)) * abnormal
    return 0.3 * (s1 + s2 + murmur + 0.01 * rng.standard_normal(len(time)))


def write_data_set(folder, people=12, per_person=2, seconds=8, seed=0):
    """Write ``records.csv`` and ``audio/`` below ``folder``: two databases, both classes, two folds."""
    rng = np.random.default_rng(seed)
    (folder / "audio").mkdir(parents=True)
    rows = []
    for person in range(people):
        for take in range(per_person):
            database, abnormal = "ab"[person % 2], person // 2 % 2 == 0
            record = f"{database}{person:03d}{take}"
            soundfile.write(
                folder / "audio" / f"{record}.wav", heart_like(seconds, abnormal, rng), 2000, subtype="PCM_16"
            )
            label = "abnormal" if abnormal else "normal"
            row = [record, database, label, 1, f"person{person}", 1, person // 4 % 3, int(person == 0), seconds]
            rows.append(row)
    with open(folder / "records.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, "duration_s"])
        writer.writerows(rows)
    return folder

"""Decode and condition every recording once, into two flat files that TypeScript reads at full speed.

Usage: prepare.py --data PHYSIONET2016 --cache FOLDER

Writes to FOLDER, which belongs outside the repository:

``source.i16``      all recordings one after another, as they are (2,000 Hz, int16)
``conditioned.f64`` the same after the signal chain of the device: causal Butterworth band-pass of order 4 from 25 to
                    400 Hz, primed with the first sample, then decimation to 1,000 Hz (float64)
``records.json``    records.csv with the offsets and lengths of each recording in both files
"""

import argparse
import csv
import json
from pathlib import Path

import numpy as np
import soundfile
from scipy import signal
from tqdm import tqdm

MODEL_RATE_HZ = 1000
LOW_HZ, HIGH_HZ, ORDER = 25, 400, 4


def condition(x, rate_hz):
    """Band-pass and decimate causally.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Samples in [-1, 1).
    rate_hz : int
        Their rate.

    Returns
    -------
    ndarray, shape (ceil(n * 1000 / rate_hz),)
    """
    sos = signal.butter(ORDER, [LOW_HZ, HIGH_HZ], "bandpass", fs=rate_hz, output="sos")
    filtered, _ = signal.sosfilt(sos, x, zi=signal.sosfilt_zi(sos) * x[0])
    if rate_hz == MODEL_RATE_HZ:
        return filtered
    divisor = np.gcd(rate_hz, MODEL_RATE_HZ)
    up, down = MODEL_RATE_HZ // divisor, rate_hz // divisor
    taps, beta = signal.kaiserord(80, 200 / (rate_hz * up / 2))
    taps += 1 - taps % 2
    h = signal.firwin(taps, 500, window=("kaiser", beta), fs=rate_hz * up) * up
    return signal.upfirdn(h, filtered, up, down)[: -(-len(x) * up // down)]


def main():
    """Write the three files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with records.csv and audio/")
    parser.add_argument("--cache", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)

    with (arguments.data / "records.csv").open() as file:
        records = list(csv.DictReader(file))
    source_offset = conditioned_offset = 0
    with (
        (arguments.cache / "source.i16").open("wb") as source_file,
        (arguments.cache / "conditioned.f64").open("wb") as conditioned_file,
    ):
        for record in tqdm(records, unit="recording"):
            path = arguments.data / "audio" / f"{record['record']}.flac"
            x, rate_hz = soundfile.read(path, dtype="int16")
            y = condition(x / 32768.0, rate_hz)
            source_file.write(x.tobytes())
            conditioned_file.write(y.astype("<f8").tobytes())
            record.update(
                sourceRateHz=rate_hz,
                sourceOffset=source_offset,
                sourceSamples=len(x),
                conditionedOffset=conditioned_offset,
                conditionedSamples=len(y),
            )
            source_offset += len(x)
            conditioned_offset += len(y)
    (arguments.cache / "records.json").write_text(json.dumps(records))


if __name__ == "__main__":
    main()

"""Write test/golden/condition.json: what scipy's causal functions make of a known signal.

Run from the repository's root: ``tools/.venv/bin/python tools/golden/condition.py``.

The input is defined by a formula that the tests repeat (three sines, an offset, and noise from a 32-bit linear
congruential generator), so that only outputs are stored.
"""

import json
import math
import platform
from pathlib import Path

import numpy as np
import scipy
from scipy import signal

OUTPUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "condition.json"
MODEL_RATE_HZ = 1000
PASS_HZ, STOP_HZ, STOPBAND_DB = 400, 600, 80
RATES_HZ = [1000, 1001, 1500, 2000, 2205, 4000, 8000, 11025, 22050, 44100, 48000]
RATES_HZ += [88200, 96000, 176400, 191999, 192000]
DESIGNS = [
    (4, 25, 400, 1000),
    (4, 25, 400, 2000),
    (4, 25, 400, 44100),
    (4, 25, 400, 48000),
    (2, 25, 400, 4000),
    (3, 25, 400, 2000),
    (1, 20, 420, 2000),
    (5, 45, 60, 8000),
    (8, 25, 400, 48000),
    (4, 25, 400, 191999),
    (4, 25, 400, 192000),
]


def known_signal(rate_hz: int, count: int) -> np.ndarray:
    """Sines at 40, 150 and 700 Hz on an offset of 0.3, with uniform noise of +-0.05."""
    state = 12345
    noise = np.empty(count)
    for i in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        noise[i] = (state / 2**32 - 0.5) * 0.1
    t = np.arange(count) / rate_hz
    sines = 0.4 * np.sin(2 * np.pi * 40 * t) + 0.2 * np.sin(2 * np.pi * 150 * t) + 0.1 * np.sin(2 * np.pi * 700 * t)
    return 0.3 + sines + noise


def condition(x: np.ndarray, rate_hz: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the band-passed signal and the signal at the model's rate."""
    sos = signal.butter(4, [25, 400], "bandpass", fs=rate_hz, output="sos")
    filtered, _ = signal.sosfilt(sos, x, zi=signal.sosfilt_zi(sos) * x[0])
    divisor = math.gcd(rate_hz, MODEL_RATE_HZ)
    up, down = MODEL_RATE_HZ // divisor, rate_hz // divisor
    if up == down:
        return filtered, filtered
    nyquist_hz = rate_hz * up / 2
    count, beta = signal.kaiserord(STOPBAND_DB, (STOP_HZ - PASS_HZ) / nyquist_hz)
    taps = signal.firwin(count | 1, (PASS_HZ + STOP_HZ) / 2, window=("kaiser", beta), fs=2 * nyquist_hz)
    resampled = signal.upfirdn(taps * up, filtered, up, down)
    return filtered, resampled[: math.ceil(len(x) * up / down)]


def main() -> None:
    """Write the golden file."""
    chains = []
    for rate_hz in RATES_HZ:
        count = rate_hz // 3
        filtered, resampled = condition(known_signal(rate_hz, count), rate_hz)
        chains.append(
            {
                "sampleRateHz": rate_hz,
                "samples": count,
                "filteredLast": filtered[-20:].tolist(),
                "filteredPeak": float(np.abs(filtered).max()),
                "conditioned": resampled.tolist(),
            }
        )
    designs = [
        {
            "order": order,
            "lowHz": low,
            "highHz": high,
            "sampleRateHz": rate,
            "sos": signal.butter(order, [low, high], "bandpass", fs=rate, output="sos").ravel().tolist(),
        }
        for order, low, high, rate in DESIGNS
    ]
    OUTPUT.write_text(
        json.dumps(
            {
                "madeBy": "tools/golden/condition.py",
                "versions": {
                    "python": platform.python_version(),
                    "numpy": np.__version__,
                    "scipy": scipy.__version__,
                },
                "designs": designs,
                "chains": chains,
            }
        )
        + "\n"
    )


if __name__ == "__main__":
    main()

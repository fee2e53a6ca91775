"""Write test/golden/flac/: small FLAC files of every kind that libFLAC makes here, and what libsndfile reads from them.

Run from the repository's root: ``tools/.venv/bin/python tools/golden/flac.py``. ``b0416.flac`` holds the samples of the
bundled recording of that name; the others are made from a seed.
"""

import hashlib
import json
import platform
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "test" / "golden" / "flac"
SEED = 20161
COMMAND = "tools/.venv/bin/python tools/golden/flac.py"


def signals(generator):
    """Yield ``(name, rate, subtype, level, integers)``; the integers are ``[samples, channels]`` at full scale 2^31."""
    time = np.arange(5000) / 4000
    tone = np.sin(2 * np.pi * 50 * time) * np.exp(-((time % 0.8) * 8))
    noise = generator.uniform(-1, 1, len(time))
    both = np.stack([tone, 0.9 * tone + 0.01 * noise], axis=1)
    for subtype in ("PCM_S8", "PCM_16", "PCM_24"):
        for level in (0.0, 0.6, 1.0):
            yield f"tone-{subtype}-{level}", 4000, subtype, level, tone[:, None] * 0.8
        yield f"noise-{subtype}", 2000, subtype, 0.6, noise[:, None]
        yield f"stereo-{subtype}", 8000, subtype, 1.0, both * 0.9
        yield f"square-{subtype}", 44100, subtype, 0.6, np.sign(tone)[:, None]
    yield "silence", 2000, "PCM_16", 0.6, np.zeros((5000, 1))
    yield "opposite", 2000, "PCM_24", 0.6, np.stack([np.sign(noise), -np.sign(noise)], axis=1)
    yield "coarse", 2000, "PCM_24", 0.6, (np.round(noise * 100) / 128)[:, None]
    yield "four-channels", 2000, "PCM_16", 0.6, np.stack([tone, noise, -tone, 0 * tone], axis=1)
    yield "one-sample", 2000, "PCM_16", 0.6, np.array([[0.25]])
    yield "seventeen-samples", 2000, "PCM_16", 0.6, noise[:17, None]


def expected(path):
    """What libsndfile says of a file, and the hash of its first channel as float64."""
    info = soundfile.info(path)
    samples, _ = soundfile.read(path, dtype="float64", always_2d=True)
    first = np.ascontiguousarray(samples[:, 0])
    return {
        "sampleRateHz": info.samplerate,
        "bitsPerSample": {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}[info.subtype],
        "channels": info.channels,
        "totalSamples": info.frames,
        "sha256": hashlib.sha256(first.astype("<f8").tobytes()).hexdigest(),
    }


def main():
    """Write the files and flac.json."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(SEED)
    files = {}
    for name, rate, subtype, level, samples in signals(generator):
        integers = np.clip(np.round(samples * 2**31), -(2**31), 2**31 - 1).astype(np.int32)
        path = OUTPUT / f"{name}.flac"
        soundfile.write(path, integers, rate, subtype=subtype, format="FLAC", compression_level=level)
        files[path.name] = expected(path)
    samples, rate = soundfile.read(ROOT / "test" / "recordings" / "b0416.wav", dtype="int16")
    path = OUTPUT / "b0416.flac"
    soundfile.write(path, samples, rate, subtype="PCM_16", format="FLAC")
    files[path.name] = expected(path)
    golden = {
        "command": COMMAND,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "soundfile": soundfile.__version__,
            "libsndfile": soundfile.__libsndfile_version__,
        },
        "seed": SEED,
        "files": files,
    }
    (OUTPUT / "flac.json").write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

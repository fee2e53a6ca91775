"""Golden vectors: what the reference front end and TFLite's own interpreter say about bundled recordings.

The TypeScript tests compare themselves with these files; nothing in them comes from TypeScript.
"""

import base64
import json
import platform
from pathlib import Path

import numpy as np
import scipy
from ai_edge_litert import __version__ as litert_version

from .contract import sha256
from .prepare import condition_file
from .quantisation import phase_step

WINDOWS = (("a0358", 11000), ("b0323", 0), ("d0051", 2000), ("e00089", 5000))
"""Record and first sample at the model's rate."""


def encode(array):
    """Base64 of little-endian float32."""
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def header(command):
    """Who made the file and with what."""
    return {
        "madeBy": command,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "ai-edge-litert": litert_version,
        },
        "encoding": "base64 of little-endian float32, row-major",
    }


def golden_windows(recordings, front_end, conditioning):
    """Conditioned windows of bundled recordings and one made-up window: a click in faint noise, seed 1.

    Returns
    -------
    list of tuple
        ``(source, first_sample, samples)``, samples float32.
    """
    windows = []
    for record, first in WINDOWS:
        samples = condition_file(record, recordings, conditioning)[first : first + front_end.window_samples]
        windows.append((f"{record}.wav", first, samples))
    click = 1e-4 * np.random.default_rng(1).standard_normal(front_end.window_samples)
    click[1500] = 1.0
    windows.append(("click in noise, numpy.random.default_rng(1)", 0, click.astype(np.float32)))
    return windows


def write_front_end(path, recordings, configuration):
    """Write ``front-end.json``: parameters, windows, and their features."""
    front_end = configuration.front_end
    cases = [
        {
            "source": source,
            "firstSample": first,
            "samples": encode(samples),
            "features": encode(front_end.execute(samples)),
        }
        for source, first, samples in golden_windows(recordings, front_end, configuration.conditioning)
    ]
    content = header("lubdub-tools golden") | {
        "sampleRateHz": front_end.sample_rate_hz,
        "windowSamples": front_end.window_samples,
        "frames": front_end.frame_count,
        "parameters": front_end.contract(),
        "windows": cases,
    }
    _write(path, content)


def write_model(path, recordings, configuration, model, network, hop_samples=1000):
    """Write ``model.json``: logits of the windows of ``front-end.json``, and of all windows of bundled recordings.

    Parameters
    ----------
    path, recordings : pathlib.Path
        The file to write; the folder of bundled WAV files.
    configuration : lubdub_tools.configuration.Configuration
    model : lubdub_tools.quantisation.QuantisedModel
    network : keras.Model
        What ``model`` was quantised from.
    """
    front_end, conditioning = configuration.front_end, configuration.conditioning
    cases = []
    windows = golden_windows(recordings, front_end, conditioning)
    step = model.output_step()
    if step is None:
        step = phase_step(network, model.phase_scale(), front_end.execute(np.stack([each[2] for each in windows])))
    for source, first, samples in windows:
        logit = model.execute(front_end.execute(samples)[None])[0]
        cases.append({"source": source, "firstSample": first, "logit": float(logit)})
    whole = []
    for file in sorted(Path(recordings).glob("[a-f][0-9]*.wav")):
        samples = condition_file(file.stem, recordings, conditioning)
        windows = np.lib.stride_tricks.sliding_window_view(samples, front_end.window_samples)[::hop_samples]
        logits = model.execute(front_end.execute(windows))
        whole.append({"file": file.name, "windowLogits": [float(logit) for logit in logits]})
    content = header("lubdub-tools golden") | {
        "features": "windows in the order of front-end.json, which holds their features",
        "sha256": sha256(model.content),
        "outputStep": step,
        "windows": cases,
        "recordings": whole,
    }
    _write(path, content)


def _write(path, content):
    Path(path).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

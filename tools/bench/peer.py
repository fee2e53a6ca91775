"""The same screening in Python, as fast as its usual libraries do it: what `npm run bench` compares `classify` with.

Reads recordings with libsndfile, conditions them with scipy, computes the features with numpy and runs the int8
network through LiteRT with XNNPACK, in as many processes as asked for, one thread in each. Designs, taps and tables are
made once; the frames of a recording are computed once, for all of its windows. It computes neither signal quality nor
heart rate, reads the first channel and knows no gaps: it does less than `classify`.

    python tools/bench/peer.py --model models/heart-sound.json --workers 2 --logits FILE RECORDING...

Prints one JSON object: versions, recordings, seconds of recording, windows, wall and CPU seconds (start-up included,
of all processes). `--logits` writes one object a recording: its path and the logit of every window.
"""

import argparse
import functools
import importlib.metadata
import json
import multiprocessing
import os
import resource
import sys
import time
from math import ceil, gcd
from pathlib import Path

# Processes share the cores; threads of the linear algebra below them would only be in each other's way.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np
import soundfile
from ai_edge_litert.interpreter import Interpreter
from scipy import signal

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lubdub_tools.conditioning import Conditioning
from lubdub_tools.front_end import FrontEnd

PACKAGES = ("numpy", "scipy", "soundfile", "ai-edge-litert")


class Peer:
    """Screens one recording after the other.

    Parameters
    ----------
    contract_path : str
        The model contract; the model lies beside it.
    """

    def __init__(self, contract_path):
        path = Path(contract_path)
        contract = json.loads(path.read_text())
        heard = contract["input"]
        band, anti_alias, features = heard["band"], heard["antiAlias"], heard["features"]
        self.hop_samples = heard["hopSamples"]
        self.conditioning = Conditioning(
            model_rate_hz=heard["sampleRateHz"],
            order=band["order"],
            low_hz=band["lowHz"],
            high_hz=band["highHz"],
            pass_hz=anti_alias["passHz"],
            stop_hz=anti_alias["stopHz"],
            stopband_db=anti_alias["stopbandDb"],
        )
        self.front_end = FrontEnd(
            sample_rate_hz=heard["sampleRateHz"],
            window_samples=heard["windowSamples"],
            frame_samples=features["frameSamples"],
            hop_samples=features["hopSamples"],
            fft_size=features["fftSize"],
            band_count=features["bandCount"],
            low_hz=features["lowHz"],
            high_hz=features["highHz"],
            floor=features["floor"],
            band_mean_removal=features["bandMeanRemoval"],
            scale=features["scale"],
            clip=features["clip"],
        )
        self.hann = self.front_end.hann()
        self.weights = np.ascontiguousarray(self.front_end.band_weights().T)
        self.interpreter = Interpreter(str(path.parent / contract["file"]), num_threads=1)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        self.output = self.interpreter.get_output_details()[0]["index"]

    @functools.cache  # noqa: B019 -- one object lives as long as its process
    def design(self, rate_hz):
        """Sections, their steady state, and the resampler of one source rate."""
        c = self.conditioning
        sections = signal.butter(c.order, [c.low_hz, c.high_hz], "bandpass", fs=rate_hz, output="sos")
        divisor = gcd(c.model_rate_hz, rate_hz)
        up, down = c.model_rate_hz // divisor, rate_hz // divisor
        taps = None if up == down else c.anti_alias_taps(rate_hz, up)
        return sections, signal.sosfilt_zi(sections), taps, up, down

    def screen(self, path):
        """Logits of every window of one file, and its length in seconds."""
        samples, rate_hz = soundfile.read(path, dtype="float64", always_2d=True)
        samples = samples[:, 0]
        sections, steady, taps, up, down = self.design(rate_hz)
        conditioned = signal.sosfilt(sections, samples, zi=steady * samples[0])[0]
        if taps is not None:
            conditioned = signal.upfirdn(taps, conditioned, up, down)[: ceil(len(samples) * up / down)]
        return [self.logit(features) for features in self.features(conditioned)], len(samples) / rate_hz

    def features(self, conditioned):
        """Features of every window, float32 ``[windows, frames, bands]``."""
        end = self.front_end
        starts = range(0, len(conditioned) - end.window_samples + 1, self.hop_samples)
        if len(starts) == 0:
            return np.empty((0, end.frame_count, end.band_count), np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(conditioned, end.frame_samples)[:: end.hop_samples]
        spectrum = np.fft.rfft(frames * self.hann, end.fft_size)
        energies = (spectrum.real**2 + spectrum.imag**2) @ self.weights
        per_hop = self.hop_samples // end.hop_samples
        windows = np.stack([energies[n * per_hop : n * per_hop + end.frame_count] for n in range(len(starts))])
        return end.features(windows)

    def logit(self, features):
        """Logit of *abnormal* of one window."""
        self.interpreter.set_tensor(self.input["index"], features.reshape(self.input["shape"]))
        self.interpreter.invoke()
        return float(self.interpreter.get_tensor(self.output)[0, 0])


_peer = None


def _start(contract_path):
    global _peer
    _peer = Peer(contract_path)


def _screen(path):
    return _peer.screen(path)


def _cpu_seconds():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main():
    """Screen the files that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="model contract")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--logits", help="write the logits of every recording here, a JSON object a line")
    parser.add_argument("files", nargs="*")
    given = parser.parse_args()
    begin = time.perf_counter()
    if given.workers == 1:
        _start(given.model)
        results = [_screen(path) for path in given.files]
    else:
        with multiprocessing.Pool(given.workers, _start, (given.model,)) as pool:
            results = pool.map(_screen, given.files, chunksize=4)
            pool.close()
            pool.join()
    wall_seconds = time.perf_counter() - begin
    if given.logits is not None:
        with open(given.logits, "w") as out:
            for path, (logits, _) in zip(given.files, results, strict=True):
                out.write(json.dumps({"file": path, "logits": logits}) + "\n")
    print(
        json.dumps(
            {
                "python": sys.version.split()[0],
                "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
                "recordings": len(results),
                "seconds": sum(seconds for _, seconds in results),
                "windows": sum(len(logits) for logits, _ in results),
                "wallSeconds": wall_seconds,
                "cpuSeconds": _cpu_seconds(),
            }
        )
    )


if __name__ == "__main__":
    main()

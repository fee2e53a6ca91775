"""The model contract: what the runtime checks before it trusts a model."""

import base64
import hashlib
import json
from pathlib import Path

CONTRACT_VERSION = 1
AGGREGATION = "quality-weighted-mean-logit"


def sha256(content):
    """Hash of a model file as the contract states it."""
    return hashlib.sha256(content).hexdigest()


GOLDEN_TOLERANCE = 0.002
"""One step of the output is 0.0004; kernels of other machines may round a few steps differently."""


def golden_outputs(model, features, clip):
    """What a model makes of a few real windows, which the runtime checks whenever it loads the model.

    Parameters
    ----------
    model : lubdub_tools.quantisation.QuantisedModel
    features : numpy.ndarray
        ``[n, frames, bands]``; rounded to int8 steps of ``clip / 127``, and scored so.
    clip : float
        Of the front end.

    Returns
    -------
    dict
        ``golden`` of a contract.
    """
    step = clip / 127
    integers = (features.astype("f8") / step).round().astype("i1")
    logits = model.execute((integers * step).astype("f4"))
    windows = [
        {"features": base64.b64encode(window.tobytes()).decode(), "logit": float(logit)}
        for window, logit in zip(integers, logits, strict=True)
    ]
    return {"encoding": "base64 of int8", "step": step, "tolerance": GOLDEN_TOLERANCE, "windows": windows}


def build_contract(content, file, version, configuration, verdict, training, evaluation, hop_samples=1000, golden=None):
    """Put a contract together.

    Parameters
    ----------
    content : bytes
        The TFLite file.
    file : str
        Its name, beside the contract.
    version : str
        Of the model.
    configuration : lubdub_tools.configuration.Configuration
    verdict : lubdub_tools.decision.DecisionRule
        Calibration and thresholds.
    training, evaluation : dict
        Facts for people, measured ones only.
    golden : dict or None
        From `golden_outputs`.

    Returns
    -------
    dict
    """
    conditioning, front_end = configuration.conditioning, configuration.front_end
    return {
        "contractVersion": CONTRACT_VERSION,
        "name": "heart-sound",
        "version": version,
        "file": file,
        "sha256": sha256(content),
        "input": {
            "sampleRateHz": conditioning.model_rate_hz,
            "band": {
                "type": "butterworth",
                "order": conditioning.order,
                "lowHz": conditioning.low_hz,
                "highHz": conditioning.high_hz,
            },
            "antiAlias": {
                "passHz": conditioning.pass_hz,
                "stopHz": conditioning.stop_hz,
                "stopbandDb": conditioning.stopband_db,
            },
            "windowSamples": front_end.window_samples,
            "hopSamples": hop_samples,
            "features": front_end.contract(),
            "tensor": {"shape": [1, front_end.frame_count, front_end.band_count], "dtype": "float32"},
        },
        "output": {"tensor": {"shape": [1, 1], "dtype": "float32"}, "meaning": "logit of abnormal"},
        "calibration": {"type": "platt", "scale": verdict.platt.scale, "offset": verdict.platt.offset},
        "verdict": {
            "aggregation": AGGREGATION,
            "abnormalAtLeast": verdict.abnormal_at_least,
            "uncertain": {"from": verdict.uncertain_from, "to": verdict.uncertain_to},
            "minimumUsableSeconds": verdict.minimum_usable_seconds,
            "minimumQuality": verdict.minimum_quality,
        },
        **({} if golden is None else {"golden": golden}),
        "training": training,
        "evaluation": evaluation,
    }


def write_contract(path, contract):
    """Write as JSON, two spaces, UTF-8, with the names of the training records on one line."""
    records = contract["training"].get("records")
    if records is None:
        text = json.dumps(contract, indent=2, ensure_ascii=False)
    else:
        marked = {**contract, "training": {**contract["training"], "records": "@records@"}}
        text = json.dumps(marked, indent=2, ensure_ascii=False).replace('"@records@"', json.dumps(records))
    Path(path).write_text(text + "\n", encoding="utf-8")


def round_figures(value, digits=4):
    """The same tree with floats rounded and NaN as null, for JSON that people read."""
    if isinstance(value, dict):
        return {key: round_figures(item, digits) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [round_figures(item, digits) for item in value]
    if isinstance(value, float):
        return None if value != value else round(value, digits)
    return value

"""The model contract: what the runtime checks before it trusts a model."""

import hashlib
import json
from pathlib import Path

CONTRACT_VERSION = 1
AGGREGATION = "quality-weighted-mean-logit"


def sha256(content):
    """Hash of a model file as the contract states it."""
    return hashlib.sha256(content).hexdigest()


def build_contract(content, file, version, configuration, verdict, training, evaluation, hop_samples=1000):
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

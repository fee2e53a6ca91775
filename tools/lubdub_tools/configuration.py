"""Everything that decides how a network comes out, in one tree that a run's folder keeps as JSON."""

import json
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path

from .conditioning import Conditioning
from .front_end import FrontEnd


@dataclass(frozen=True)
class Augmentation:
    """What a training example goes through; one draw a recording stands for one device and one room.

    Attributes
    ----------
    stretch : float
        Largest relative change of speed (heart rate and pitch together).
    tilt_db_per_octave : float
        Standard deviation of a spectral tilt around 100 Hz.
    equaliser_db : float
        Standard deviation of a smooth random curve over log frequency.
    band_limit_probability : float
        How often one end of the spectrum is cut: high-pass corner 20 to 70 Hz, low-pass corner 120 to 400 Hz.
    noise_probability, noise_low_db, noise_high_db : float
        How often a disturbance is added, and the range of its signal-to-noise ratio.
    clip_probability : float
        How often the samples are clipped at 1 to 4 times their root mean square.
    time_mask_s, band_mask : float, int
        Longest stretch and largest number of neighbouring bands replaced by the window's mean.
    style_probability : float
        How often a recording gets the mean and spread over time of each band mixed with those of another recording
        of the batch, most often from another database: what its device and room did to the spectrum.
    """

    stretch: float = 0.1
    tilt_db_per_octave: float = 3.0
    equaliser_db: float = 4.0
    band_limit_probability: float = 0.3
    noise_probability: float = 0.6
    noise_low_db: float = 0.0
    noise_high_db: float = 40.0
    clip_probability: float = 0.1
    time_mask_s: float = 0.4
    band_mask: int = 4
    style_probability: float = 0.0


@dataclass(frozen=True)
class Network:
    """Shape of the network; see `lubdub_tools.network`.

    Attributes
    ----------
    channels, kernels, strides : tuple
        Of the convolutions over time, in order.
    dropout : float
        Ahead of the pattern reader's last layer.
    phase_channels, phase_kernels : tuple
        Of the convolutions that find the phase of the cycle.
    gap_bands : int
        Neighbouring bands that the gap reader takes together.
    gap_thresholds, gap_width : tuple, float
        Where its ramps begin and how wide each is, in log10 of energy relative to the sound ahead of the gap.
    gap_curves, gap_dropout : int, float
        Rising curves for each phase, group and threshold, and the dropout behind them.
    gap_reference : str
        What a gap is compared with: the sound that opens it (own), or the mean level of both sounds (mean).
    gap_steady, gap_steady_frames, gap_steady_quantile : float, int, float
        How many times the steady part is taken away ahead of the gap reader, 0 for not at all; over how many frames
        in a row it is looked for; and at which quantile of the training examples' steady parts the usual floor lies
        that is left alone.
    gap_systole, gap_diastole : tuple
        First part of each that the gap reader looks at and the one after the last: of three and of four parts.
    gap_share : float
        Weight of the gap reader's logit, that of the pattern reader's is the rest; 1 builds no pattern reader.
    """

    channels: tuple = (32, 48, 64, 64)
    kernels: tuple = (9, 7, 5, 5)
    strides: tuple = (2, 2, 1, 1)
    dropout: float = 0.3
    phase_channels: tuple = (32, 32, 32, 32)
    phase_kernels: tuple = (9, 13, 13, 13)
    gap_bands: int = 4
    gap_thresholds: tuple = (-2.5, -2.0, -1.5, -1.0, -0.5)
    gap_width: float = 0.5
    gap_curves: int = 3
    gap_dropout: float = 0.3
    gap_reference: str = "own"
    gap_steady: float = 0.0
    gap_steady_frames: int = 8
    gap_steady_quantile: float = 0.3
    gap_systole: tuple = (0, 3)
    gap_diastole: tuple = (0, 4)
    gap_share: float = 0.5


@dataclass(frozen=True)
class Training:
    """The optimisation.

    Attributes
    ----------
    recordings, windows : int
        A batch is ``recordings`` groups of ``windows`` windows each.
    learning_rate, curves_learning_rate : float
        Peaks of the one-cycle schedules: of the networks, and of the gap reader's curves.
    curves_batches, curves_steps : int
        Batches whose shares are computed for the curves, once, and steps of their own training.
    database_power : float
        A database is drawn with its number of recordings to this power; within it the classes are equal.
    confounded_share : float
        Further factor for database e, whose classes differ by their recording chains.
    curves_database_power, curves_confounded_share : float
        The same two when the gap reader's curves are fitted; 0 draws every database alike.
    pooled_share : float
        Part of each batch drawn from the classes over all databases instead.
    murmur_share : float
        Part of the abnormal recordings of a batch that are normal ones under a made-up murmur.
    group_loss : str
        How windows become the recording's evidence: window, mean, lse or attention.
    group_share : float
        Weight of the recording's loss beside the windows'.
    phase_share : float
        Weight of the phases' loss: where in the cycle each moment lies.
    adversary_share : float
        Strength of the reversed gradient of a classifier that guesses the database.
    teacher_share : float
        Weight of another network's answers beside the labels, when one is given.
    mixed_precision : bool
        Compute in bfloat16 while training where a short measurement finds it faster; what comes out is float32 either
        way.
    """

    steps: int = 500
    recordings: int = 24
    windows: int = 4
    learning_rate: float = 3e-3
    curves_learning_rate: float = 2e-2
    curves_batches: int = 300
    curves_steps: int = 2000
    weight_decay: float = 0.02
    label_smoothing: float = 0.0
    database_power: float = 0.5
    confounded_share: float = 1.0
    curves_database_power: float = 0.5
    curves_confounded_share: float = 1.0
    pooled_share: float = 0.0
    murmur_share: float = 0.2
    group_loss: str = "mean"
    group_share: float = 0.5
    phase_share: float = 1.0
    adversary_share: float = 0.0
    teacher_share: float = 0.0
    mixed_precision: bool = True
    seed: int = 1


@dataclass(frozen=True)
class Configuration:
    """All of it.

    Attributes
    ----------
    members : tuple of tuple of str
        Networks that answer together, each as changes to these settings (``part.field=value``).
    """

    conditioning: Conditioning = field(default_factory=Conditioning)
    front_end: FrontEnd = field(default_factory=FrontEnd)
    augmentation: Augmentation = field(default_factory=Augmentation)
    network: Network = field(default_factory=Network)
    training: Training = field(default_factory=Training)
    members: tuple = ((),)

    def member(self, number):
        """Return the settings of one member, counted from 1."""
        return replace(self, members=((),)).override(self.members[number - 1])

    def write(self, path):
        """Write as JSON."""
        Path(path).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path):
        """Read what `write` wrote."""
        tree = json.loads(Path(path).read_text(encoding="utf-8"))
        parts = {"members": tuple(tuple(member) for member in tree.get("members", [[]]))}
        for name in ("conditioning", "front_end", "augmentation", "network", "training"):
            kind = cls.__dataclass_fields__[name].default_factory
            values = {key: tuple(v) if isinstance(v, list) else v for key, v in tree.get(name, {}).items()}
            parts[name] = kind(**{**_as_the_patterns_are_drawn(values), **values})
        return cls(**parts)

    def override(self, assignments):
        """Change values named ``part.field=value``, as the command line gives them.

        Raises
        ------
        ValueError
            Where the name is unknown or the value is not JSON of the same type.
        """
        result = self
        for assignment in assignments:
            name, _, text = assignment.partition("=")
            part, _, key = name.partition(".")
            section = getattr(result, part, None)
            if not is_dataclass(section) or key not in {f.name for f in fields(section)}:
                raise ValueError(f"--set takes part.field=value with a field of the configuration, got {assignment!r}")
            current = getattr(section, key)
            value = text if isinstance(current, str) else json.loads(text)
            value = tuple(value) if isinstance(value, list) else type(current)(value)
            result = replace(result, **{part: replace(section, **{key: value})})
        return result


def _as_the_patterns_are_drawn(values):
    """Return how often the curves draw databases where a file, older than these settings, says it of patterns alone."""
    return {f"curves_{key}": values[key] for key in ("database_power", "confounded_share") if key in values}

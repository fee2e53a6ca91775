"""Who is trained on and who is tested on.

``folds``: the frozen folds, no group on both sides. ``databases``: one database left out. ``records`` and ``windows``
leak on purpose: recordings of one person, or windows of one recording, stand on both sides; they exist to show what
such a split is worth and are never used to choose anything. ``final`` is the network that ships, trained on everything;
what it tests are the organisers' validation copies, every one of which it was trained on, because figures in the
literature are of these.
"""

from dataclasses import dataclass

import numpy as np

LEFT_OUT = "abef"
"""Databases that are large enough to be left out one by one."""


@dataclass(frozen=True)
class Split:
    """One training side and one test side.

    Attributes
    ----------
    name : str
        ``fold-0``, ``without-a``, ``leaky-records-0``, ``leaky-windows``, ``final``.
    train, test : numpy.ndarray
        Indices of recordings.
    leaky : bool
        True where the sides share people on purpose.
    held_out_every : int
        0, or for the split by windows: every so manieth window of each recording is tested, the others are trained on.
    """

    name: str
    train: np.ndarray
    test: np.ndarray
    leaky: bool = False
    held_out_every: int = 0

    @property
    def memorised(self):
        """True where every recording that is tested was trained on, and no window of it was held back."""
        return len(self.test) > 0 and not self.held_out_every and bool(np.isin(self.test, self.train).all())


class SplitError(ValueError):
    """A split that would give a score that means nothing."""


def check_split(split, recordings):
    """Refuse a split whose sides share a group, or that scores the organisers' validation copies as a test set.

    The organisers' validation records are copies of training records and share people with them. They may stand on
    a test side only because their fold or database does, never because they are that set.

    Raises
    ------
    SplitError
    """
    train, test = set(split.train.tolist()), set(split.test.tolist())
    if not train or not test:
        raise SplitError(f"both sides of {split.name} must hold recordings, got {len(train)} and {len(test)}")
    if split.held_out_every:
        return
    if train & test:
        raise SplitError(f"no recording may be on both sides of {split.name}, {len(train & test)} are")
    copies = {i for i, recording in enumerate(recordings) if recording.official_validation}
    if copies and test <= copies:
        raise SplitError(f"{split.name} tests on the organisers' validation copies alone; they are no test set")
    if split.leaky:
        return
    both = {recordings[i].group for i in train} & {recordings[i].group for i in test}
    if both:
        raise SplitError(f"no group may be on both sides of {split.name}, these are: {sorted(both)[:5]}")


def fold_splits(recordings):
    """The frozen folds: ``fold-K`` tests on fold K and trains on the others."""
    folds = np.array([recording.fold for recording in recordings])
    return [
        Split(f"fold-{fold}", np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in np.unique(folds)
    ]


def database_splits(recordings, databases=LEFT_OUT):
    """Leave one database out: ``without-D`` trains on all others."""
    names = np.array([recording.database for recording in recordings])
    return [
        Split(f"without-{name}", np.flatnonzero(names != name), np.flatnonzero(names == name))
        for name in databases
        if (names == name).any() and (names != name).any()
    ]


def leaky_record_splits(recordings, seed=1, count=5):
    """Random folds by recording, blind to groups: people stand on both sides."""
    order = np.random.default_rng(seed).permutation(len(recordings))
    folds = np.empty(len(recordings), int)
    folds[order] = np.arange(len(recordings)) % count
    return [
        Split(f"leaky-records-{fold}", np.flatnonzero(folds != fold), np.flatnonzero(folds == fold), leaky=True)
        for fold in range(count)
    ]


def leaky_window_splits(recordings):
    """Every fifth window of each recording is tested, its overlapping neighbours are trained on."""
    everyone = np.arange(len(recordings))
    return [Split("leaky-windows", everyone, everyone, leaky=True, held_out_every=5)]


def final_split(recordings):
    """Train on everything; test on the organisers' validation copies, all of which are among it."""
    copies = np.array([recording.official_validation for recording in recordings])
    return Split("final", np.arange(len(recordings)), np.flatnonzero(copies), leaky=True)


def named_splits(recordings, which):
    """The splits called ``which``: folds, databases, records, windows, or one split's own name; each one checked."""
    families = {
        "folds": fold_splits,
        "databases": database_splits,
        "records": leaky_record_splits,
        "windows": leaky_window_splits,
    }
    if which in families:
        chosen = families[which](recordings)
    else:
        everything = [split for family in families.values() for split in family(recordings)]
        chosen = [split for split in everything if split.name == which]
    if not chosen:
        raise SplitError(f"a split must be one of {sorted(families)} or a split's name, got {which!r}")
    for split in chosen:
        check_split(split, recordings)
    return chosen

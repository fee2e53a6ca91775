"""Which recordings and which stretches of them make up a batch."""

from copy import copy

import numpy as np

TEST_HOP_SAMPLES = 1000
CONFOUNDED_DATABASE = "e"


class GroupSampler:
    """Draw batches of recordings, each with several windows, balanced by database and class.

    Part of a batch is drawn by database (its size to a power), then class with equal chance, then person; the rest
    (``pooled_share``) by class over all databases. Within a person every recording is equally likely, and a person
    counts with the square root of its recordings, so that nobody dominates.

    Parameters
    ----------
    store : lubdub_tools.records.SignalStore
    indices : numpy.ndarray
        The recordings that may be drawn, from the training side of a split.
    training : lubdub_tools.configuration.Training
    bank : lubdub_tools.augmentation.ExampleBank
    held_out_every : int
        0, or use no window that starts in the last of so many seconds: the leaky split by windows tests those.
    """

    def __init__(self, store, indices, training, bank, held_out_every=0):
        self.store = store
        self.training = training
        allowed = np.ones(len(bank.starts), bool)
        if held_out_every:
            allowed = bank.starts // TEST_HOP_SAMPLES % held_out_every != held_out_every - 1
        self.allowed = np.flatnonzero(allowed)
        self.first_murmur = np.concatenate([[0], np.cumsum(allowed)])[bank.first_murmur]
        self.first = np.concatenate([[0], np.cumsum(allowed)])[bank.first]
        indices = np.asarray(indices)
        indices = indices[np.diff(self.first)[indices] > 0]
        if len(indices) == 0:
            raise ValueError(f"no recording to train on is as long as a window of {bank.span_samples} samples")
        _, inverse, counts = np.unique(store.groups[indices], return_inverse=True, return_counts=True)
        self.indices = indices
        self._set_chances(counts[inverse] ** -0.5)

    def _set_chances(self, person_weight):
        self.person_weight = person_weight
        self.by_database = self._chances(self.indices, person_weight, by_database=True)
        self.by_class = self._chances(self.indices, person_weight, by_database=False)
        chances = self.by_database * (np.diff(self.first_murmur)[self.indices] > 0)
        self.by_murmur = chances / chances.sum() if chances.any() else None

    def drawn_by(self, training):
        """Return the same recordings and windows, drawn by the chances of other settings."""
        other = copy(self)
        other.training = training
        other._set_chances(self.person_weight)
        return other

    def _chances(self, indices, person_weight, by_database):
        databases = self.store.databases[indices] if by_database else np.zeros(len(indices), "U1")
        abnormal = self.store.abnormal[indices]
        chances = np.zeros(len(indices))
        for database in np.unique(databases):
            inside = databases == database
            share = inside.sum() ** self.training.database_power if by_database else 1.0
            if database == CONFOUNDED_DATABASE:
                share *= self.training.confounded_share
            classes = np.unique(abnormal[inside])
            for value in classes:
                cell = inside & (abnormal == value)
                chances[cell] = share / len(classes) * person_weight[cell] / person_weight[cell].sum()
        return chances / chances.sum()

    def draw(self, rng):
        """One batch.

        Returns
        -------
        recordings : numpy.ndarray
            Indices into the store, ``[recordings]``.
        abnormal : numpy.ndarray
            Their labels, bool; True also for a normal recording under a made-up murmur.
        windows : numpy.ndarray
            Indices into the bank, ``[recordings, windows]``.
        """
        count, windows = self.training.recordings, self.training.windows
        pooled = round(count * self.training.pooled_share)
        chosen = np.concatenate(
            [
                rng.choice(self.indices, pooled, p=self.by_class),
                rng.choice(self.indices, count - pooled, p=self.by_database),
            ]
        )
        abnormal = self.store.abnormal[chosen]
        murmur = abnormal & (rng.random(count) < self.training.murmur_share) & (self.by_murmur is not None)
        if murmur.any():
            chosen[murmur] = rng.choice(self.indices, murmur.sum(), p=self.by_murmur)
        first = np.where(murmur, self.first_murmur[chosen], self.first[chosen])
        room = np.where(murmur, self.first_murmur[chosen + 1], self.first[chosen + 1]) - first
        place = (rng.random((count, windows)) * room[:, None]).astype(np.int64)
        return chosen, abnormal, self.allowed[first[:, None] + place]

"""Soft targets from FER+'s votes, for a network that answers what most people say.

Ten people voted on each face (Barsoum et al. 2016). The targets are the vote shares of FER-2013's seven classes. The
loss of each class is weighted by (1 / its share) ** power, so that the network learns the rare classes disgust and
fear.
"""

from __future__ import annotations

import numpy as np

from .data import LABELS, Faces
from .evaluate import VOTE_OF_LABEL


def count_people(faces: Faces, label_voters: float) -> np.ndarray:
    """Votes for each of LABELS, float [N, 7]. FER-2013's label adds `label_voters` votes, if one person agrees.

    The label helps if people are divided. A label without any vote is mostly a mistake.
    """
    votes = faces.votes[:, VOTE_OF_LABEL].astype(np.float64)
    return votes + label_voters * np.eye(len(LABELS))[faces.labels] * (votes > 0)


def make_targets(faces: Faces, label_voters: float, balance_power: float) -> np.ndarray:
    """Targets of the cross-entropy, float [N, 7]: vote shares, times the weights of class and face.

    The weight of a face is the share of its votes for the seven classes: small if most people voted for contempt,
    unknown or no face. The class weights keep the mean row sum equal to the mean weight of a face.
    """
    counts = count_people(faces, label_voters)
    certain = faces.votes[:, VOTE_OF_LABEL].sum(axis=1) / np.maximum(faces.votes.sum(axis=1), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-9) * certain[:, None]
    frequency = np.maximum(shares.sum(axis=0) / np.maximum(certain.sum(), 1e-9), 1e-9)
    weights = frequency**-balance_power
    return shares * weights / (frequency * weights).sum()

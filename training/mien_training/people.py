"""What most people say of a face: soft targets from FER+'s votes for a network that answers for people.

Ten people looked at each face (Barsoum et al. 2016). The targets are the shares of the seven columns that FER-2013 has
too. The loss of each class weighs by (1 / its share) ** power, so that the network learns disgust and fear, which one
face in twenty shows.
"""

from __future__ import annotations

import numpy as np

from .data import LABELS, Faces
from .evaluate import VOTE_OF_LABEL


def count_people(faces: Faces, label_voters: float) -> np.ndarray:
    """Votes for each of LABELS, float [N, 7]. FER-2013's label counts as `label_voters` more, where one person agrees.

    The label is a second voice where people are divided; a label that nobody shares is most often a mistake.
    """
    votes = faces.votes[:, VOTE_OF_LABEL].astype(np.float64)
    return votes + label_voters * np.eye(len(LABELS))[faces.labels] * (votes > 0)


def make_targets(faces: Faces, label_voters: float, balance_power: float) -> np.ndarray:
    """Targets of the cross-entropy, float [N, 7]: shares of people, times the weight of the class and of the face.

    A face weighs by the share of its votes that are for one of the seven: little, where most people voted for contempt,
    unknown or no face. The weights of the classes leave the mean sum of a row at the mean weight of a face.
    """
    counts = count_people(faces, label_voters)
    told = faces.votes[:, VOTE_OF_LABEL].sum(axis=1) / np.maximum(faces.votes.sum(axis=1), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-9) * told[:, None]
    frequency = np.maximum(shares.sum(axis=0) / np.maximum(told.sum(), 1e-9), 1e-9)
    weights = frequency**-balance_power
    return shares * weights / (frequency * weights).sum()

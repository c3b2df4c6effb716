"""FER-2013's labels against FER+'s votes."""

from __future__ import annotations

import numpy as np

from ..data import LABELS, VOTE_COLUMNS
from ..evaluate import VOTE_OF_LABEL
from .gathered import Gathered, compute_share, describe_values


def compare_votes(gathered: Gathered, mask: np.ndarray) -> dict:
    """FER-2013's labels against FER+'s votes, of the faces under the mask."""
    labels, winners, votes = gathered.faces.labels[mask], gathered.winners[mask], gathered.faces.votes[mask]
    voted = votes.any(axis=1)
    matrix = np.zeros((len(LABELS), len(VOTE_COLUMNS) + 1), dtype=np.int64)  # the last column: no majority
    np.add.at(matrix, (labels[voted], winners[voted]), 1)
    entropy = compute_entropy(votes)

    def describe(chosen: np.ndarray) -> dict:
        cast = votes[chosen].sum(axis=0, dtype=np.int64)
        same = winners[chosen] == np.array(VOTE_OF_LABEL)[labels[chosen]]
        in_seven = np.isin(winners[chosen], VOTE_OF_LABEL)
        return {
            "faces": int(chosen.sum()),
            "majority is the label": compute_share(same),
            "majority is one of the seven": compute_share(in_seven),
            "of those it is the label": compute_share(same[in_seven]),
            "entropy": describe_values(entropy[chosen]),
            "votes": {
                name: round(float(count / max(1, cast.sum())), 6)
                for name, count in zip(VOTE_COLUMNS, cast, strict=True)
            },
            "faces with such votes": {
                name: int((votes[chosen][:, VOTE_COLUMNS.index(name)] > 0).sum())
                for name in ("contempt", "unknown", "NF")
            },
        }

    classes = {label: describe(voted & (labels == index)) for index, label in enumerate(LABELS)}
    return {"matrix": {"rows": LABELS, "columns": [*VOTE_COLUMNS, "no majority"], "counts": matrix.tolist()}} | {
        "classes": classes | {"all": describe(voted)}
    }


def compute_entropy(votes: np.ndarray) -> np.ndarray:
    """Entropy of each face's votes over the ten columns in bits, float [N]: 0 when all agree, 3.3 at most."""
    shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    return (shares * np.log2(1 / np.where(shares > 0, shares, 1))).sum(axis=1)

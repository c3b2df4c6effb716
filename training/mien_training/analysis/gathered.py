"""The faces of all splits together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..data import LABELS, SPLITS, VOTE_COLUMNS, Faces
from ..duplicates import group_copies, group_near_copies
from ..evaluate import find_strict_majority

NO_MAJORITY = -1


@dataclass(frozen=True)
class Gathered:
    """The faces of all splits together, with the groups and the vote winner of each face."""

    faces: Faces
    splits: np.ndarray  # str [N]
    copies: np.ndarray  # int [N]: group of equal pixels
    near: np.ndarray  # int [N]: group of one photograph, copies included
    near_pairs: list  # (face, face, correlation), most alike first
    winners: np.ndarray | None  # int [N]: index into VOTE_COLUMNS, or NO_MAJORITY; None: no votes were read

    @property
    def names(self) -> list[str]:
        """The splits, in the order of reading."""
        return list(dict.fromkeys(self.splits))


def gather(splits: dict[str, Faces]) -> Gathered:
    """Join the splits, train first, group copies and find FER+'s strict majorities."""
    splits = {name: splits[name] for name in SPLITS.values() if name in splits}
    sides = list(splits.values())
    votes = None if sides[0].votes is None else np.concatenate([side.votes for side in sides])
    faces = Faces(
        np.concatenate([side.images for side in sides]),
        np.concatenate([side.labels for side in sides]),
        tuple(name for side in sides for name in side.names),
        votes,
    )
    copies = group_copies(faces)
    near, pairs = group_near_copies(faces, copies)
    of_split = np.repeat(list(splits), [len(side) for side in sides])
    return Gathered(faces, of_split, copies, near, pairs, None if votes is None else find_winners(votes))


def find_winners(votes: np.ndarray) -> np.ndarray:
    """Column of FER+'s strict majority among all ten, int [N]; NO_MAJORITY if there is none."""
    winners, clear = find_strict_majority(votes, tuple(range(len(VOTE_COLUMNS))))
    return np.where(clear, winners, NO_MAJORITY)


def count_classes(gathered: Gathered, mask: np.ndarray) -> dict[str, int]:
    """Faces per class and in total."""
    counts = np.bincount(gathered.faces.labels[mask], minlength=len(LABELS))
    return {label: int(count) for label, count in zip(LABELS, counts, strict=True)} | {"all": int(mask.sum())}


def compute_share(mask: np.ndarray) -> float:
    """Share of true values in the mask; 0 if it is empty."""
    return round(float(mask.mean()), 6) if len(mask) else 0.0


def describe_values(values: np.ndarray) -> dict[str, float]:
    """Mean and percentiles, to 3 decimals."""
    if len(values) == 0:
        return {"mean": 0.0, "p5": 0.0, "p25": 0.0, "median": 0.0, "p75": 0.0, "p95": 0.0}
    points = np.percentile(values, [5, 25, 50, 75, 95])
    named = zip(("mean", "p5", "p25", "median", "p75", "p95"), (values.mean(), *points), strict=True)
    return {name: round(float(value), 3) for name, value in named}

"""Pictures that occur more than once: counts, labels, and the sizes of the splits without them."""

from __future__ import annotations

import numpy as np

from ..data import LABELS
from .gathered import NO_MAJORITY, Gathered, compute_share, count_classes


def describe_groups(gathered: Gathered, groups: np.ndarray) -> dict:
    """Count pictures that occur more than once: in total, in each split, and across each pair of splits."""
    names = gathered.names
    inside = {name: _count_repeated(gathered, groups, gathered.splits == name) for name in names}
    across = {}
    for index, first in enumerate(names):
        for second in names[index + 1 :]:
            sides = [gathered.splits == first, gathered.splits == second]
            common = np.intersect1d(groups[sides[0]], groups[sides[1]])
            shared = np.isin(groups, common)
            across[f"{first}/{second}"] = {
                "pictures": len(common),
                first: int((shared & sides[0]).sum()),
                second: int((shared & sides[1]).sum()),
                "pictures with different labels": len(
                    _find_conflicts(gathered, groups, shared & (sides[0] | sides[1]))
                ),
            }
    return {"all": _count_repeated(gathered, groups, np.ones(len(groups), dtype=bool)), "inside": inside} | {
        "across": across
    }


def _count_repeated(gathered: Gathered, groups: np.ndarray, mask: np.ndarray) -> dict[str, int]:
    counts = np.unique(groups[mask], return_counts=True)[1]
    conflicts = _find_conflicts(gathered, groups, mask)
    return {
        "faces": int(mask.sum()),
        "pictures": len(counts),
        "pictures that repeat": int((counts > 1).sum()),
        "faces of those": int(counts[counts > 1].sum()),
        "pictures with different labels": len(conflicts),
        "faces with different labels": int((mask & np.isin(groups, conflicts)).sum()),
    }


def _find_conflicts(gathered: Gathered, groups: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Groups whose faces (under the mask) have more than one label."""
    distinct = np.unique(np.stack([groups[mask], gathered.faces.labels[mask]], 1), axis=0)
    ids, counts = np.unique(distinct[:, 0], return_counts=True)
    return ids[counts > 1]


def find_conflicts(gathered: Gathered, groups: np.ndarray) -> list[np.ndarray]:
    """Faces of each group with more than one label, int [members] each, in the order of reading."""
    conflicts = _find_conflicts(gathered, groups, np.ones(len(groups), dtype=bool))
    return sorted((np.flatnonzero(groups == group) for group in conflicts), key=lambda members: members[0])


def list_conflicts(gathered: Gathered, groups: np.ndarray) -> list[list[str]]:
    """The conflicts as names such as "train/fear/fer0001234.png"."""
    faces = gathered.faces
    return [
        [f"{gathered.splits[i]}/{LABELS[faces.labels[i]]}/{faces.names[i]}" for i in members]
        for members in find_conflicts(gathered, groups)
    ]


def describe_agreement(gathered: Gathered, pairs: np.ndarray) -> dict:
    """Share of pairs of faces, int [M, 2], with the same label and with the same votes."""
    labels = gathered.faces.labels[pairs]
    result = {"pairs": len(pairs), "same label": compute_share(labels[:, 0] == labels[:, 1])}
    if gathered.winners is None:
        return result
    votes, winners = gathered.faces.votes[pairs], gathered.winners[pairs]
    clear = (winners != NO_MAJORITY).all(axis=1)
    return result | {
        "same votes": compute_share((votes[:, 0] == votes[:, 1]).all(axis=1)),
        "pairs with a majority each": int(clear.sum()),
        "same majority": compute_share((winners[:, 0] == winners[:, 1])[clear]),
    }


def list_pairs(groups: np.ndarray) -> np.ndarray:
    """All pairs of faces in one group, int [M, 2]."""
    order = np.argsort(groups, kind="stable")
    ends = np.cumsum(np.unique(groups, return_counts=True)[1])[:-1]
    members = (group for group in np.split(order, ends) if len(group) > 1)
    pairs = [(a, b) for group in members for i, a in enumerate(group) for b in group[i + 1 :]]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def describe_sizes(gathered: Gathered, groups: np.ndarray) -> dict:
    """Class counts of each split, unchanged and after each step that removes copies.

    The steps remove: copies of other splits from train, and copies of train from the others; all but the first face of
    each picture; pictures with different labels in any split.
    """
    conflicts = np.isin(groups, _find_conflicts(gathered, groups, np.ones(len(groups), dtype=bool)))
    train = gathered.splits == "train"
    sizes = {}
    for name in gathered.names:
        mask = gathered.splits == name
        elsewhere = np.isin(groups, groups[~train if name == "train" else train])
        alone = mask & ~elsewhere
        first = np.zeros(len(groups), dtype=bool)
        first[np.flatnonzero(alone)[np.unique(groups[alone], return_index=True)[1]]] = True
        steps = {
            "all": mask,
            "without copies of train" if name != "train" else "without copies of other splits": alone,
            "and one of each picture": first,
            "and none with different labels": first & ~conflicts,
        }
        sizes[name] = {step: count_classes(gathered, kept) for step, kept in steps.items()}
    return sizes

"""Reads every split of a data set, with FER+'s votes where they are given."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from ..data import LABELS, DataError, Faces, Problem
from .images import read_images
from .kaggle_csv import read_kaggle_csv
from .rows import Row
from .votes import join_votes


def load_faces(
    path: Path, votes: Path | None = None, max_bad_share: float = 0.01, problems: list[Problem] | None = None
) -> dict[str, Faces]:
    """Read every split in `path` as {"train": ..., "test": ...}, and "private" from the full CSV.

    `path` is a folder or .zip with train/<class>/*.png and test/<class>/*.png, or Kaggle's CSV; `votes` is FER+'s
    fer2013new.csv. Missing, corrupt and misplaced files are named on stderr and added to `problems`. Raises DataError
    if their share is above `max_bad_share`.
    """
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; expected a folder or .zip with train/<class>/*.png, or a CSV")
    rows: list[Row] = []
    unusable: list[Problem] = []
    by_row = path.suffix.lower() == ".csv"
    for item in read_kaggle_csv(path) if by_row else read_images(path):
        (rows if isinstance(item, Row) else unusable).append(item)
    check_bad_share(str(path), unusable, len(rows) + len(unusable), max_bad_share)
    if problems is not None:
        problems.extend(unusable)
    if not rows:
        raise DataError(f"{path}: expected images in train/<class>/ or test/<class>/, found none")
    splits = {name: _stack([row for row in rows if row.split == name]) for name in dict.fromkeys(r.split for r in rows)}
    for name, faces in splits.items():
        absent = [label for index, label in enumerate(LABELS) if not (faces.labels == index).any()]
        if absent and name == "train":
            raise DataError(f"{path}: train has no usable image of: {', '.join(absent)}")
    if votes is None:
        return splits
    joined, unmatched = join_votes(splits, unusable, votes, by_row)
    check_bad_share(str(votes), unmatched, len(rows) + len(unusable), max_bad_share)
    if problems is not None:
        problems.extend(unmatched)
    return joined


def _stack(rows: list[Row]) -> Faces:
    images, labels = np.stack([row.image for row in rows]), np.array([row.label for row in rows], dtype=np.int64)
    return Faces(images, labels, tuple(row.name for row in rows))


def check_bad_share(source: str, problems: list[Problem], total: int, allowed: float) -> None:
    """Warn about unusable images; raise DataError if their share is above `allowed`."""
    if not problems:
        return
    share = len(problems) / total
    named = "; ".join(f"{p.name} {p.reason}" for p in problems[:5])
    more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
    verdict = f"{len(problems)} of {total} images cannot be used ({share:.1%}, allowed {allowed:.1%})"
    text = f"{source}: {verdict}: {named}{more}"
    if share > allowed:
        raise DataError(text)
    print(f"warning: {text}", file=sys.stderr)

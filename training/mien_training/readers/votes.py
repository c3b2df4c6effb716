"""Reader of FER+'s votes, fer2013new.csv, and the join of votes and faces."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from ..data import SPLITS, VOTE_COLUMNS, DataError, Faces, Problem
from .rows import read_table


@dataclass(frozen=True)
class _Votes:
    usage: str  # "" where the file has no such column
    name: str  # "" for images that FER+ excluded
    counts: np.ndarray  # uint8 [10]

    def contradicts(self, split: str) -> bool:
        """FER+ has the face in another split; a folder test/ may hold both of FER-2013's test splits."""
        known = SPLITS.get(self.usage, split)
        return known != split and (split, known) != ("test", "private")

    def is_missing(self, splits: dict[str, Faces], seen: set[str]) -> bool:
        """There are faces of its split, but not this one."""
        return SPLITS.get(self.usage) in splits and self.name not in seen


def join_votes(
    splits: dict[str, Faces], unusable: list[Problem], path: Path, by_row: bool
) -> tuple[dict[str, Faces], list[Problem]]:
    """Attach FER+'s votes by file name, or by row number for Kaggle's CSV, which has no names.

    Rows without a name in FER+ (blank pictures, or no face) are dropped, as FER+'s own scripts do. Faces that FER+
    lists in another split are dropped too. Faces with ambiguous votes get zeros.
    """
    rows = _read_votes(path)
    if by_row:
        _check_rows(splits, len(unusable), rows, path)
        dropped = {f"row{row:07d}" for row, votes in enumerate(rows) if not votes.name}
        splits = {k: faces.take(np.array([n not in dropped for n in faces.names])) for k, faces in splits.items()}
        rows = [replace(votes, name=votes.name and f"row{row:07d}") for row, votes in enumerate(rows)]
    named = [votes for votes in rows if votes.name]
    known = {votes.name: votes for votes in named}
    if not any(name in known for faces in splits.values() for name in faces.names):
        example = next(faces.names[0] for faces in splits.values() if len(faces))
        raise DataError(f'{path}: has votes for none of the images; "{example}" is not among its names')
    problems, unclear = _find_unclear_names(splits, named)
    seen = {name for faces in splits.values() for name in faces.names} | {PurePosixPath(p.name).name for p in unusable}
    problems += [Problem(v.name, "is missing, FER+ has votes for it") for v in named if v.is_missing(splits, seen)]
    none = np.zeros(len(VOTE_COLUMNS), dtype=np.uint8)
    for split, faces in splits.items():
        wrong = [n in known and known[n].contradicts(split) for n in faces.names]
        problems += [
            Problem(f"{split}/{name}", f"is of {known[name].usage} in FER+")
            for name, is_wrong in zip(faces.names, wrong, strict=True)
            if is_wrong
        ]
        problems += [Problem(n, "has no votes") for n in faces.names if n not in known]
        kept = faces.take(~np.array(wrong, dtype=bool))
        counts = [known[n].counts if n in known and n not in unclear else none for n in kept.names]
        splits[split] = replace(kept, votes=np.array(counts).reshape(-1, len(VOTE_COLUMNS)))
    return splits, problems


def _check_rows(splits: dict[str, Faces], unusable: int, rows: list[_Votes], path: Path) -> None:
    """Check that votes and faces match row by row: one lost row would shift all later rows."""
    count = sum(map(len, splits.values())) + unusable
    if count > len(rows) or (count < len(rows) and not all(votes.usage for votes in rows)):
        raise DataError(f"{path}: has {len(rows)} rows and the faces' CSV {count}; expected the same rows in both")
    for split, faces in splits.items():
        for name in faces.names:
            usage = rows[int(name.removeprefix("row"))].usage
            if SPLITS.get(usage, split) != split:
                raise DataError(
                    f"{path}: {name} is of {usage} here, but of {split} in the CSV; rows are missing in one"
                )


def _find_unclear_names(splits: dict[str, Faces], named: list[_Votes]) -> tuple[list[Problem], set[str]]:
    """Find names that several images share, or that have several different rows of votes."""
    images = Counter(name for faces in splits.values() for name in faces.names)
    rows: dict[str, set[bytes]] = {}
    for row in named:
        rows.setdefault(row.name, set()).add(row.counts.tobytes())
    shared = [name for name, count in images.items() if count > 1 and name in rows]
    differing = [name for name, counts in rows.items() if len(counts) > 1 and name in images]
    problems = [
        Problem(n, f"is the name of {images[n]} images, so its votes are ambiguous")
        for n in shared
        for _ in range(images[n])
    ]
    problems += [Problem(n, f"has {len(rows[n])} rows of votes that differ") for n in differing if n not in shared]
    return problems, {*shared, *differing}


def _read_votes(path: Path) -> list[_Votes]:
    votes = []
    for line, row in enumerate(read_table(path, ("Image name", *VOTE_COLUMNS), "FER+'s fer2013new.csv"), start=2):
        if None in (row[c] for c in VOTE_COLUMNS):
            raise DataError(f"{path}: line {line} is cut off; download the file again")
        try:
            counts = np.array([int(row[c]) for c in VOTE_COLUMNS], dtype=np.uint8)
        except (ValueError, OverflowError) as error:
            raise DataError(f"{path}: line {line} has votes that are not whole numbers of people") from error
        votes.append(_Votes(row.get("Usage") or "", row["Image name"], counts))
    return votes

"""Reader of Kaggle's fer2013.csv."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..data import LABELS, SIDE, SPLITS, DataError, Problem
from .rows import Row, read_table, refuse_blank, show_progress


def read_kaggle_csv(path: Path) -> Iterator[Row | Problem]:
    """Read Kaggle's fer2013.csv: columns emotion (0..6), pixels (2304 numbers), Usage."""
    bad = None
    for number, row in enumerate(show_progress(path, read_table(path, ("emotion", "pixels", "Usage")))):
        name = f"row{number:07d}"  # seven digits, as in FER+; the join with FER+ is by row number
        item = _parse_row(name, row)
        bad = item if isinstance(item, Problem) else None
        yield item
    if bad and not _ends_with_newline(path):
        raise DataError(f"{path}: is cut off in {bad.name}; download the file again")


def _parse_row(name: str, row: dict[str, str | None]) -> Row | Problem:
    if None in row.values():
        return Problem(name, "has too few columns")
    if row["Usage"] not in SPLITS:
        return Problem(name, f'Usage "{row["Usage"]}" is unknown')
    if row["emotion"] not in map(str, range(len(LABELS))):
        return Problem(name, f'emotion "{row["emotion"]}" is not 0..6')
    image, reason = _parse_pixels(row["pixels"])
    return Problem(name, reason) if image is None else Row(SPLITS[row["Usage"]], name, int(row["emotion"]), image)


def _parse_pixels(text: str) -> tuple[np.ndarray | None, str]:
    try:
        values = np.array(text.split(), dtype=np.int64)
    except ValueError:
        return None, "has pixels that are not numbers"
    if values.size != SIDE * SIDE:
        return None, f"has {values.size} pixels, expected {SIDE * SIDE}"
    if values.min() < 0 or values.max() > 255:
        return None, "has pixels outside 0..255"
    return refuse_blank(values.astype(np.uint8).reshape(SIDE, SIDE))


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) in b"\r\n"

"""What every reader of faces uses: a row, a CSV table, the check for blank pictures, and a progress bar."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ..data import DataError


@dataclass(frozen=True)
class Row:
    """One face as it was read."""

    split: str
    name: str
    label: int
    image: np.ndarray


def read_table(path: Path, columns: tuple[str, ...], source: str = "") -> Iterator[dict[str, str | None]]:
    """Read the rows of a CSV that has these columns; missing values of a short row are None."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, skipinitialspace=True)  # one copy on Kaggle has spaces after its commas
            missing = set(columns) - set(reader.fieldnames or ())
            if missing:
                expected = source or ",".join(columns)
                raise DataError(f"{path}: has no column {', '.join(sorted(missing))}; expected {expected}")
            yield from reader
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{path}: is not a CSV in UTF-8: {error}") from error


def refuse_blank(pixels: np.ndarray) -> tuple[np.ndarray | None, str]:
    """The pixels, or None and the reason if all are equal."""
    return (None, "is blank, one grey value all over") if pixels.min() == pixels.max() else (pixels, "")


def show_progress(path: Path, items: Iterable) -> Iterable:
    """Show a progress bar on a terminal after two seconds."""
    return tqdm(items, desc=f"reading {path.name}", unit=" faces", leave=False, delay=2, disable=None)

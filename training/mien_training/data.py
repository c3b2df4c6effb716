"""Readers for the formats that FER-2013 comes in: class folders (also inside a .zip), Kaggle's CSV, FER+ votes."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # FER-2013's own index order
VOTE_COLUMNS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)  # as in FER+'s fer2013new.csv; NF: not a face
SIDE = 48  # pixels
SPLITS = {"Training": "train", "PublicTest": "test", "PrivateTest": "private"}
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp"}


class DataError(Exception):
    """Data that cannot be used; the message is one line for the person who gave the path."""


@dataclass(frozen=True)
class Faces:
    """Labelled faces in memory."""

    images: np.ndarray  # uint8 [N, 48, 48], grey 0..255
    labels: np.ndarray  # int64 [N], index into LABELS
    names: tuple[str, ...]  # file name, the key of FER+'s votes
    votes: np.ndarray | None = None  # uint8 [N, 10] in the order of VOTE_COLUMNS; None: no votes were read

    def __len__(self) -> int:
        """Count of faces."""
        return len(self.labels)

    def take(self, index: np.ndarray) -> Faces:
        """Faces at these positions (or where this mask is true), in this order."""
        names = tuple(np.asarray(self.names, dtype=object)[index])
        return Faces(self.images[index], self.labels[index], names, None if self.votes is None else self.votes[index])


@dataclass(frozen=True)
class _Row:
    split: str
    name: str
    label: int
    image: np.ndarray


@dataclass(frozen=True)
class _Problem:
    name: str
    reason: str


def load_faces(path: Path, votes: Path | None = None, max_bad_share: float = 0.01) -> dict[str, Faces]:
    """Read every split that `path` holds, as {"train": ..., "test": ...} ("private" too, from the full CSV).

    `path` is a folder or .zip with train/<class>/*.png and test/<class>/*.png, or Kaggle's CSV; `votes` is FER+'s
    fer2013new.csv. Unusable files are named on stderr, and refused with DataError past `max_bad_share`.
    """
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; expected a folder or .zip with train/<class>/*.png, or a CSV")
    rows: list[_Row] = []
    problems: list[_Problem] = []
    for item in _read_csv(path) if path.suffix.lower() == ".csv" else _read_images(path):
        (rows if isinstance(item, _Row) else problems).append(item)
    _refuse_or_report(str(path), problems, len(rows) + len(problems), max_bad_share)
    if not rows:
        raise DataError(f"{path}: holds no images under train/<class>/ or test/<class>/")
    splits = {name: _stack([row for row in rows if row.split == name]) for name in dict.fromkeys(r.split for r in rows)}
    for name, faces in splits.items():
        absent = [label for index, label in enumerate(LABELS) if not (faces.labels == index).any()]
        if absent and name == "train":
            raise DataError(f"{path}: train has no usable image of: {', '.join(absent)}")
    if votes is None:
        return splits
    return _join_votes(splits, votes, path.suffix.lower() == ".csv", max_bad_share)


def _stack(rows: list[_Row]) -> Faces:
    images, labels = np.stack([row.image for row in rows]), np.array([row.label for row in rows], dtype=np.int64)
    return Faces(images, labels, tuple(row.name for row in rows))


def _read_images(path: Path) -> Iterator[_Row | _Problem]:
    """Decode every image of a folder or .zip; what surrounds train/ and test/ does not matter."""
    for entry, read in _open_entries(path):
        parts = PurePosixPath(entry).parts
        if parts[-1].startswith(".") or "__MACOSX" in parts:
            continue
        if len(parts) < 3 or parts[-3].lower() not in ("train", "test"):
            continue
        if parts[-2].lower() not in LABELS:
            yield _Problem(entry, f'class "{parts[-2]}" is unknown')
            continue
        if PurePosixPath(entry).suffix.lower() not in IMAGE_SUFFIXES:
            yield _Problem(entry, "is not a .png, .jpg or .bmp")
            continue
        image, reason = _decode(read)
        if image is None:
            yield _Problem(entry, reason)
        else:
            yield _Row(parts[-3].lower(), parts[-1], LABELS.index(parts[-2].lower()), image)


def _open_entries(path: Path):
    """Yield (slash-separated name, function that reads its bytes), sorted, so that order never depends on the disk."""
    if path.is_dir():
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            yield file.relative_to(path.parent).as_posix(), file.read_bytes
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(n for n in archive.namelist() if not n.endswith("/")):
                yield name, lambda name=name: archive.read(name)
    except zipfile.BadZipFile as error:
        raise DataError(f"{path}: is neither a folder, a .csv nor a readable .zip") from error


def _decode(read) -> tuple[np.ndarray | None, str]:
    try:
        with Image.open(io.BytesIO(read())) as picture:
            if picture.size != (SIDE, SIDE):
                return None, f"is {picture.width}x{picture.height}, expected {SIDE}x{SIDE}"
            pixels = np.asarray(picture.convert("L"))
    except (OSError, ValueError, SyntaxError, zipfile.BadZipFile, Image.DecompressionBombError):
        return None, "cannot be decoded as an image"
    return _refuse_blank(pixels)


def _refuse_blank(pixels: np.ndarray) -> tuple[np.ndarray | None, str]:
    return (None, "is blank, one grey value all over") if pixels.min() == pixels.max() else (pixels, "")


def _read_csv(path: Path) -> Iterator[_Row | _Problem]:
    """Read Kaggle's fer2013.csv: columns emotion (0..6), pixels (2304 numbers), Usage."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = {"emotion", "pixels", "Usage"} - set(reader.fieldnames or ())
        if missing:
            raise DataError(f"{path}: has no column {', '.join(sorted(missing))}; expected emotion,pixels,Usage")
        for number, row in enumerate(reader):
            name = f"row{number:07d}"  # as many digits as FER+ uses; FER+ joins on the row's position
            if row["Usage"] not in SPLITS:
                yield _Problem(name, f'Usage "{row["Usage"]}" is unknown')
            elif row["emotion"] not in map(str, range(len(LABELS))):
                yield _Problem(name, f'emotion "{row["emotion"]}" is not 0..6')
            else:
                image, reason = _parse_pixels(row["pixels"])
                yield (
                    _Problem(name, reason)
                    if image is None
                    else _Row(SPLITS[row["Usage"]], name, int(row["emotion"]), image)
                )


def _parse_pixels(text: str | None) -> tuple[np.ndarray | None, str]:
    try:
        values = np.array((text or "").split(), dtype=np.int64)
    except ValueError:
        return None, "has pixels that are not numbers"
    if values.size != SIDE * SIDE:
        return None, f"has {values.size} pixels, expected {SIDE * SIDE}"
    if values.min() < 0 or values.max() > 255:
        return None, "has pixels outside 0..255"
    return _refuse_blank(values.astype(np.uint8).reshape(SIDE, SIDE))


def _refuse_or_report(source: str, problems: list[_Problem], total: int, allowed: float) -> None:
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


def _join_votes(splits: dict[str, Faces], path: Path, by_row: bool, allowed: float) -> dict[str, Faces]:
    """Attach FER+'s votes: on the file name, or on the row's position for Kaggle's CSV, which has no names.

    Rows of the CSV that FER+ left without a name (blank, or no face) are dropped, as FER+'s own scripts do.
    """
    named = _read_votes(path)
    key = (lambda row, name: f"row{row:07d}") if by_row else (lambda row, name: name)
    votes = {key(row, name): values for row, (name, values) in enumerate(named) if name}
    dropped = {key(row, name) for row, (name, _) in enumerate(named) if by_row and not name}
    splits = {k: faces.take(np.array([n not in dropped for n in faces.names])) for k, faces in splits.items()}
    absent = [_Problem(n, "has no votes") for faces in splits.values() for n in faces.names if n not in votes]
    _refuse_or_report(str(path), absent, sum(map(len, splits.values())), allowed)
    none = np.zeros(len(VOTE_COLUMNS), dtype=np.uint8)
    return {k: replace(f, votes=np.array([votes.get(n, none) for n in f.names])) for k, f in splits.items()}


def _read_votes(path: Path) -> list[tuple[str, np.ndarray]]:
    try:
        file = path.open(newline="", encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    with file:
        reader = csv.DictReader(file)
        missing = {"Image name", *VOTE_COLUMNS} - set(reader.fieldnames or ())
        if missing:
            raise DataError(f"{path}: has no column {', '.join(sorted(missing))}; expected FER+'s fer2013new.csv")
        try:
            return [
                (row["Image name"], np.array([int(row[c]) for c in VOTE_COLUMNS], dtype=np.uint8)) for row in reader
            ]
        except (TypeError, ValueError, OverflowError) as error:
            raise DataError(f"{path}: line {reader.line_num} has votes that are not whole numbers") from error

"""Readers for the formats that FER-2013 comes in: class folders (also inside a .zip), Kaggle's CSV, FER+ votes."""

from __future__ import annotations

import csv
import io
import os
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image
from tqdm import tqdm

from .errors import UserError

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
SPLIT_OF_FOLDER = {"train": "train", "test": "test", "private": "private"} | {k.lower(): v for k, v in SPLITS.items()}
# The other names that public copies of FER-2013 give to its class folders.
LABEL_OF_FOLDER = {name: index for index, name in enumerate(LABELS)} | {
    "anger": 0,
    "disgusted": 1,
    "fearful": 2,
    "happiness": 3,
    "sadness": 4,
    "surprised": 5,
}
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp"}


class DataError(UserError):
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

    def and_then(self, others: Faces) -> Faces:
        """These faces, and others after them; those of a side without votes have nobody's, unless neither has any."""
        votes = None
        if self.votes is not None or others.votes is not None:
            nobody = [np.zeros((len(side), len(VOTE_COLUMNS)), dtype=np.uint8) for side in (self, others)]
            sides = zip((self, others), nobody, strict=True)
            votes = np.concatenate([none if side.votes is None else side.votes for side, none in sides])
        return Faces(
            np.concatenate([self.images, others.images]),
            np.concatenate([self.labels, others.labels]),
            self.names + others.names,
            votes,
        )


@dataclass(frozen=True)
class _Row:
    split: str
    name: str
    label: int
    image: np.ndarray


@dataclass(frozen=True)
class Problem:
    """A file or row that cannot be used as it is."""

    name: str
    reason: str


def load_faces(
    path: Path, votes: Path | None = None, max_bad_share: float = 0.01, problems: list[Problem] | None = None
) -> dict[str, Faces]:
    """Read every split that `path` holds, as {"train": ..., "test": ...} ("private" too, from the full CSV).

    `path` is a folder or .zip with train/<class>/*.png and test/<class>/*.png, or Kaggle's CSV; `votes` is FER+'s
    fer2013new.csv. Files that are missing, corrupt or in the wrong place are named on stderr (all of them are added to
    `problems`, where given), and refused with DataError past `max_bad_share`.
    """
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; expected a folder or .zip with train/<class>/*.png, or a CSV")
    rows: list[_Row] = []
    unusable: list[Problem] = []
    by_row = path.suffix.lower() == ".csv"
    for item in _read_csv(path) if by_row else _read_images(path):
        (rows if isinstance(item, _Row) else unusable).append(item)
    _refuse_or_report(str(path), unusable, len(rows) + len(unusable), max_bad_share)
    if problems is not None:
        problems.extend(unusable)
    if not rows:
        raise DataError(f"{path}: holds no images under train/<class>/ or test/<class>/")
    splits = {name: _stack([row for row in rows if row.split == name]) for name in dict.fromkeys(r.split for r in rows)}
    for name, faces in splits.items():
        absent = [label for index, label in enumerate(LABELS) if not (faces.labels == index).any()]
        if absent and name == "train":
            raise DataError(f"{path}: train has no usable image of: {', '.join(absent)}")
    if votes is None:
        return splits
    joined, unmatched = _join_votes(splits, unusable, votes, by_row)
    _refuse_or_report(str(votes), unmatched, len(rows) + len(unusable), max_bad_share)
    if problems is not None:
        problems.extend(unmatched)
    return joined


def _stack(rows: list[_Row]) -> Faces:
    images, labels = np.stack([row.image for row in rows]), np.array([row.label for row in rows], dtype=np.int64)
    return Faces(images, labels, tuple(row.name for row in rows))


def _read_images(path: Path) -> Iterator[_Row | Problem]:
    """Decode every image of a folder or .zip; what surrounds train/ and test/ does not matter."""
    elsewhere: list[str] = []
    for entry, read in _open_entries(path):
        parts = PurePosixPath(entry).parts
        suffix = PurePosixPath(entry).suffix.lower()
        if parts[-1].startswith(".") or "__MACOSX" in parts:
            continue
        if len(parts) < 3 or parts[-3].lower() not in SPLIT_OF_FOLDER:
            elsewhere += [entry] if suffix in IMAGE_SUFFIXES else []
        elif parts[-2].lower() not in LABEL_OF_FOLDER:
            yield Problem(entry, f'class "{parts[-2]}" is unknown')
        elif suffix not in IMAGE_SUFFIXES:
            yield Problem(entry, "is not a .png, .jpg or .bmp")
        else:
            image, reason = _decode(read)
            split, label = SPLIT_OF_FOLDER[parts[-3].lower()], LABEL_OF_FOLDER[parts[-2].lower()]
            yield Problem(entry, reason) if image is None else _Row(split, parts[-1], label, image)
    if elsewhere:
        where = f"not in train/<class>/ or test/<class>/: {elsewhere[0]}"
        print(f"warning: {path}: {len(elsewhere)} images are left aside, {where}", file=sys.stderr)


def _open_entries(path: Path):
    """Yield (slash-separated name, function that reads its bytes), sorted, so that order never depends on the disk."""
    if path.is_dir():
        for file in _show_progress(path, sorted(p for p in path.rglob("*") if p.is_file())):
            yield file.relative_to(path.parent).as_posix(), file.read_bytes
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for name in _show_progress(path, sorted({n for n in archive.namelist() if not n.endswith("/")})):
                yield name, lambda name=name: archive.read(name)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: is neither a folder, a .csv nor a readable .zip") from error


def _show_progress(path: Path, items: Iterable) -> Iterable:
    """A bar on a terminal, for whatever takes longer than two seconds."""
    return tqdm(items, desc=f"reading {path.name}", unit=" faces", leave=False, delay=2, disable=None)


def _decode(read) -> tuple[np.ndarray | None, str]:
    try:
        content = read()
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:  # RuntimeError: encrypted
        return None, f"cannot be read: {getattr(error, 'strerror', None) or error}"
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.size != (SIDE, SIDE):
                return None, f"is {picture.width}x{picture.height}, expected {SIDE}x{SIDE}"
            pixels = np.asarray(picture.convert("L"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None, "cannot be decoded as an image"
    return _refuse_blank(pixels)


def _refuse_blank(pixels: np.ndarray) -> tuple[np.ndarray | None, str]:
    return (None, "is blank, one grey value all over") if pixels.min() == pixels.max() else (pixels, "")


def _read_csv(path: Path) -> Iterator[_Row | Problem]:
    """Read Kaggle's fer2013.csv: columns emotion (0..6), pixels (2304 numbers), Usage."""
    bad = None
    for number, row in enumerate(_show_progress(path, _read_table(path, ("emotion", "pixels", "Usage")))):
        name = f"row{number:07d}"  # as many digits as FER+ uses; FER+ joins on the row's position
        item = _parse_row(name, row)
        bad = item if isinstance(item, Problem) else None
        yield item
    if bad and not _ends_with_newline(path):
        raise DataError(f"{path}: ends in the middle of {bad.name}, so rows are missing; get the file again")


def _parse_row(name: str, row: dict[str, str | None]) -> _Row | Problem:
    if None in row.values():
        return Problem(name, "has too few columns")
    if row["Usage"] not in SPLITS:
        return Problem(name, f'Usage "{row["Usage"]}" is unknown')
    if row["emotion"] not in map(str, range(len(LABELS))):
        return Problem(name, f'emotion "{row["emotion"]}" is not 0..6')
    image, reason = _parse_pixels(row["pixels"])
    return Problem(name, reason) if image is None else _Row(SPLITS[row["Usage"]], name, int(row["emotion"]), image)


def _read_table(path: Path, columns: tuple[str, ...], source: str = "") -> Iterator[dict[str, str | None]]:
    """Rows of a CSV that has these columns; a row that is too short has None in the missing ones."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, skipinitialspace=True)  # one of Kaggle's copies has spaces after its commas
            missing = set(columns) - set(reader.fieldnames or ())
            if missing:
                expected = source or ",".join(columns)
                raise DataError(f"{path}: has no column {', '.join(sorted(missing))}; expected {expected}")
            yield from reader
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{path}: is not a CSV in UTF-8: {error}") from error


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) in b"\r\n"


def _parse_pixels(text: str) -> tuple[np.ndarray | None, str]:
    try:
        values = np.array(text.split(), dtype=np.int64)
    except ValueError:
        return None, "has pixels that are not numbers"
    if values.size != SIDE * SIDE:
        return None, f"has {values.size} pixels, expected {SIDE * SIDE}"
    if values.min() < 0 or values.max() > 255:
        return None, "has pixels outside 0..255"
    return _refuse_blank(values.astype(np.uint8).reshape(SIDE, SIDE))


def _refuse_or_report(source: str, problems: list[Problem], total: int, allowed: float) -> None:
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


def _join_votes(
    splits: dict[str, Faces], unusable: list[Problem], path: Path, by_row: bool
) -> tuple[dict[str, Faces], list[Problem]]:
    """Attach FER+'s votes: on the file name, or on the row's position for Kaggle's CSV, which has no names.

    Rows of the CSV that FER+ left without a name (blank, or no face) are dropped, as FER+'s own scripts do; so are
    faces of a split that FER+ knows in another one. Faces whose votes cannot be told have only zeros.
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
    """Refuse votes that do not belong to the faces' CSV row by row: one row lost would shift all that follow."""
    count = sum(map(len, splits.values())) + unusable
    if count > len(rows) or (count < len(rows) and not all(votes.usage for votes in rows)):
        raise DataError(f"{path}: has {len(rows)} rows, the faces' CSV {count}; they belong together row by row")
    for split, faces in splits.items():
        for name in faces.names:
            usage = rows[int(name.removeprefix("row"))].usage
            if SPLITS.get(usage, split) != split:
                raise DataError(
                    f"{path}: {name} is of {usage} here, but of {split} in the CSV; rows are missing in one"
                )


def _find_unclear_names(splits: dict[str, Faces], named: list[_Votes]) -> tuple[list[Problem], set[str]]:
    """Names that several images share, or that have several rows of votes that differ."""
    images = Counter(name for faces in splits.values() for name in faces.names)
    rows: dict[str, set[bytes]] = {}
    for row in named:
        rows.setdefault(row.name, set()).add(row.counts.tobytes())
    shared = [name for name, count in images.items() if count > 1 and name in rows]
    differing = [name for name, counts in rows.items() if len(counts) > 1 and name in images]
    problems = [
        Problem(n, f"names {images[n]} images, so its votes are unclear") for n in shared for _ in range(images[n])
    ]
    problems += [Problem(n, f"has {len(rows[n])} rows of votes that differ") for n in differing if n not in shared]
    return problems, {*shared, *differing}


@dataclass(frozen=True)
class _Votes:
    usage: str  # "" where the file has no such column
    name: str  # "" for images that FER+ left out
    counts: np.ndarray  # uint8 [10]

    def contradicts(self, split: str) -> bool:
        """FER+ has the face in another split; a folder test/ may hold both of FER-2013's test splits."""
        known = SPLITS.get(self.usage, split)
        return known != split and (split, known) != ("test", "private")

    def is_missing(self, splits: dict[str, Faces], seen: set[str]) -> bool:
        """There are faces of its split, but not this one."""
        return SPLITS.get(self.usage) in splits and self.name not in seen


def _read_votes(path: Path) -> list[_Votes]:
    votes = []
    for line, row in enumerate(_read_table(path, ("Image name", *VOTE_COLUMNS), "FER+'s fer2013new.csv"), start=2):
        if None in (row[c] for c in VOTE_COLUMNS):
            raise DataError(f"{path}: line {line} is cut short; get the file again")
        try:
            counts = np.array([int(row[c]) for c in VOTE_COLUMNS], dtype=np.uint8)
        except (ValueError, OverflowError) as error:
            raise DataError(f"{path}: line {line} has votes that are not whole numbers of people") from error
        votes.append(_Votes(row.get("Usage") or "", row["Image name"], counts))
    return votes

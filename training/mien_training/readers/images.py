"""Reader of class folders of pictures, also inside a .zip."""

from __future__ import annotations

import io
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from ..data import IMAGE_SUFFIXES, LABELS, SIDE, SPLITS, DataError, Problem
from .rows import Row, refuse_blank, show_progress

SPLIT_OF_FOLDER = {"train": "train", "test": "test", "private": "private"} | {k.lower(): v for k, v in SPLITS.items()}
# FER-2013's class names, and the names that public copies give to its class folders.
LABEL_OF_FOLDER = {name: index for index, name in enumerate(LABELS)} | {
    "anger": 0,
    "disgusted": 1,
    "fearful": 2,
    "happiness": 3,
    "sadness": 4,
    "surprised": 5,
}


def read_images(path: Path) -> Iterator[Row | Problem]:
    """Decode every image of a folder or .zip; folders around train/ and test/ are ignored."""
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
            yield Problem(entry, reason) if image is None else Row(split, parts[-1], label, image)
    if elsewhere:
        where = f"not in train/<class>/ or test/<class>/: {elsewhere[0]}"
        print(f"warning: {path}: {len(elsewhere)} images are skipped, {where}", file=sys.stderr)


def _open_entries(path: Path):
    """Yield (slash-separated name, function that reads its bytes), sorted so that the order is the same everywhere."""
    if path.is_dir():
        for file in show_progress(path, sorted(p for p in path.rglob("*") if p.is_file())):
            yield file.relative_to(path.parent).as_posix(), file.read_bytes
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for name in show_progress(path, sorted({n for n in archive.namelist() if not n.endswith("/")})):
                yield name, lambda name=name: archive.read(name)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: is neither a folder, a .csv nor a readable .zip") from error


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
    return refuse_blank(pixels)

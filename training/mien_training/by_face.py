"""Numbers per face, stored without the faces. A key of the pixels finds them in any order and split."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from .data import DataError, Faces
from .split import hash_pixels

KEY_DIGITS = 16  # hexadecimal, of sha256: the probability that any two of 30,000 faces share a key is 1 in 40 billion


def save_by_face(path: Path, faces: Faces, columns: dict[str, np.ndarray]) -> None:
    """Write one .npz: `faces` holds the keys, each column one row per key. float32, because float16 makes ties."""
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = np.array(make_keys(faces), dtype=f"S{KEY_DIGITS}")
    np.savez_compressed(path, faces=keys, **{name: values.astype(np.float32) for name, values in columns.items()})


def load_by_face(path: Path, faces: Faces) -> dict[str, np.ndarray]:
    """Read columns float32 in the order of `faces`; raises DataError if faces are missing in the file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            stored = {name: file[name] for name in file.files}
        keys = stored.pop("faces")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: is not a file of soft targets; write it with mien_training.teach") from error
    rows = {key.decode(): row for row, key in enumerate(keys.tolist())}
    wanted = make_keys(faces)
    absent = sum(key not in rows for key in wanted)
    if absent:
        raise DataError(f"{path}: lacks {absent} of {len(wanted)} training faces; write it again with the same split")
    order = np.array([rows[key] for key in wanted])
    return {name: values[order].astype(np.float32) for name, values in stored.items()}


def make_keys(faces: Faces) -> list[str]:
    """One short key per face."""
    return [key[:KEY_DIGITS] for key in hash_pixels(faces)]

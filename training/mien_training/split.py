"""The fixed split of Training into training and validation sides, without copies across sides."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .config import Preset
from .data import LABELS, DataError, Faces
from .readers.load import load_faces


@dataclass(frozen=True)
class Split:
    """The sides of one experiment."""

    train: Faces
    validation: Faces  # temperature and thresholds are fitted here
    test: Faces  # PublicTest: reported, never fitted to
    copies_dropped: int  # Training rows that were dropped as exact copies of a test row
    copied: np.ndarray  # bool [len(test)], test rows with copies in Training


def prepare(preset: Preset, path: Path, votes: Path | None = None) -> Split:
    """Read the data and split it by the preset; the same seed gives the same rows on every machine."""
    splits = load_faces(path, votes, preset.data.max_bad_share)
    if "train" not in splits or "test" not in splits:
        raise DataError(f"{path}: expected train and test, found {', '.join(splits)}")
    return split_faces(splits, preset.data.validation_share, preset.data.split_seed)


def split_faces(splits: dict[str, Faces], validation_share: float, seed: int) -> Split:
    """Draw the validation side: seeded, the same share of every class, only rows without a copy in Training."""
    held_out = {key for name, faces in splits.items() if name != "train" for key in hash_pixels(faces)}
    all_keys = hash_pixels(splits["train"])
    kept = np.array([key not in held_out for key in all_keys])
    pool = splits["train"].take(kept)
    keys = [key for key, keep in zip(all_keys, kept, strict=True) if keep]
    copies = {key for key, count in zip(*np.unique(keys, return_counts=True), strict=True) if count > 1}
    single = np.array([key not in copies for key in keys])
    rng = np.random.default_rng(seed)
    chosen = np.zeros(len(pool), dtype=bool)
    for index, label in enumerate(LABELS):
        of_class = pool.labels == index
        count = max(1, round(validation_share * of_class.sum()))
        candidates = np.flatnonzero(of_class & single)
        if count >= of_class.sum() or count > len(candidates):
            raise DataError(f"train has too few distinct images of {label} ({of_class.sum()}) to hold out {count}")
        chosen[rng.choice(candidates, count, replace=False)] = True
    dropped = {key for key, keep in zip(all_keys, kept, strict=True) if not keep}
    copied = np.array([key in dropped for key in hash_pixels(splits["test"])])
    return Split(pool.take(~chosen), pool.take(chosen), splits["test"], int((~kept).sum()), copied)


def hash_pixels(faces: Faces) -> list[str]:
    """One key per face; equal keys mean equal pixels."""
    return [hashlib.sha256(image.tobytes()).hexdigest() for image in faces.images]

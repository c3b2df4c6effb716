"""The faces that a report scores, and the ones among them that training has seen in another file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ..config import Preset
from ..data import IMAGE_SUFFIXES, SIDE, DataError, Faces
from ..duplicates import find_near_pairs
from ..split import Split, prepare


@dataclass(frozen=True)
class Subject:
    """The faces that a report scores."""

    side: str  # test or validation
    faces: Faces
    copies: np.ndarray  # bool [N], faces whose exact pixels are also in Training
    near: np.ndarray  # bool [N], copies, and near-copies of trained faces
    validation: Faces  # temperatures are fitted here
    negatives: np.ndarray | None = None  # uint8 [M, 48, 48], pictures without a face

    def list_variants(self) -> dict[str, np.ndarray]:
        """Masks bool [N] of the faces to score: all; if there are copies or near-copies, also all without them."""
        variants = {"all": np.ones(len(self.faces), dtype=bool)}
        if self.copies.any():
            variants["withoutCopies"] = ~self.copies
        if self.near.sum() > self.copies.sum():
            variants["withoutNearCopies"] = ~self.near
        return variants


def gather(preset: Preset, data: Path, votes: Path | None, side: str, negatives: Path | None = None) -> Subject:
    """Read all inputs of a report."""
    pictures = load_pictures(negatives, preset.data.max_bad_share) if negatives else None
    return choose_subject(prepare(preset, data, votes), side, pictures)


def choose_subject(split: Split, side: str, negatives: np.ndarray | None = None) -> Subject:
    """Choose one side of a split and mark the faces that training has seen in another file."""
    faces, others = getattr(split, side), [split.train] + ([split.validation] if side == "test" else [])
    # No validation face has a copy on another side.
    copies = split.copied if side == "test" else np.zeros(len(faces), dtype=bool)
    seen = np.concatenate([other.images for other in others])
    return Subject(side, faces, copies, copies | find_near(faces.images, seen), split.validation, negatives)


def find_near(images: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Mask bool [N] of images uint8 [N, 48, 48] that are near-copies of an image in `seen` uint8 [M, 48, 48]."""
    pairs, _ = find_near_pairs(np.concatenate([images, seen]))
    across = (pairs[:, 0] < len(images)) & (pairs[:, 1] >= len(images))
    near = np.zeros(len(images), dtype=bool)
    near[pairs[across, 0]] = True
    return near


def load_pictures(folder: Path, max_bad_share: float) -> np.ndarray:
    """Read all pictures in a folder and its subfolders; the central square of each, grey uint8 [M, 48, 48]."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; expected a folder of pictures without a face")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    pictures, bad = [], []
    for path in files:
        try:
            with Image.open(path) as picture:
                pictures.append(np.asarray(ImageOps.fit(picture.convert("L"), (SIDE, SIDE))))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            bad.append(path.name)
    if not pictures or len(bad) > max_bad_share * len(files):
        named = f": {', '.join(bad[:5])}" if bad else ""
        raise DataError(f"{folder}: {len(bad)} of {len(files)} pictures cannot be decoded{named}")
    return np.stack(pictures)

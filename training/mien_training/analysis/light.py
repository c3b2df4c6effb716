"""Brightness, contrast and flat edges of the pictures."""

from __future__ import annotations

import numpy as np

from ..data import Faces
from .gathered import describe_values

DARK, BRIGHT = 40, 215  # mean grey, of 0..255
FAINT = 20  # standard deviation of grey
FLAT_SPAN, FLAT_LINES = (
    4,
    3,
)  # an edge is flat if 3 lines of pixels span at most 4 grey levels


def describe_pictures(faces: Faces) -> dict:
    """Brightness and contrast (mean and standard deviation of grey 0..255), and counts of extreme pictures."""
    brightness, contrast = measure_light(faces.images)
    top, bottom, left, right = measure_flat_edges(faces.images) >= FLAT_LINES
    return {
        "faces": len(faces),
        "brightness": describe_values(brightness),
        "contrast": describe_values(contrast),
        "dark": int((brightness < DARK).sum()),
        "bright": int((brightness > BRIGHT).sum()),
        "faint": int((contrast < FAINT).sum()),
        "flat edge": int((top | bottom | left | right).sum()),
        "flat at opposite edges": int(((top & bottom) | (left & right)).sum()),
    }


def measure_light(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of grey, float [N] each."""
    return images.mean(axis=(1, 2)), images.std(axis=(1, 2))


def measure_flat_edges(images: np.ndarray) -> np.ndarray:
    """Number of flat lines (within FLAT_SPAN) at the top, bottom, left and right edge, int [4, N].

    Bars and plain backgrounds both count: at 48 pixels they look the same.
    """
    depths = []
    for axis in (2, 1):
        flat = images.max(axis=axis).astype(np.int64) - images.min(axis=axis) <= FLAT_SPAN
        depths += [np.cumprod(flat, axis=1).sum(axis=1), np.cumprod(flat[:, ::-1], axis=1).sum(axis=1)]
    return np.stack(depths)

"""Detect generated faces that are copies of training faces.

Faces are compared at half size, normalised, and also mirrored, so that light and noise do not hide a copy. A memorised
face is much nearer to one training face than to other near ones. So its distance to the nearest is divided by the mean
distance to the nearest 50 (Carlini et al. 2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from .data import SIDE, Faces

NEIGHBOURS = 50
PER_ROW = 24  # faces in a row of the sheet


@dataclass(frozen=True)
class Nearest:
    """The most similar training face of each of N faces."""

    correlation: np.ndarray  # float [N], of the pixels; 1: a copy
    relative: np.ndarray  # float [N], distance to it / mean distance to the nearest 50; 0: a copy
    index: np.ndarray  # int [N], which training face


def find_nearest(images: np.ndarray, known: np.ndarray) -> Nearest:
    """Compare each of uint8 [N, 48, 48] with all of uint8 [M, 48, 48] and their mirror images."""
    pool = torch.cat([describe(known), describe(known[:, :, ::-1].copy())])
    count = min(NEIGHBOURS, len(pool))
    found = []
    for some in tqdm(describe(images).split(256), desc="comparing", leave=False, disable=None):
        found.append((some @ pool.T).clamp(-1, 1).topk(count, dim=1))
    correlation = torch.cat([part.values for part in found])
    distance = (2 - 2 * correlation).sqrt()
    relative = distance[:, 0] / distance.mean(dim=1).clamp(min=1e-6)
    index = torch.cat([part.indices[:, 0] for part in found]) % len(known)
    return Nearest(correlation[:, 0].numpy(), relative.numpy(), index.numpy())


def describe(images: np.ndarray) -> Tensor:
    """Normalised half-size pixels, float [N, 576] with mean 0 and length 1."""
    small = F.avg_pool2d(torch.from_numpy(images[:, None]).float(), 2).flatten(1)
    return F.normalize(small - small.mean(dim=1, keepdim=True))


def report_copies(made: Nearest, real: Nearest) -> dict[str, float]:
    """Compare generated faces with real faces of the validation side, which are not copies of training faces.

    `suspects` is the share of generated faces whose relative distance is below that of 99 % of the real ones: about
    0.01 if the generator memorised nothing.
    """

    def middle(values: np.ndarray) -> float:
        return round(float(np.median(values)), 4)

    return {
        "medianCorrelation": middle(made.correlation),
        "largestCorrelation": round(float(made.correlation.max()), 4),
        "medianRelativeDistance": middle(made.relative),
        "leastRelativeDistance": round(float(made.relative.min()), 4),
        "suspects": round(float((made.relative < np.quantile(real.relative, 0.01)).mean()), 4),
        "realMedianCorrelation": middle(real.correlation),
        "realMedianRelativeDistance": middle(real.relative),
    }


def draw_sheet(path: Path, made: Faces, known: Faces, nearest: Nearest) -> None:
    """Draw two rows per class: generated faces (the most suspect first), and below each the nearest training face.

    The sheet shows people: never publish or commit it.
    """
    rows = []
    for label in np.unique(made.labels):
        of_class = np.flatnonzero(made.labels == label)
        suspect = of_class[np.argsort(nearest.relative[of_class])][: PER_ROW // 4]
        others = [index for index in of_class if index not in set(suspect)][: PER_ROW - len(suspect)]
        shown = np.array([*suspect, *others], dtype=int)
        for images in (made.images[shown], known.images[nearest.index[shown]]):
            row = np.zeros((SIDE, PER_ROW * SIDE), dtype=np.uint8)
            row[:, : len(shown) * SIDE] = np.concatenate(list(images), axis=1)
            rows.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(rows)).save(path)

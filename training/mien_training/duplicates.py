"""Find faces that occur more than once: exact copies, and near-copies of the same photograph."""

from __future__ import annotations

import numpy as np
from tqdm import tqdm

from .data import SIDE, Faces
from .split import hash_pixels

# Of FER-2013's pairs between 0.95 and 0.96, all 48 inspected pairs were the same photograph. Pairs of different people
# start near 0.91.
MIN_CORRELATION = 0.95
BLOCK = 4  # pixels; the coarse pictures are SIDE / BLOCK wide
ROWS = 512  # rows of the matrix of all pairs that are computed together


def group_copies(faces: Faces) -> np.ndarray:
    """Group of each face, int [N]: faces of one group have the same pixels."""
    return np.unique(hash_pixels(faces), return_inverse=True)[1]


def group_near_copies(faces: Faces, copies: np.ndarray, minimum: float = MIN_CORRELATION) -> tuple[np.ndarray, list]:
    """Group of each face, int [N], and the near pairs [(face, face, correlation)], most alike first.

    `copies` as from group_copies; each pair names the first face of two groups of copies. Groups hold every face that
    a chain of near pairs connects.
    """
    firsts = np.unique(copies, return_index=True)[1]
    pairs, correlations = find_near_pairs(faces.images[firsts], minimum)
    order = np.argsort(-correlations, kind="stable")
    near = [(int(firsts[pairs[i, 0]]), int(firsts[pairs[i, 1]]), float(correlations[i])) for i in order]
    return join_pairs(len(firsts), pairs)[copies], near


def find_near_pairs(images: np.ndarray, minimum: float = MIN_CORRELATION) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of images whose pixels correlate with at least `minimum`: int [M, 2] and float [M].

    `images` uint8 [N, 48, 48]. Correlation ignores brightness and contrast, so it finds pictures that were saved
    again or lightened, but not crops that are shifted by more than about one pixel. No pair is missed: averaging over
    blocks of pixels only reduces the distance of two normalised pictures, so pairs that are far apart there can be
    skipped.
    """
    full = _normalise(images)
    side = SIDE // BLOCK
    coarse = full.reshape(-1, side, BLOCK, side, BLOCK).sum((2, 4)).reshape(len(full), -1) / BLOCK
    full = full.reshape(len(full), -1)
    square = (coarse**2).sum(1)
    pairs, correlations = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.float32)]
    starts = range(0, len(full), ROWS)
    for start in tqdm(starts, desc="comparing all pairs", unit_scale=ROWS, leave=False, delay=2, disable=None):
        rows = slice(start, start + ROWS)
        distance = square[rows, None] + square[None, start:] - 2 * coarse[rows] @ coarse[start:].T
        first, second = np.nonzero(np.triu(distance <= 2 * (1 - minimum) + 1e-4, 1))  # 1e-4: rounding
        found = np.stack([first, second], 1) + start
        exact = np.einsum("np,np->n", full[found[:, 0]], full[found[:, 1]])
        pairs.append(found[exact >= minimum])
        correlations.append(exact[exact >= minimum])
    return np.concatenate(pairs), np.concatenate(correlations)


def _normalise(images: np.ndarray) -> np.ndarray:
    """Mean 0 and length 1, float32, so that a product of two is their correlation."""
    values = images.astype(np.float32)
    values -= values.mean((1, 2), keepdims=True)
    length = np.linalg.norm(values, axis=(1, 2), keepdims=True)
    return np.divide(values, length, out=values, where=length > 0)


def join_pairs(count: int, pairs: np.ndarray) -> np.ndarray:
    """Group of each of `count` items, int [count]: the items of a pair belong to the same group."""
    parent = np.arange(count)

    def find(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for first, second in pairs:
        low, high = sorted((find(first), find(second)))
        parent[high] = low
    return np.array([find(item) for item in range(count)], dtype=np.int64)

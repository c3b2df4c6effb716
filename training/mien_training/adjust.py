"""Logit adjustment (Menon et al. 2021): biases for a trained network that make it predict rare classes more often.

They are chosen on the validation side by macro-F1, without training. They become part of the last layer's bias, so the
device has no extra work. Fit the temperature afterwards.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from .bootstrap import compute_rates, count_confusion
from .checkpoint import load_checkpoint, load_device_net, save_checkpoint
from .data import LABELS
from .evaluate import predict
from .split import Split

STRENGTHS = np.arange(0, 1.501, 0.05)
FOLDS = 5
HARD = tuple(LABELS.index(name) for name in ("disgust", "fear"))


def point_to_rare(labels: np.ndarray) -> np.ndarray:
    """The one direction of Menon et al., float [1, 7]: minus the logarithm of each class's share of `labels`."""
    counts = np.bincount(labels, minlength=len(LABELS))
    direction = -np.log(np.maximum(counts, 1) / len(labels))
    return (direction - direction.mean())[None]


def point_to_hard() -> np.ndarray:
    """Two directions, float [2, 7]: disgust, and fear."""
    return np.eye(len(LABELS))[list(HARD)]


def fit_biases(logits: np.ndarray, labels: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Biases float [7] for logits [N, 7]: strengths 0..1.5 of `directions` [D, 7] with the largest macro-F1.

    Grid search in one direction after the other, three rounds. Among equally good strengths the smallest wins.
    """
    strengths = np.zeros(len(directions))
    for _ in range(3):
        for index in range(len(directions)):
            reached = []
            for value in STRENGTHS:
                strengths[index] = value
                reached.append(measure_macro_f1(logits + strengths @ directions, labels))
            strengths[index] = STRENGTHS[int(np.argmax(reached))]
    return strengths @ directions


def adjust_apart(logits: np.ndarray, labels: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Cross-fitted logits [N, 7]: each face gets biases that were fitted without its own fold.

    A score on the same faces that fitted the biases is too good: disgust has about forty faces there.
    """
    folds, adjusted = deal_folds(labels), logits.astype(np.float64)
    for fold in range(FOLDS):
        others = folds != fold
        adjusted[~others] += fit_biases(logits[others], labels[others], directions)
    return adjusted


def deal_folds(labels: np.ndarray) -> np.ndarray:
    """Fold 0..4 of each face, int [N]: each class is divided into equal parts, seeded."""
    rng, folds = np.random.default_rng(len(labels)), np.zeros(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        of_class = rng.permutation(np.flatnonzero(labels == label))
        folds[of_class] = np.arange(len(of_class)) % FOLDS
    return folds


def measure_macro_f1(logits: np.ndarray, labels: np.ndarray) -> float:
    """As in `evaluate.score`."""
    confusion = count_confusion(labels, logits.argmax(axis=1), classes=len(LABELS))
    return float(compute_rates(confusion)["macroF1"])


def adjust_checkpoint(checkpoint: Path, split: Split, directions: np.ndarray, out: Path) -> dict[str, float]:
    """Write a copy of the checkpoint with the biases in its last layer; returns them by class."""
    net = load_device_net(checkpoint)
    biases = fit_biases(predict(net, split.validation.images)["logits"], split.validation.labels, directions)
    state = load_checkpoint(checkpoint)
    key = "heads.logits.bias"
    shifted = state["average"][key] + torch.from_numpy(biases).float()
    by_class = {label: round(float(value), 4) for label, value in zip(LABELS, biases, strict=True)}
    save_checkpoint(out, state | {"average": state["average"] | {key: shifted}, "adjusted": by_class})
    return by_class

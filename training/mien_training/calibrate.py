"""Temperature scaling (Guo et al. 2017): probabilities = softmax(logits / T), T chosen on the validation side.

Also the measures of probabilities: calibration error, Brier score and accuracy over coverage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 15  # of confidence, equally wide


def compute_probabilities(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Softmax of logits / temperature; float64 [N, K], rows sum to 1."""
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def compute_loss(logits: np.ndarray, labels: np.ndarray, temperature: float) -> float:
    """Mean negative log-likelihood, nats."""
    chosen = compute_probabilities(logits, temperature)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, 1e-300)).mean())


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Temperature in 0.05..20 with the minimum loss, to 3 decimals; ternary search, as the loss has one minimum."""
    low, high = np.log(0.05), np.log(20.0)
    for _ in range(60):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if compute_loss(logits, labels, np.exp(left)) < compute_loss(logits, labels, np.exp(right)):
            high = right
        else:
            low = left
    return round(float(np.exp((low + high) / 2)), 3)


@dataclass(frozen=True)
class Reliability:
    """Faces sorted by confidence (the top probability) into equally wide bins of 0..1; sums, so an empty bin is 0."""

    faces: np.ndarray  # int [bins]
    hits: np.ndarray  # int [bins], faces whose top class is their label
    confidence: np.ndarray  # float [bins], sum over the bin's faces


def compute_reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> Reliability:
    """Sort the faces into bins; `probabilities` float [N, K], `labels` int [N]."""
    confidence = probabilities.max(axis=1)
    of_bin = np.minimum((confidence * bins).astype(int), bins - 1)
    hit = probabilities.argmax(axis=1) == labels
    return Reliability(
        np.bincount(of_bin, minlength=bins),
        np.bincount(of_bin[hit], minlength=bins),
        np.bincount(of_bin, weights=confidence, minlength=bins),
    )


def compute_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error: mean gap between confidence and accuracy over equally wide bins of confidence."""
    sorted_faces = compute_reliability(probabilities, labels, bins)
    return float(np.abs(sorted_faces.hits - sorted_faces.confidence).sum() / len(labels))


def compute_brier_score(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Mean squared distance to the label's one-hot vector, summed over the classes: 0 is perfect, 2 the worst."""
    distance = probabilities.copy()
    distance[np.arange(len(labels)), labels] -= 1
    return float((distance**2).sum(axis=1).mean())


@dataclass(frozen=True)
class Coverage:
    """Accuracy when only the most confident faces are answered: entry k is for the k + 1 most confident faces."""

    accuracy: np.ndarray  # float [N]
    confidence: np.ndarray  # float [N], the minimum among the answered faces

    @property
    def area(self) -> float:
        """Mean accuracy over all coverages, 0..1: the area under accuracy over coverage."""
        return float(self.accuracy.mean())


def compute_coverage(probabilities: np.ndarray, labels: np.ndarray) -> Coverage:
    """Accuracy over coverage; equally confident faces count with their mean, so their order has no effect."""
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    hits = np.cumsum((probabilities.argmax(axis=1) == labels)[order])
    answered = np.arange(1, len(labels) + 1)
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    hits = np.interp(answered, np.append(0, ends + 1), np.append(0, hits[ends]))
    return Coverage(hits / answered, ranked)

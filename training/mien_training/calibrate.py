"""Temperature scaling (Guo et al. 2017): probabilities = softmax(logits / T), T chosen on the validation side."""

from __future__ import annotations

import numpy as np


def compute_probabilities(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Softmax of logits / temperature; float64 [N, 7], rows sum to 1."""
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def compute_loss(logits: np.ndarray, labels: np.ndarray, temperature: float) -> float:
    """Mean negative log-likelihood, nats."""
    chosen = compute_probabilities(logits, temperature)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, 1e-300)).mean())


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Temperature in 0.05..20 with the least loss, to 3 decimals; the loss has one minimum, so thirds find it."""
    low, high = np.log(0.05), np.log(20.0)
    for _ in range(60):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if compute_loss(logits, labels, np.exp(left)) < compute_loss(logits, labels, np.exp(right)):
            high = right
        else:
            low = left
    return round(float(np.exp((low + high) / 2)), 3)


def compute_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error: mean gap between confidence and accuracy over equally wide bins of confidence."""
    confidence = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == labels
    of_bin = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(hit[of_bin == b].sum() - confidence[of_bin == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(labels))

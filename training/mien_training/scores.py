"""Scores of one output of a file on a set of faces, as values for report.json."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from .bootstrap import estimate_intervals
from .calibrate import (
    BINS,
    compute_brier_score,
    compute_calibration_error,
    compute_coverage,
    compute_loss,
    compute_probabilities,
    compute_reliability,
)
from .data import LABELS, VOTE_COLUMNS, Faces
from .evaluate import VOTE_OF_EXPRESSION, find_strict_majority, score

COVERAGE_STEPS = 50  # points of the curve that report.json holds


@dataclass(frozen=True)
class Target:
    """One set of labels, and the output that is scored against it. The two label sets are never mixed."""

    key: str  # people or fer2013
    title: str
    head: str  # name of the output
    classes: tuple[str, ...] = LABELS

    def select(self, outputs: dict[str, np.ndarray]) -> np.ndarray:
        """Logits float [N, 7]."""
        return outputs[self.head]

    def label(self, faces: Faces) -> tuple[np.ndarray, np.ndarray]:
        """Labels int [N], and a mask bool [N] of the faces that have one."""
        if self.key == "fer2013":
            return faces.labels, np.ones(len(faces), dtype=bool)
        return find_strict_majority(faces.votes)


def list_targets(outputs: Collection[str], has_votes: bool) -> list[Target]:
    """The targets of a file with these outputs; `has_votes`: the faces have FER+'s votes."""
    for_people = "fer2013" in outputs
    borrowed = "" if for_people else ", by a network that learned FER-2013's labels"
    people = [Target("people", f"What people say (FER+'s strict majority){borrowed}", "logits")] if has_votes else []
    return [*people, Target("fer2013", "FER-2013's labels", "fer2013" if for_people else "logits")]


def describe_scores(
    logits: np.ndarray, labels: np.ndarray, classes: tuple[str, ...], temperatures: dict[str, float], seed: int
) -> dict:
    """All scores of N labelled faces; `logits` float [N, K], `labels` int [N].

    `temperatures` by origin: `fitted` on the validation side and, if there is a card, `card`. Brier score, likelihood,
    reliability and coverage use the fitted one.
    """
    result = score(labels, logits, classes)
    counts = np.bincount(labels, minlength=len(classes))
    result["balancedAccuracy"] = _round(
        np.mean([r for r, n in zip(result["recall"].values(), counts, strict=True) if n])
    )
    result["faces"] = dict(zip(classes, counts.tolist(), strict=True))
    result["intervals"] = estimate_intervals(labels, logits.argmax(axis=1), classes, seed)
    probabilities = compute_probabilities(logits, temperatures["fitted"])
    result["calibrationError"] = {
        key: _round(compute_calibration_error(compute_probabilities(logits, value), labels))
        for key, value in ({"uncalibrated": 1.0} | temperatures).items()
    }
    result["brier"] = _round(compute_brier_score(probabilities, labels))
    result["negativeLogLikelihood"] = _round(compute_loss(logits, labels, temperatures["fitted"]))
    return result | {
        "reliability": describe_reliability(probabilities, labels),
        "coverage": describe_coverage(probabilities, labels),
    }


def describe_reliability(probabilities: np.ndarray, labels: np.ndarray) -> dict:
    """Per bin of confidence, from 0 to 1: faces, and their mean confidence and accuracy (None without faces)."""
    of_bin = compute_reliability(probabilities, labels)

    def share(sums: np.ndarray) -> list[float | None]:
        return [_round(s / n) if n else None for s, n in zip(sums, of_bin.faces, strict=True)]

    return {
        "bins": BINS,
        "faces": of_bin.faces.tolist(),
        "confidence": share(of_bin.confidence),
        "accuracy": share(of_bin.hits),
    }


def describe_coverage(probabilities: np.ndarray, labels: np.ndarray) -> dict:
    """Area under accuracy over coverage, and the curve at COVERAGE_STEPS equal steps of coverage up to 1.

    `leastProbability` is the minimum top probability of the answered faces at that coverage.
    """
    curve = compute_coverage(probabilities, labels)
    at = np.maximum(1, np.ceil(np.arange(1, COVERAGE_STEPS + 1) * len(labels) / COVERAGE_STEPS).astype(int)) - 1
    return {
        "area": _round(curve.area),
        "steps": COVERAGE_STEPS,
        "accuracy": [_round(v, 5) for v in curve.accuracy[at]],
        "leastProbability": [_round(v, 5) for v in curve.confidence[at]],
    }


def describe_uncertain(logits: np.ndarray, labels: np.ndarray, temperature: float, below: float) -> dict:
    """The share of faces that are `uncertain` on the device, and the accuracy of the others."""
    probabilities = compute_probabilities(logits, temperature)
    kept = probabilities.max(axis=1) >= below
    hit = probabilities.argmax(axis=1) == labels
    return {
        "below": below,
        "share": _round(1 - kept.mean()),
        "accuracyOfOthers": _round(hit[kept].mean()) if kept.any() else None,
    }


def compare_precisions(target: Target, fp32: dict, int8: dict, temperature: float) -> dict:
    """Differences of int8 and fp32 on the same faces: outputs by name, one temperature, as on the device."""
    first, second = (compute_probabilities(target.select(outputs), temperature) for outputs in (fp32, int8))
    gaps = np.abs(first - second).max(axis=1)
    return {
        "head": target.head,
        "faces": len(gaps),
        "equalLabels": _round((first.argmax(axis=1) == second.argmax(axis=1)).mean()),
        "largestProbabilityDifference": _round(gaps.max()),
        "meanLargestProbabilityDifference": _round(gaps.mean()),
    }


def describe_rejection(reject: np.ndarray, faces: Faces, negatives: np.ndarray | None, threshold: float) -> dict:
    """Shares of faces, and of pictures without a face, that are rejected at `threshold`.

    `reject` and `negatives` are probabilities, sigmoid of the output: float [N] for the faces, [M] for the pictures.
    With FER+'s votes there are three groups of faces: a majority for an expression (`clear`), for unknown or not a face
    (`cannotTell`), or no majority (`divided`).
    """
    groups = {"all": np.ones(len(faces), dtype=bool)}
    if faces.votes is not None:
        groups["clear"] = find_strict_majority(faces.votes, VOTE_OF_EXPRESSION)[1]
        others = tuple(column for column in range(len(VOTE_COLUMNS)) if column not in VOTE_OF_EXPRESSION)
        groups["cannotTell"] = find_strict_majority(faces.votes, others)[1]
        groups["divided"] = ~groups["clear"] & ~groups["cannotTell"]
    result = {
        "threshold": threshold,
        "faces": {key: _describe_share(reject[m], threshold) for key, m in groups.items()},
    }
    if negatives is not None:
        result["negatives"] = _describe_share(negatives, threshold)
        result["rankedRight"] = _round(rank(negatives, reject))
    return result


def rank(higher: np.ndarray, lower: np.ndarray) -> float:
    """Area under the ROC curve: probability that one of `higher` is above one of `lower`; ties count half."""
    ordered = np.sort(lower)
    below, up_to = (np.searchsorted(ordered, higher, side) for side in ("left", "right"))
    return float((below + up_to).mean() / (2 * len(lower)))


def compute_sigmoid(values: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1 + np.tanh(values.astype(np.float64) / 2))


def _describe_share(values: np.ndarray, threshold: float) -> dict:
    return {"n": len(values), "rejected": _round((values > threshold).mean()) if len(values) else None}


def _round(value: float, digits: int = 6) -> float:
    return round(float(value), digits)

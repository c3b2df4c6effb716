"""The operating point of a kiosk: the trade-off between neutral and all other labels.

Most people in front of a kiosk look neutral, and calling a neutral face angry or sad is the worst mistake. One number
controls the trade-off: the offset of neutral's logit (logit adjustment, Menon et al. 2021). Each point of the curve is
the smallest offset with which the validation side reaches a given recall of neutral.

`classify.sensitivity` selects one of three points of the curve. `balanced` is part of the weights, so a program that
takes the largest logit is balanced too. The card holds the offsets of `calm` and `expressive` from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .calibrate import compute_probabilities, fit_temperature
from .checkpoint import load_checkpoint, load_device_net, save_checkpoint
from .data import LABELS, DataError, Faces
from .evaluate import find_strict_majority, predict

NEUTRAL = LABELS.index("neutral")
# Labels that a person with a neutral face would object to.
UNPLEASANT = tuple(LABELS.index(name) for name in ("angry", "disgust", "fear", "sad"))
OFFSETS = np.round(np.arange(-2, 4.001, 0.02), 2)  # of neutral's scaled logit


@dataclass(frozen=True)
class Point:
    """One operating point."""

    neutral_recall: float  # minimum recall of neutral on the validation side
    below: float  # minimum calibrated probability of a shown label; 0.5: more often right than wrong


POINTS = {
    "calm": Point(neutral_recall=0.93, below=0.6),
    "balanced": Point(neutral_recall=0.875, below=0.5),
    "expressive": Point(neutral_recall=0.8, below=0.4),
}
CURVE = (0.75, 0.8, 0.84, 0.86, 0.875, 0.89, 0.91, 0.93, 0.95)  # recalls of neutral


def agree(faces: Faces) -> tuple[np.ndarray, np.ndarray]:
    """Labels int [M] of the faces with a strict majority, and their mask bool [N]."""
    if faces.votes is None:
        raise DataError("expected FER+'s votes, which define the operating points; give --votes fer2013new.csv")
    labels, agreed = find_strict_majority(faces.votes)
    return labels[agreed], agreed


def find_offset(scaled: np.ndarray, labels: np.ndarray, neutral_recall: float) -> float:
    """The smallest of OFFSETS with this recall of neutral; `scaled`: logits / temperature [N, 7]."""
    of_neutral = scaled[labels == NEUTRAL]
    lacking = np.sort(np.delete(of_neutral, NEUTRAL, axis=1).max(axis=1) - of_neutral[:, NEUTRAL])
    needed = lacking[int(np.ceil(neutral_recall * len(lacking))) - 1]
    return float(OFFSETS[min(int(np.searchsorted(OFFSETS, needed, side="right")), len(OFFSETS) - 1)])


def settle(checkpoint: Path, validation: Faces, out: Path) -> float:
    """Write a balanced copy of the checkpoint; returns the offset of neutral's logit."""
    labels, agreed = agree(validation)
    logits = predict(load_device_net(checkpoint), validation.images)["logits"][agreed]
    temperature = fit_temperature(logits, labels)
    added = round(temperature * find_offset(logits / temperature, labels, POINTS["balanced"].neutral_recall), 4)
    state = load_checkpoint(checkpoint)
    bias = state["average"]["heads.logits.bias"].clone()
    bias[NEUTRAL] += added
    changed = {"average": state["average"] | {"heads.logits.bias": bias}, "adjusted": {"neutral": added}}
    save_checkpoint(out, state | changed)
    return added


def describe_points(logits: np.ndarray, validation: Faces, temperature: float) -> dict:
    """The card's `sensitivity`: offsets from `balanced`, in logits / temperature, and minimum probabilities of a label.

    `logits` float [N, 7] are those of the balanced network on the validation side.
    """
    labels, agreed = agree(validation)
    scaled, points = logits[agreed] / temperature, {}
    for name, point in POINTS.items():
        offset = 0.0 if name == "balanced" else find_offset(scaled, labels, point.neutral_recall)
        points[name] = {"offsets": {"neutral": offset} if offset else {}, "below": point.below}
    return points


def measure(scaled: np.ndarray, labels: np.ndarray, offset: float, below: float) -> dict[str, float]:
    """Shares of labelled faces at one operating point.

    `calmUnpleasant`: neutral faces that are predicted as angry, disgust, fear or sad. `calmNamedUnpleasant`: those of
    them with at least the probability `below`, which are shown.
    """
    probabilities = compute_probabilities(scaled + offset * np.eye(len(LABELS))[NEUTRAL], 1.0)
    called, named = probabilities.argmax(axis=1), probabilities.max(axis=1) >= below
    calm, hit, unpleasant = labels == NEUTRAL, called == labels, np.isin(called, UNPLEASANT)
    recalls = [hit[labels == index].mean() for index in np.unique(labels)]
    shares = {
        "accuracy": hit.mean(),
        "macroRecall": np.mean(recalls),
        "neutralRecall": hit[calm].mean(),
        "calmUnpleasant": unpleasant[calm].mean(),
        "uncertain": 1 - named.mean(),
        "accuracyOfNamed": hit[named].mean() if named.any() else 0.0,
        "calmNamedUnpleasant": (unpleasant & named)[calm].mean(),
    }
    return {key: round(float(value), 4) for key, value in shares.items()}


def describe_choice(logits: np.ndarray, faces: Faces, card: dict) -> dict:
    """The scores at the points of a card, and along the curve of offsets from which `balanced` was chosen."""
    labels, agreed = agree(faces)
    scaled = logits[agreed] / card["temperature"]
    points = {
        name: measure(scaled, labels, point["offsets"].get("neutral", 0.0), point["below"])
        for name, point in card["sensitivity"].items()
    }
    below = card["sensitivity"]["balanced"]["below"]
    curve = [measure(scaled, labels, find_offset(scaled, labels, recall), below) for recall in CURVE]
    return {"points": points, "curve": curve}

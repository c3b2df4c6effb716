"""The faces to train on, with their targets and weights, on the device that trains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..config import Preset, TrainConfig
from ..data import LABELS, DataError, Faces
from ..people import make_targets
from ..placed import Placed


@dataclass(frozen=True)
class TrainingSet:
    """The training side, in the memory of the device that trains."""

    images: Tensor  # uint8 [N, 1, 48, 48]
    labels: Tensor  # int64 [N]
    targets: dict[str, Tensor]  # by head: logits [N, 7], fer2013 [N, 7], votes [N, 10] (rows of zeros where unknown)
    weights: Tensor  # float [N], mean 1: weight in the loss, or in the draw of faces
    placed: Placed | None = None


def prepare_training_set(
    faces: Faces, preset: Preset, device: torch.device, soft_targets: dict | None, synthetic: Faces | None = None
) -> TrainingSet:
    """Compute targets and weights from the preset; `soft_targets` are a teacher's probabilities by face and head.

    Synthetic faces come after the others. They have neither votes nor soft targets, only their label.
    """
    config, real, for_people = preset.train, len(faces), preset.answers == "people"
    if faces.votes is None and (config.votes_weight > 0 or for_people):
        reason = "answers is people" if for_people else "train.votes_weight is above 0"
        raise DataError(f"{reason} and needs FER+'s votes: give --votes fer2013new.csv")
    if synthetic is not None:
        faces = faces.and_then(synthetic)
    smooth = config.label_smoothing
    labels = np.eye(len(LABELS))[faces.labels] * (1 - smooth) + smooth / len(LABELS)
    targets = {"logits": labels}
    if for_people:
        power = 0 if config.balance == "none" else config.balance_power
        targets = {"logits": make_targets(faces, config.label_voters, power), "fer2013": labels}
    if config.votes_weight > 0:
        targets["votes"] = faces.votes / np.maximum(faces.votes.sum(axis=1, keepdims=True), 1)
    if soft_targets is not None:
        share = config.teacher_weight
        for head, own in targets.items():
            own[:real] = (1 - share) * own[:real] + share * soft_targets[head]
    counts = np.bincount(faces.labels, minlength=len(LABELS))
    weights = (len(faces) / counts[faces.labels]) ** (0 if config.balance == "none" else config.balance_power)
    return TrainingSet(
        torch.from_numpy(faces.images[:, None]).to(device),
        torch.from_numpy(faces.labels).to(device),
        {head: torch.from_numpy(values).float().to(device) for head, values in targets.items()},
        torch.from_numpy(weights / weights.mean()).float().to(device),
    )


def count_steps(preset: Preset, faces: int) -> int:
    """Steps in one epoch. The last, incomplete batch is dropped, because batch norm needs full batches."""
    if faces < preset.train.batch:
        raise DataError(f"train has {faces} faces, fewer than one batch of {preset.train.batch} (train.batch)")
    return faces // preset.train.batch


def draw_order(training_set: TrainingSet, config: TrainConfig, generator: torch.Generator) -> Tensor:
    """Order of the faces in one epoch: each once, or drawn by weight with replacement."""
    count = len(training_set.labels)
    if config.balance == "sample":
        return torch.multinomial(training_set.weights, count, replacement=True, generator=generator)
    return torch.randperm(count, generator=generator, device=training_set.labels.device)

"""Soft targets for training: `python -m mien_training.teach [CHECKPOINT...] --preset P --data D --votes V --out FILE`.

A single label of FER-2013 is a noisy draw. Two sources say more of each face: FER+'s ten votes, which a softmax
regression turns into probabilities of FER-2013's labels (privileged information, Lopez-Paz et al. 2016: the pupil never
sees votes), and trained networks (distillation, Hinton et al. 2015). Both are combined as a product of experts whose
exponents are fitted on the validation side. `train --teacher FILE` mixes the result into its targets by
`train.teacher_weight`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .calibrate import compute_loss, compute_probabilities
from .checkpoint import CheckpointError, load_device_net
from .config import ConfigError, load_preset
from .data import LABELS, DataError, Faces
from .evaluate import predict
from .nets import DeviceNet
from .split import Split, hash_pixels, prepare


def fit_softmax(features: np.ndarray, labels: np.ndarray, decay: float) -> np.ndarray:
    """Weights float64 [1 + features, 7] of a softmax regression (multinomial logistic), first row: bias."""
    inputs, targets = with_bias(features), torch.from_numpy(labels)
    weights = torch.zeros(inputs.shape[1], len(LABELS), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(inputs @ weights, targets) + decay * weights.square().sum()
        loss.backward()
        return loss

    optimizer.step(step)
    return weights.detach().numpy()


def with_bias(features: np.ndarray) -> torch.Tensor:
    """A column of ones before the features, float64."""
    return torch.from_numpy(np.column_stack([np.ones(len(features)), features]))


def describe_votes(votes: np.ndarray) -> np.ndarray:
    """Shares of the ten columns, their square roots, and the products of those: float64 [N, 75] from uint8 [N, 10]."""
    shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    roots = np.sqrt(shares)
    row, column = np.triu_indices(shares.shape[1])
    return np.column_stack([shares, roots, roots[:, row] * roots[:, column]])


class VotesTeacher:
    """P(label of FER-2013 | votes of FER+), fitted on the training side. Alone it is right for 66 % of new faces."""

    def __init__(self, faces: Faces) -> None:
        """Fit on these faces."""
        self.weights = fit_softmax(describe_votes(faces.votes), faces.labels, decay=1e-4)

    def read(self, faces: Faces) -> np.ndarray:
        """Log-probabilities float64 [N, 7]."""
        scores = with_bias(describe_votes(faces.votes)).numpy() @ self.weights
        return np.log(compute_probabilities(scores, 1.0))


def watch(nets: list[DeviceNet], faces: Faces) -> dict[str, np.ndarray]:
    """Mean log-probabilities by head (logits [N, 7], votes [N, 10]) of the networks, on each face and its mirror."""
    seen = [predict(net, images) for net in nets for images in (faces.images, faces.images[:, :, ::-1].copy())]
    heads = set.intersection(*(set(outputs) for outputs in seen))
    return {head: np.mean([np.log(compute_probabilities(o[head], 1.0)) for o in seen], axis=0) for head in heads}


def teach(nets: list[DeviceNet], split: Split) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Probabilities by head for the training side, and what each source, and all together, score on validation."""
    experts = {}
    if split.train.votes is not None:
        teacher = VotesTeacher(split.train)
        experts["votes"] = (teacher.read(split.train), teacher.read(split.validation))
    if nets:
        own, other = watch(nets, split.train), watch(nets, split.validation)
        experts["networks"] = (own["logits"], other["logits"])
    if not experts:
        raise DataError("nothing to teach from: give checkpoints, or --votes fer2013new.csv, or both")
    labels = split.validation.labels
    exponents = fit_exponents([scores for _, scores in experts.values()], labels)
    mixed = [sum(e * expert[side] for e, expert in zip(exponents, experts.values(), strict=True)) for side in (0, 1)]
    lessons = {"logits": compute_probabilities(mixed[0], 1.0)}
    if nets and "votes" in own:
        lessons["votes"] = compute_probabilities(own["votes"], 1.0)
    elif split.train.votes is not None:
        lessons["votes"] = split.train.votes / np.maximum(split.train.votes.sum(axis=1, keepdims=True), 1)
    right = {name: float((scores.argmax(1) == labels).mean()) for name, (_, scores) in experts.items()}
    return lessons, right | {"together": float((mixed[1].argmax(1) == labels).mean())}


def fit_exponents(scores: list[np.ndarray], labels: np.ndarray) -> list[float]:
    """Exponents of a product of experts with the least loss, by descent on a grid; log-probabilities [N, 7]."""
    grid = np.arange(0, 2.001, 0.05)
    exponents = [1.0 / len(scores)] * len(scores)
    for _ in range(6):
        for index in range(len(scores)):
            losses = []
            for value in grid:
                trial = [*exponents[:index], float(value), *exponents[index + 1 :]]
                mixed = sum(e * s for e, s in zip(trial, scores, strict=True))
                losses.append(compute_loss(mixed, labels, 1.0))
            exponents[index] = float(grid[int(np.argmin(losses))])
    return exponents


def save_lessons(path: Path, faces: Faces, lessons: dict[str, np.ndarray]) -> None:
    """One .npz: a key per face, and the probabilities by head."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, faces=np.array(hash_pixels(faces)), **{k: v.astype(np.float32) for k, v in lessons.items()})


def load_lessons(path: Path, faces: Faces) -> dict[str, np.ndarray]:
    """Probabilities by head, in the order of `faces`; raises DataError when they are about other faces."""
    try:
        with np.load(path, allow_pickle=False) as file:
            stored = {key: file[key] for key in file.files}
        keys = stored.pop("faces")
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: is no teacher's probabilities; make it with mien_training.teach") from error
    rows = {key: row for row, key in enumerate(keys)}
    wanted = hash_pixels(faces)
    absent = sum(key not in rows for key in wanted)
    if absent:
        raise DataError(f"{path}: knows nothing of {absent} of {len(wanted)} training faces; teach with the same split")
    order = np.array([rows[key] for key in wanted])
    return {head: values[order] for head, values in stored.items()}


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.teach", description=__doc__)
    parser.add_argument("checkpoints", type=Path, nargs="*", help="checkpoint.pt of each network that teaches")
    parser.add_argument("--preset", type=Path, required=True, help="the pupil's configs/*.yaml, for its split")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv")
    parser.add_argument("--out", type=Path, required=True, help="the .npz to write")
    options = parser.parse_args(arguments)
    try:
        split = prepare(load_preset(options.preset), options.data, options.votes)
        nets = [load_device_net(checkpoint) for checkpoint in options.checkpoints]
        lessons, right = teach(nets, split)
        save_lessons(options.out, split.train, lessons)
    except (ConfigError, DataError, CheckpointError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{options.out}: on validation " + ", ".join(f"{name} {share:.1%}" for name, share in right.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

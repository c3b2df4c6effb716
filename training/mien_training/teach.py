"""Soft targets for training: `python -m mien_training.teach [TEACHER...] --preset P --data D --votes V --out FILE`.

A single label of FER-2013 is a noisy sample. There are two better sources. Trained networks give probabilities
(distillation, Hinton et al. 2015). Without a teacher, a softmax regression turns FER+'s ten votes into probabilities of
FER-2013's labels (privileged information, Lopez-Paz et al. 2016: the student never sees votes). The two are not mixed:
a network that learned from votes predicts only 66 to 68 % of the labels, so votes are useful at the start of training
and not at the end. `train --teacher FILE` mixes the result into its targets by `train.teacher_weight`.

A teacher is a checkpoint, or its stored log-probabilities (`--keep`), which save a hundredfold of the time.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .by_face import load_by_face, save_by_face
from .calibrate import compute_probabilities, fit_temperature
from .checkpoint import load_checkpoint, load_device_net
from .config import load_preset
from .data import LABELS, DataError, Faces
from .errors import in_one_line
from .evaluate import predict
from .nets import DeviceNet
from .split import Split, prepare

HEADS = ("logits", "votes")


def fit_softmax(features: np.ndarray, labels: np.ndarray, decay: float) -> np.ndarray:
    """Weights float64 [1 + features, 7] of a softmax regression (multinomial logistic); the first row is the bias."""
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
    """Prepend a column of ones to the features, float64."""
    return torch.from_numpy(np.column_stack([np.ones(len(features)), features]))


def describe_votes(votes: np.ndarray) -> np.ndarray:
    """Shares of the ten columns, their square roots and the products of these: float64 [N, 75] from uint8 [N, 10]."""
    shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    roots = np.sqrt(shares)
    row, column = np.triu_indices(shares.shape[1])
    return np.column_stack([shares, roots, roots[:, row] * roots[:, column]])


class VotesTeacher:
    """P(label of FER-2013 | votes of FER+), fitted on the training side. It is right for 66 % of new faces."""

    def __init__(self, faces: Faces) -> None:
        """Fit on these faces."""
        self.weights = fit_softmax(describe_votes(faces.votes), faces.labels, decay=1e-4)

    def read(self, faces: Faces) -> np.ndarray:
        """Log-probabilities float64 [N, 7]."""
        scores = with_bias(describe_votes(faces.votes)).numpy() @ self.weights
        return np.log(compute_probabilities(scores, 1.0))


LogProbabilities = dict[str, np.ndarray]  # log-probabilities by head: logits [N, 7], votes [N, 10]


def predict_mirrored(net: DeviceNet, faces: Faces) -> LogProbabilities:
    """The network's mean log-probabilities on each face and its mirror."""
    seen = [predict(net, images) for images in (faces.images, faces.images[:, :, ::-1].copy())]
    heads = [head for head in net.outputs if head in HEADS]
    return {head: np.mean([np.log(compute_probabilities(o[head], 1.0)) for o in seen], axis=0) for head in heads}


def predict_teachers(teachers: list[Path], faces: Faces, keep: Path | None) -> list[LogProbabilities]:
    """Log-probabilities of each teacher, a checkpoint or a stored file; `keep` is a folder to store them in."""
    outputs = []
    for path in teachers:
        if path.suffix == ".npz":
            outputs.append(load_by_face(path, faces))
            continue
        outputs.append(predict_mirrored(load_device_net(path), faces))
        if keep:
            save_by_face(keep / f"{load_checkpoint(path)['preset']['name']}.npz", faces, outputs[-1])
    return outputs


def average(outputs: list[LogProbabilities]) -> LogProbabilities:
    """The mean over networks, for the heads that all of them have."""
    heads = set.intersection(*(set(each) for each in outputs))
    return {head: np.mean([each[head] for each in outputs], axis=0) for head in heads}


def teach(
    teachers: list[Path], split: Split, keep: Path | None = None
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Probabilities by head for the training side, and the validation accuracy of each source and of their mean.

    They are calibrated on validation, because networks are overconfident on learned faces.
    """
    labels = split.validation.labels
    if teachers:
        taught = predict_teachers(teachers, split.train.and_then(split.validation), keep)
        own, other = part(average(taught), len(split.train))
        names = [path.stem if path.suffix == ".npz" else path.parent.name for path in teachers]
        right = {
            name: hits(each["logits"][len(split.train) :], labels) for name, each in zip(names, taught, strict=True)
        }
        right |= {"together": hits(other["logits"], labels)} if len(teachers) > 1 else {}
    elif split.train.votes is not None:
        teacher = VotesTeacher(split.train)
        own, other = ({"logits": teacher.read(faces)} for faces in (split.train, split.validation))
        right = {"votes": hits(other["logits"], labels)}
    else:
        raise DataError("expected a teacher; give checkpoints, or --votes fer2013new.csv")
    soft_targets = {"logits": compute_probabilities(own["logits"], fit_temperature(other["logits"], labels))}
    if "votes" in own:
        soft_targets["votes"] = compute_probabilities(own["votes"], 1.0)
    elif split.train.votes is not None:
        soft_targets["votes"] = split.train.votes / np.maximum(split.train.votes.sum(axis=1, keepdims=True), 1)
    return soft_targets, right


def hits(scores: np.ndarray, labels: np.ndarray) -> float:
    """Share of the faces whose largest score is at their label."""
    return float((scores.argmax(axis=1) == labels).mean())


def part(outputs: LogProbabilities, count: int) -> tuple[LogProbabilities, LogProbabilities]:
    """Split into the first `count` faces and the others."""
    return {h: v[:count] for h, v in outputs.items()}, {h: v[count:] for h, v in outputs.items()}


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.teach", description=__doc__)
    parser.add_argument(
        "teachers", type=Path, nargs="*", help="checkpoint.pt of each teacher, or the file that --keep wrote"
    )
    parser.add_argument("--preset", type=Path, required=True, help="the student's configs/*.yaml; its split is used")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv")
    parser.add_argument("--out", type=Path, required=True, help="the .npz to write")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="store the log-probabilities of each checkpoint there")
    options = parser.parse_args(arguments)
    split = prepare(load_preset(options.preset), options.data, options.votes)
    soft_targets, right = teach(options.teachers, split, options.keep)
    save_by_face(options.out, split.train, soft_targets)
    print(f"{options.out}: on validation " + ", ".join(f"{name} {share:.1%}" for name, share in right.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

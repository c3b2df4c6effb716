"""Add the head for covered mouths to a network: `python -m mien_training.covered CHECKPOINT --preset P ...`.

The head learns on fixed features. Positives are faces with a painted mask, hand or object on the mouth, see
coverings.py. Negatives are faces, half of them with the same paint beside mouth and eyes. The other outputs stay the
same.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .checkpoint import load_checkpoint, load_device_net, save_checkpoint
from .config import Preset, load_preset
from .coverings import cover_faces, hold_hand, hold_thing, paint_beside, wear_mask
from .data import DataError, Faces
from .errors import in_one_line
from .evaluate import find_strict_majority
from .negatives import degrade
from .nets import DeviceNet
from .reject import choose_threshold, embed, fit_head, predict_head
from .split import Split, prepare


def train_covered(net: DeviceNet, faces: Faces, preset: Preset) -> nn.Module:
    """Fit the head on fixed features of covered and uncovered faces, unchanged and degraded as by a camera."""
    # No erased rectangles: over a mouth they would be unlabelled coverings.
    placed = dataclasses.replace(preset, augment=dataclasses.replace(preset.augment, erase=0.0))
    seed = preset.seed
    images = np.random.default_rng(seed).permutation(faces.images)[: preset.covered.faces]
    covered, free = cover_faces(images, seed), paint_beside(images, seed + 1)
    sets = [(images, 0.0), (free, 0.0), (covered, 1.0)]
    features, targets = [], []
    for index, (shown, target) in enumerate(sets):
        features += [embed(net, shown, placed, 0), embed(net, degrade(shown, seed + index), placed, 1 + index)]
        targets.append(torch.full((2 * len(shown),), target))
    config = dataclasses.replace(preset.reject, hidden=preset.covered.hidden, epochs=preset.covered.epochs)
    return fit_head(torch.cat(features), torch.cat(targets), config, seed)


def report_covered(net: DeviceNet, faces: Faces, preset: Preset, threshold: float) -> dict:
    """Shares reported as covered: of agreed faces, plain and painted beside the mouth, and of each covering."""

    def share(images: np.ndarray) -> float:
        return round(float((predict_head(net, "covered", images, preset) > threshold).mean()), 4)

    _, agreed = find_strict_majority(faces.votes)
    plain, rng = faces.images[agreed], np.random.default_rng(preset.seed + 5)
    painted = {
        name: np.stack([paint(face, rng) for face in plain])
        for name, paint in (("masks", wear_mask), ("hands", hold_hand), ("things", hold_thing))
    }
    return {
        "threshold": threshold,
        "facesAgreedOn": share(plain),
        "facesAgreedOnDegraded": share(degrade(plain, preset.seed)),
        "paintBeside": share(paint_beside(plain, preset.seed + 6)),
        **{name: share(images) for name, images in painted.items()},
        "masksDegraded": share(degrade(painted["masks"], preset.seed + 7)),
    }


def add_covered(checkpoint: Path, preset: Preset, split: Split, out: Path) -> dict:
    """Write a copy of the checkpoint with the head, its threshold and its results on the validation side."""
    if split.train.votes is None:
        raise DataError("expected FER+'s votes, which mark the faces that people agree on; give --votes fer2013new.csv")
    net = load_device_net(checkpoint)
    net.net.heads["covered"] = train_covered(net, split.train, preset)
    scores = predict_head(net, "covered", degrade(split.validation.images, preset.seed + 2), preset)
    threshold = choose_threshold(scores, split.validation.votes, preset.covered.false_share)
    result = report_covered(net, split.validation, preset, threshold)
    state = load_checkpoint(checkpoint)
    save_checkpoint(out, state | {"average": net.net.state_dict(), "covered": result})
    return result


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.covered", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--preset", type=Path, required=True, help="configs/*.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, required=True, help="FER+'s fer2013new.csv")
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint to write")
    options = parser.parse_args(arguments)
    preset = load_preset(options.preset)
    split = prepare(preset, options.data, options.votes)
    result = add_covered(options.checkpoint, preset, split, options.out)
    print(f"{options.out}: calls covered " + ", ".join(f"{key} {value}" for key, value in result.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

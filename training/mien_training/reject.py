"""Add the reject head: `python -m mien_training.reject CHECKPOINT --preset P --data D --votes V --out F`.

The head learns, on fixed features, which pictures show no face or no clear expression. Generated negatives (see
negatives.py) have the target 1. Faces have the share of FER+'s votes for `unknown` and `NF` (not a face). The other
outputs stay the same.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from .augment import augment
from .checkpoint import load_checkpoint, load_device_net, save_checkpoint
from .config import Preset, RejectConfig, load_preset
from .data import VOTE_COLUMNS, DataError, Faces
from .errors import in_one_line
from .evaluate import find_strict_majority
from .negatives import degrade, draw_negatives, load_pictures
from .nets import DeviceNet, build_reject, normalise
from .split import Split, prepare

UNCLEAR = tuple(VOTE_COLUMNS.index(name) for name in ("unknown", "NF"))


def embed(net: DeviceNet, images: np.ndarray, preset: Preset, seed: int) -> Tensor:
    """Features float [N, F] of uint8 [N, 48, 48], augmented as in training; with seed 0 of the plain crop."""
    generator = torch.Generator().manual_seed(seed)
    edge = (images.shape[-1] - preset.net.crop) // 2
    parts = []
    with torch.inference_mode():
        for start in tqdm(range(0, len(images), 256), desc="features", leave=False, disable=None):
            batch = torch.from_numpy(images[start : start + 256, None].copy())
            if seed:
                crops = augment(batch, preset.augment, preset.net.crop, preset.net.crop, generator)
            else:
                crops = batch[:, :, edge : edge + preset.net.crop, edge : edge + preset.net.crop].float()
            parts.append(net.net.trunk(normalise(crops)))
    return torch.cat(parts)


def measure_unclear(votes: np.ndarray) -> Tensor:
    """Share of the votes for `unknown` and `NF`, float [N]."""
    shares = votes[:, UNCLEAR].sum(axis=1) / np.maximum(votes.sum(axis=1), 1)
    return torch.from_numpy(shares).float()


def train_reject(net: DeviceNet, split: Split, pictures: list[np.ndarray], preset: Preset) -> nn.Module:
    """Fit the head on fixed features of faces and negatives, unchanged and degraded as by a camera."""
    faces, config = split.train, preset.reject
    made = draw_negatives(faces.images, pictures, config.negatives, preset.seed)
    seen = [
        embed(net, faces.images, preset, 0),
        embed(net, degrade(faces.images, preset.seed), preset, 1),
        embed(net, made, preset, 0),
        embed(net, degrade(made, preset.seed + 1), preset, 0),
    ]
    unclear, none = measure_unclear(faces.votes), torch.ones(len(made))
    return fit_head(torch.cat(seen), torch.cat([unclear, unclear, none, none]), config, preset.seed)


def fit_head(features: Tensor, targets: Tensor, config: RejectConfig, seed: int) -> nn.Module:
    """Fit two dense layers on standardised features; the standardisation is folded into the first layer."""
    torch.manual_seed(seed)
    head = build_reject(features.shape[1], config.hidden)
    mean, spread = features.mean(0), features.std(0) + 1e-3
    inputs = (features - mean) / spread
    optimizer = torch.optim.AdamW(head.parameters(), lr=2e-3, weight_decay=1e-3)
    steps = config.epochs * (len(inputs) // 256)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=max(steps, 1))
    for _ in range(config.epochs):
        order = torch.randperm(len(inputs))
        for step in range(len(inputs) // 256):
            index = order[step * 256 : (step + 1) * 256]
            loss = F.binary_cross_entropy_with_logits(head(inputs[index])[:, 0], targets[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        first = head[0]
        first.weight /= spread
        first.bias -= first.weight @ mean
    return head.eval()


def choose_threshold(probabilities: np.ndarray, votes: np.ndarray, false_share: float) -> float:
    """Rejection threshold: `false_share` of the faces that people agree on have a higher probability."""
    _, agreed = find_strict_majority(votes)
    return round(float(np.quantile(probabilities[agreed], 1 - false_share)), 4)


def report_reject(net: DeviceNet, faces: Faces, negatives: np.ndarray, preset: Preset, threshold: float) -> dict:
    """Rejected shares: of agreed faces, plain and degraded, of unclear faces, and of generated negatives."""
    rejected = predict_rejection(net, faces.images, preset) > threshold
    degraded = predict_rejection(net, degrade(faces.images, preset.seed), preset) > threshold
    _, agreed = find_strict_majority(faces.votes)
    unclear = measure_unclear(faces.votes).numpy() >= 0.5
    return {
        "threshold": threshold,
        "facesAgreedOn": round(float(rejected[agreed].mean()), 4),
        "facesAgreedOnDegraded": round(float(degraded[agreed].mean()), 4),
        "facesThatMostCannotTell": round(float(rejected[unclear].mean()), 4) if unclear.any() else None,
        "negatives": round(float((predict_rejection(net, negatives, preset) > threshold).mean()), 4),
    }


def predict_rejection(net: DeviceNet, images: np.ndarray, preset: Preset) -> np.ndarray:
    """Probability [N] of no face or no clear expression."""
    return predict_head(net, "reject", images, preset)


def predict_head(net: DeviceNet, head: str, images: np.ndarray, preset: Preset) -> np.ndarray:
    """Probability [N] of a head with one logit, for uint8 [N, 48, 48]."""
    with torch.inference_mode():
        return torch.sigmoid(net.net.heads[head](embed(net, images, preset, 0)))[:, 0].numpy()


def add_reject(checkpoint: Path, preset: Preset, split: Split, folder: Path | None, out: Path) -> dict:
    """Write a copy of the checkpoint with the head, its threshold and its results on the validation side."""
    if split.train.votes is None:
        raise DataError("expected FER+'s votes for unknown and NF; give --votes fer2013new.csv")
    net, pictures = load_device_net(checkpoint), load_pictures(folder)
    head = train_reject(net, split, pictures, preset)
    net.net.heads["reject"] = head
    scores = predict_rejection(net, degrade(split.validation.images, preset.seed + 2), preset)
    threshold = choose_threshold(scores, split.validation.votes, preset.reject.false_share)
    unseen = draw_negatives(split.validation.images, pictures, max(1, preset.reject.negatives // 4), preset.seed + 1)
    result = report_reject(net, split.validation, unseen, preset, threshold)
    state = load_checkpoint(checkpoint)
    save_checkpoint(out, state | {"average": net.net.state_dict(), "reject": result})
    return result


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.reject", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--preset", type=Path, required=True, help="configs/*.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, required=True, help="FER+'s fer2013new.csv")
    parser.add_argument("--negatives", type=Path, help="folder of pictures without faces (default: scikit-image's)")
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint to write")
    options = parser.parse_args(arguments)
    preset = load_preset(options.preset)
    split = prepare(preset, options.data, options.votes)
    result = add_reject(options.checkpoint, preset, split, options.negatives, options.out)
    print(f"{options.out}: rejects " + ", ".join(f"{key} {value}" for key, value in result.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

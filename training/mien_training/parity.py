"""Write reference outputs: `python -m mien_training.parity CHECKPOINT --models ../models --name simple-cnn`.

`<name>.parity.json` holds the outputs of PyTorch and ONNX Runtime for made-up pictures. The device's tests draw the
same pictures from the same seeds. The device's own code must produce the same probabilities.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import re
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from .calibrate import compute_probabilities
from .checkpoint import load_device_net
from .data import SIDE, DataError
from .errors import in_one_line
from .evaluate import predict, predict_onnx
from .scores import compute_sigmoid

CANDIDATES = 300  # pictures to select from
PICTURES = 100
MARGIN = 0.1  # minimum lead of the most probable label; near a tie rounding decides the label
TOLERANCE = 1e-4  # of fp32 probabilities
DIGITS = 6


class _Dice:
    """Seeded integers: the upper half of the 32-bit generator of Numerical Recipes."""

    def __init__(self, seed: int) -> None:
        self._state = seed
        for _ in range(4):  # the first numbers of neighbouring seeds are similar
            self.between(0, 1)

    def between(self, low: int, high: int) -> int:
        self._state = (self._state * 1664525 + 1013904223) % 2**32
        return low + (self._state >> 16) % (high - low + 1)


def draw_picture(seed: int) -> np.ndarray:
    """Draw a face-like picture, uint8 [48, 48]: a gradient, and soft blobs for cheeks, eyes, brows, nose and mouth.

    Integer arithmetic only, so that device/lab/fixtures/made-up-faces.ts draws the same pixels. The unit of light is
    1/256 of a grey level.
    """
    dice = _Dice(seed)
    y, x = np.indices((SIDE, SIDE), dtype=np.int64)
    light = 256 * dice.between(20, 90) + x * dice.between(-256, 256)
    light = light + y * dice.between(-256, 256)

    def add(column: int, row: int, spread: int, strength: int) -> None:
        """Add a blob of `strength` grey levels, which falls to one half at a distance of sqrt(spread) pixels."""
        nonlocal light
        blob = 256 * abs(strength) * spread // (spread + (x - column) ** 2 + (y - row) ** 2)
        light = light + (blob if strength > 0 else -blob)

    centre = 24 + dice.between(-2, 2)
    add(centre, 25 + dice.between(-2, 2), dice.between(200, 600), dice.between(90, 170))
    eyes = dice.between(17, 20)
    for side in (-1, 1):
        add(centre + side * dice.between(8, 10), eyes, dice.between(5, 16), -dice.between(50, 130))
        brow, slant = eyes - dice.between(4, 7), dice.between(-1, 1)
        for step in (-1, 0, 1):
            add(centre + side * 9 + 3 * step, brow + side * step * slant, dice.between(2, 5), -dice.between(20, 70))
    add(centre, dice.between(27, 30), dice.between(6, 20), dice.between(-40, 40))
    mouth, curve, reach = dice.between(34, 38), dice.between(-2, 2), dice.between(1, 3)
    spread, strength = dice.between(2, 9), -dice.between(20, 65)
    for step in (-2, -1, 0, 1, 2):
        add(centre + step * reach, mouth - curve * abs(step), spread, strength)
    return (np.clip(light, 0, 65535) >> 8).astype(np.uint8)


def draw_pictures(seeds: list[int]) -> np.ndarray:
    """One picture per seed, uint8 [N, 48, 48]."""
    return np.stack([draw_picture(seed) for seed in seeds])


def digest(images: np.ndarray) -> str:
    """Hash of all pixels; the device checks that its pictures are the same."""
    return hashlib.sha256(images.tobytes()).hexdigest()


def write_parity(checkpoint: Path, models: Path, name: str) -> Path:
    """Write `<name>.parity.json` beside the card and the files, which must exist.

    Raises DataError if a probability of the fp32 file and of the checkpoint differ by more than 1e-4.
    """
    card = _read_card(models / f"{name}.json")
    net = load_device_net(checkpoint)
    candidates = list(range(CANDIDATES))
    seen = describe(predict(net, draw_pictures(candidates)), card)
    seeds = choose_clear(seen["probabilities"])
    images = draw_pictures(seeds)
    files = {kind: models / card["files"][kind]["file"] for kind in ("fp32", "int8")}
    numbers = {"pytorch": {key: values[seeds] for key, values in seen.items()}}
    numbers |= {kind: describe(predict_onnx(path, images), card) for kind, path in files.items()}
    gaps = [np.abs(values - numbers["pytorch"][key]).max() for key, values in numbers["fp32"].items()]
    if not max(gaps) <= TOLERANCE:
        raise DataError(
            f"{files['fp32']}: differs from {checkpoint} by up to {max(gaps):.4f} of a probability, expected at most "
            f"{TOLERANCE}; export this checkpoint again"
        )
    document = {
        "schema": 1,
        "model": name,
        "sha256": {kind: hashlib.sha256(path.read_bytes()).hexdigest() for kind, path in files.items()},
        "made": {
            "torch": torch.__version__,
            "onnxruntime": onnxruntime.__version__,
            "processor": platform.machine(),
        },
        "pictures": {"seeds": seeds, "sha256": digest(images)},
    } | {
        kind: {key: np.round(values, DIGITS).tolist() for key, values in found.items()}
        for kind, found in numbers.items()
    }
    path = models / f"{name}.parity.json"
    text = json.dumps(document, indent=2)
    # One picture per line.
    text = re.sub(r"\[\s+([^\[\]{}]+?)\s+\]", lambda match: f"[{' '.join(match[1].split())}]", text)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def describe(found: dict[str, np.ndarray], card: dict) -> dict[str, np.ndarray]:
    """The device's values of the outputs that the card names.

    Always `probabilities` [N, 7]; if the card has them, `fer2013` [N, 7], `reject` [N] and `covered` [N]; all 0..1.
    """
    described = {"probabilities": compute_probabilities(found[card["output"]["name"]], card["temperature"])}
    for head, described_head in card.get("heads", {}).items():
        described[head] = compute_probabilities(found[described_head["name"]], described_head["temperature"])
    for head in ("reject", "covered"):
        if head in card:
            described[head] = compute_sigmoid(found[card[head]["name"]][:, 0])
    return described


def choose_clear(probabilities: np.ndarray) -> list[int]:
    """Select PICTURES rows with a clear lead, from each label in turn; positions in ascending order."""
    ranked = np.sort(probabilities, axis=1)
    lead = ranked[:, -1] - ranked[:, -2]
    clearest = np.argsort(-lead, kind="stable")
    clear = clearest[: max(PICTURES, int((lead >= MARGIN).sum()))]
    labels = probabilities[clear].argmax(axis=1)
    turn = [int((labels[:position] == label).sum()) for position, label in enumerate(labels)]
    return sorted(int(row) for row in clear[np.lexsort((labels, turn))][:PICTURES])


def _read_card(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such card; write it with mien_training.card") from error
    except ValueError as error:
        raise DataError(f"{path}: is not a card: {error}") from error


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.parity", description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--models", type=Path, required=True, help="folder with the card and both .onnx files")
    parser.add_argument("--name", required=True, help="name of the model")
    options = parser.parse_args(arguments)
    print(write_parity(options.checkpoint, options.models, options.name))
    return 0


if __name__ == "__main__":
    sys.exit(main())

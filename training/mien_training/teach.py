"""Let trained networks teach another one: `python -m mien_training.teach CHECKPOINT... --preset P --data D --out F`.

Writes the mean of their probabilities for every face of the preset's training side, for `train --teacher FILE`
(distillation, Hinton et al. 2015). Each network sees each face and its mirror image.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from .calibrate import compute_probabilities
from .checkpoint import CheckpointError, load_device_net
from .config import ConfigError, load_preset
from .data import DataError, Faces
from .evaluate import predict
from .nets import DeviceNet
from .split import hash_pixels, prepare


def teach(nets: list[DeviceNet], faces: Faces, temperature: float) -> dict[str, np.ndarray]:
    """Mean probabilities by head (logits [N, 7], votes [N, 10]) at a temperature that makes them softer."""
    seen = [predict(net, images) for net in nets for images in (faces.images, faces.images[:, :, ::-1].copy())]
    heads = set.intersection(*(set(outputs) for outputs in seen))
    return {head: np.mean([compute_probabilities(o[head], temperature) for o in seen], axis=0) for head in heads}


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
        raise DataError(
            f"{path}: cannot be read as a teacher's probabilities; make it with mien_training.teach"
        ) from error
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
    parser.add_argument("checkpoints", type=Path, nargs="+", help="checkpoint.pt of each teacher")
    parser.add_argument("--preset", type=Path, required=True, help="the pupil's configs/*.yaml, for its split")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--temperature", type=float, default=1.5, help="above 1: softer (default: 1.5)")
    parser.add_argument("--out", type=Path, required=True, help="the .npz to write")
    options = parser.parse_args(arguments)
    try:
        faces = prepare(load_preset(options.preset), options.data).train
        nets = [load_device_net(checkpoint) for checkpoint in options.checkpoints]
        save_lessons(options.out, faces, teach(nets, faces, options.temperature))
    except (ConfigError, DataError, CheckpointError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{options.out}: {len(nets)} teachers, {len(faces)} faces")
    return 0


if __name__ == "__main__":
    sys.exit(main())

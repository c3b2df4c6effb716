"""Training faces as the device's own detection and crop produce them.

`mien evaluate FACES/train --through-detection --heights 60,100,170 --crops DIR/train` places each face in a frame,
detects it there and writes the crop for the classifier. Such a crop is slightly larger, smaller, rotated or blurred.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .data import DataError, Faces
from .readers.load import load_faces


@dataclass(frozen=True)
class Placed:
    """The crops, and the face of each crop."""

    images: Tensor  # uint8 [M, 1, 48, 48]
    of_face: Tensor  # int64 [N, maximum]: positions of the crops of each face, padded with -1
    share: float  # share of faces with crops that are replaced by a crop

    def replace(self, images: Tensor, index: Tensor, generator: torch.Generator) -> Tensor:
        """Replace a share of the images [B, 1, 48, 48] of the faces `index` [B] by one of their crops each."""
        device, choices = images.device, self.of_face[index]
        pick = torch.randint(choices.shape[1], (len(index), 1), generator=generator, device=device)
        chosen = choices.gather(1, pick).squeeze(1)
        wanted = torch.rand(len(index), generator=generator, device=device) < self.share
        return torch.where((wanted & (chosen >= 0)).view(-1, 1, 1, 1), self.images[chosen.clamp(min=0)], images)


def load_placed(folder: Path, faces: Faces, share: float, device: torch.device, added: int = 0) -> Placed:
    """Read <folder>/train/<class>/<name of the face>-<pixels>.png; crops of other faces are ignored.

    `added` faces without crops follow after `faces`. Raises DataError if there is no crop of any face.
    """
    crops = load_faces(folder).get("train")
    row = {Path(name).stem: number for number, name in enumerate(faces.names)}
    shown: list[list[int]] = [[] for _ in range(len(faces) + added)]
    for number, name in enumerate(crops.names if crops else ()):
        face = row.get(Path(name).stem.rpartition("-")[0])
        if face is not None:
            shown[face].append(number)
    maximum = max(map(len, shown))
    if maximum == 0:
        expected = f"{folder}/train/<class>/<name of the face>-<pixels>.png"
        raise DataError(f"{folder}: shows none of the training faces; expected {expected}")
    of_face = np.array([numbers + [-1] * (maximum - len(numbers)) for numbers in shown])
    images = torch.from_numpy(crops.images[:, None])
    return Placed(images.to(device), torch.from_numpy(of_face).to(device), share)

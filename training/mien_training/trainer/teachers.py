"""Teachers of a run: networks that see the same faces as the student, or soft targets read from a file."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from ..by_face import load_by_face
from ..checkpoint import CheckpointError, load_device_net
from ..config import Preset
from ..data import DataError
from ..split import Split


class TeacherEnsemble:
    """Trained networks whose mean probabilities are the student's targets.

    They see the same augmented and mixed faces as the student: consistent teaching (Beyer et al. 2022). Their outputs
    on unchanged faces (mien_training.teach) are close to the learned labels, and so carry less information.
    """

    def __init__(self, checkpoints: list[Path], crop: int, device: torch.device, *, for_people: bool = False) -> None:
        """Load the networks; raises CheckpointError if one cannot teach this student."""
        nets = {path: load_device_net(path) for path in checkpoints}
        for path, net in nets.items():
            if "fer2013" in net.net.heads:
                raise CheckpointError(f"{path}: answers for people; a teacher must answer with FER-2013's labels")
            if net.crop != crop:
                raise CheckpointError(
                    f"{path}: sees the {net.crop} central pixels and the student {crop}; set the same net.crop"
                )
        self.nets = [net.net.to(device, memory_format=torch.channels_last) for net in nets.values()]
        self.heads = set.intersection(*(set(net.heads) for net in self.nets)) - {"reject", "covered"}
        # In a student that answers for people, the head for FER-2013's labels has another name.
        self.answer = "fer2013" if for_people else "logits"

    @torch.no_grad()
    def predict(self, faces: Tensor) -> dict[str, Tensor]:
        """Mean probabilities by the student's head, for normalised crops float [N, 1, side, side]."""
        outputs = [net(faces) for net in self.nets]
        means = {head: torch.stack([each[head].float().softmax(1) for each in outputs]).mean(0) for head in self.heads}
        return {(self.answer if head == "logits" else head): mean for head, mean in means.items()}


def choose_teachers(paths: list[Path], preset: Preset, split: Split, device: torch.device) -> dict:
    """Load the teachers of `--teacher`: one file of mien_training.teach, or any number of checkpoints."""
    stored = [path for path in paths if path.suffix == ".npz"]
    if stored and len(paths) > 1:
        raise DataError(f"--teacher: expected checkpoints or one .npz, got {' '.join(map(str, paths))}")
    if stored:
        return {"soft_targets": load_by_face(stored[0], split.train)}
    for_people = preset.answers == "people"
    return {"ensemble": TeacherEnsemble(paths, preset.net.crop, device, for_people=for_people)} if paths else {}

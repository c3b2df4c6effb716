"""Training on faces as the device's detection and crop produce them."""

import dataclasses

import numpy as np
import pytest
import torch
from conftest import write_image

from mien_training import train
from mien_training.checkpoint import load_checkpoint
from mien_training.data import LABELS, DataError
from mien_training.placed import load_placed
from mien_training.split import prepare
from mien_training.trainer.workers import Workers

CPU = torch.device("cpu")


def draw(value: int) -> np.ndarray:
    """A picture that is not quite blank, because the reader refuses blank ones."""
    image = np.full((48, 48), value, np.uint8)
    image[47, 47] = 255
    return image


def test_crops_replace_a_share_of_the_faces_that_have_crops(preset, archive, tmp_path):
    faces = prepare(preset, archive).train
    for face, height in ((3, 60), (3, 100), (5, 60)):
        label, stem = LABELS[faces.labels[face]], faces.names[face].removesuffix(".png")
        write_image(tmp_path / "crops" / "train" / label / f"{stem}-{height}.png", draw(height))
    for label in LABELS:  # crops of a face that is not in the training side
        write_image(tmp_path / "crops" / "train" / label / "stranger-60.png", draw(0))
    index = torch.tensor([3, 4, 5, len(faces) + 1] * 50)
    images = torch.full((len(index), 1, 48, 48), 7, dtype=torch.uint8)
    seen = {}
    for share in (1.0, 0.5, 0.0):
        placed = load_placed(tmp_path / "crops", faces, share, CPU, added=2)
        shown = placed.replace(images, index, torch.Generator().manual_seed(1))[:, 0, 0, 0].view(-1, 4)
        seen[share] = [sorted(set(column.tolist())) for column in shown.T]
    assert seen[1.0] == [[60, 100], [7], [7, 60], [7]]  # face 5 has one crop where face 3 has two
    assert seen[0.5] == [[7, 60, 100], [7], [7, 60], [7]]
    assert seen[0.0] == [[7]] * 4


def test_a_network_trains_on_crops(preset_file, archive, folder, tmp_path, capsys):
    """With a share of 1 and black crops, the network can learn nothing."""
    words = [str(preset_file), "--data", str(archive), "--stop-after", "10", "--out"]
    preset_file.write_text(preset_file.read_text().replace("lr: 0.01", "lr: 0.01, placed_share: 1.0"))
    assert train.main([*words, str(tmp_path / "none")]) == 2
    assert "train.placed_share is above 0 and needs the device's crops: give --crops" in capsys.readouterr().err
    for face in (folder / "train").rglob("*.png"):
        write_image(tmp_path / "crops" / "train" / face.parent.name / f"{face.stem}-60.png", draw(0))
    assert train.main([*words, str(tmp_path / "black"), "--crops", str(tmp_path / "crops")]) == 0
    assert load_checkpoint(tmp_path / "black" / "checkpoint.pt")["log"][-1]["accuracy"] < 0.4


def test_teachers_see_the_original_face(preset, archive, folder, tmp_path):
    """The student sees black crops; its teachers must not."""

    class Ensemble:
        def __init__(self):
            self.spreads = []

        def predict(self, faces):
            self.spreads.append(faces.std().item())
            return {"logits": torch.full((len(faces), len(LABELS)), 1 / len(LABELS))}

    for face in (folder / "train").rglob("*.png"):
        write_image(tmp_path / "crops" / "train" / face.parent.name / f"{face.stem}-60.png", draw(0))
    changed = dataclasses.replace(preset.train, placed_share=1.0, teacher_weight=1.0)
    preset, ensemble = dataclasses.replace(preset, train=changed), Ensemble()
    workers, split = Workers(0, 1, CPU), prepare(preset, archive)
    train.train(preset, split, tmp_path / "run", workers, ensemble=ensemble, crops=tmp_path / "crops", stop_after=1)
    assert min(ensemble.spreads) > 0.5  # black crops: 0.1


def test_crops_of_unknown_faces_are_refused(preset, archive, tmp_path):
    for label in LABELS:
        write_image(tmp_path / "crops" / "train" / label / "stranger-60.png", draw(0))
    with pytest.raises(
        DataError, match=r"shows none of the training faces; expected .*<name of the face>-<pixels>\.png"
    ):
        load_placed(tmp_path / "crops", prepare(preset, archive).train, 0.5, CPU)

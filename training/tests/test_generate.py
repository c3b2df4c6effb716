import dataclasses
import json

import numpy as np
import pytest
import torch
from conftest import draw_face
from torch import nn

from mien_training import generate, train
from mien_training.checkpoint import load_checkpoint
from mien_training.config import DataConfig, GenerateConfig
from mien_training.data import DataError, Faces
from mien_training.flow import NO_CLASS, FlowNet, draw_faces, follow_flow
from mien_training.generate import load_synthetic, name_synthetic, save_synthetic
from mien_training.neighbours import find_nearest, report_copies
from mien_training.split import prepare
from mien_training.trainer.training_set import prepare_training_set

CPU = torch.device("cpu")
TINY = "generate: {side: 16, widths: [16, 16, 16], rounds: 3, steps: 60, batch: 32, lr: 0.01, ema_decay: 0.9}\n"


class StraightFlow(nn.Module):
    """Velocity of the straight path from any noise to the only face of each class, a grey value."""

    def forward(self, faces, times, labels):
        return (labels.view(-1, 1, 1, 1) - faces) / (1 - times.view(-1, 1, 1, 1))


class Constant(nn.Module):
    """A velocity that equals the class number."""

    def forward(self, faces, times, labels):
        return labels.view(-1, 1, 1, 1).expand_as(faces).float()


@pytest.fixture
def generator_preset(preset_file):
    preset_file.write_text(preset_file.read_text() + TINY)
    return preset_file


def test_the_flow_leads_from_noise_to_the_class_and_is_seeded():
    config = GenerateConfig(side=16, guidance=1, sample_steps=7)
    labels = torch.arange(7)
    faces = draw_faces(StraightFlow(), labels, config, seed=1, batch=3)
    torch.testing.assert_close(faces, labels.view(-1, 1, 1, 1).expand(7, 1, 16, 16).float(), atol=1e-5, rtol=0)
    net = FlowNet(GenerateConfig(side=16, widths=(8, 8, 8)))
    first, again, other = (draw_faces(net, labels, config, seed) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_guidance_extrapolates_beyond_the_class():
    start, labels = torch.zeros(2, 1, 16, 16), torch.tensor([1, 3])
    for guidance, expected in ((1, [1, 3]), (2, [2 - NO_CLASS, 6 - NO_CLASS])):
        faces = follow_flow(Constant(), start, labels, GenerateConfig(guidance=guidance, sample_steps=4))
        assert faces[:, 0, 0, 0].tolist() == pytest.approx(expected)


def test_a_generator_learns_the_look_of_a_class(generator_preset, archive, tmp_path, capsys):
    shared = ["--preset", str(generator_preset), "--data", str(archive)]
    assert generate.main(["train", *shared, "--out", str(tmp_path / "run")]) == 0
    checkpoint, out, sheet = str(tmp_path / "run" / "generator.pt"), tmp_path / "made.npz", tmp_path / "sheet.png"
    words = ["--out", str(out), "--counts", "disgust=12", "fear=9", "--sheet", str(sheet), "--guidance", "2"]
    capsys.readouterr()
    assert generate.main(["sample", checkpoint, *shared, *words]) == 0
    assert {"suspects", "medianCorrelation", "faces"} < set(json.loads(capsys.readouterr().out))
    assert sheet.exists()
    made = load_synthetic(out, DataConfig(validation_share=0.2))
    assert np.bincount(made.labels).tolist() == [0, 12, 9]
    for label in (1, 2):
        bright = draw_face(label, np.random.default_rng(0)) == 230
        mean = made.images[made.labels == label].mean(axis=0)
        assert mean[bright].mean() > 1.5 * mean[draw_face(3 - label, np.random.default_rng(0)) == 230].mean()
    assert generate.main(["sample", checkpoint, *shared, "--out", str(out), "--counts", "glad=3"]) == 2
    generator_preset.write_text(generator_preset.read_text().replace("seed: 3", "seed: 4"))
    assert generate.main(["sample", checkpoint, *shared, "--out", str(out)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert "expected <class>=<count>" in lines[0]
    assert "was written with another preset" in lines[1]


def test_a_resumed_generator_continues_exactly(generator_preset, archive, tmp_path, capsys):
    generator_preset.write_text(generator_preset.read_text().replace("steps: 60", "steps: 3"))
    shared = ["train", "--preset", str(generator_preset), "--data", str(archive), "--out"]
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert generate.main([*shared, str(whole)]) == 0
    assert generate.main([*shared, str(cut), "--stop-after", "1"]) == 0
    assert generate.main([*shared, str(cut)]) == 2
    assert "continue it with --resume" in capsys.readouterr().err
    assert generate.main([*shared, str(cut), "--resume"]) == 0
    first, second = load_checkpoint(whole / "generator.pt"), load_checkpoint(cut / "generator.pt")
    for part in ("net", "average"):
        for key, values in first[part].items():
            torch.testing.assert_close(second[part][key], values, rtol=0, atol=0)
    assert [entry["loss"] for entry in first["log"]] == [entry["loss"] for entry in second["log"]]


def test_copies_are_found_when_mirrored_or_lit_differently():
    rng = np.random.default_rng(5)
    smooth = np.cumsum(np.cumsum(rng.standard_normal((120, 48, 48)), axis=1), axis=2)
    known = ((smooth - smooth.min()) / np.ptp(smooth) * 200).astype(np.uint8)
    real = find_nearest(known[100:], known[:100])
    copies = find_nearest(known[:10, :, ::-1] // 2 + 20, known[:100])
    assert copies.index.tolist() == list(range(10))
    assert copies.correlation.min() > 0.99
    assert copies.relative.max() < 0.2 < real.relative.min()
    assert report_copies(copies, real)["suspects"] == 1
    assert report_copies(real, real)["suspects"] < 0.1


def test_synthetic_faces_have_their_label_as_only_target(preset):
    faces = Faces(np.zeros((2, 48, 48), np.uint8), np.array([0, 1]), ("a", "b"), np.full((2, 10), 1, np.uint8))
    made = name_synthetic(np.full((3, 48, 48), 9, np.uint8), np.array([2, 2, 1]))
    soft_targets = {"logits": np.full((2, 7), 1 / 7), "votes": np.full((2, 10), 0.1)}
    values = {"label_smoothing": 0.07, "votes_weight": 0.5, "teacher_weight": 0.5}
    preset = dataclasses.replace(preset, train=dataclasses.replace(preset.train, **values))
    training_set, without = (prepare_training_set(faces, preset, CPU, soft_targets, more) for more in (made, None))
    for head, targets in training_set.targets.items():
        assert torch.equal(targets[:2], without.targets[head])
    assert training_set.targets["logits"][2].tolist() == pytest.approx([0.01, 0.01, 0.94, 0.01, 0.01, 0.01, 0.01])
    assert training_set.targets["votes"][2:].tolist() == [[0] * 10] * 3
    assert training_set.labels.tolist() == [0, 1, 2, 2, 1]
    assert (training_set.images[2:] == 9).all()


def test_a_resumed_run_needs_the_same_synthetic_faces(preset_file, preset, archive, votes, tmp_path, capsys):
    rng = np.random.default_rng(1)
    labels = np.repeat([1, 2], 20)
    for name, start in (("one", 0), ("two", 1)):
        images = np.stack([draw_face(label, rng) for label in labels]) + np.uint8(start)
        save_synthetic(tmp_path / f"{name}.npz", name_synthetic(images, labels), preset.data)
    preset_file.write_text(preset_file.read_text().replace("lr: 0.01", "lr: 0.01, votes_weight: 0.5"))
    start = [str(preset_file), "--data", str(archive), "--votes", str(votes), "--synthetic", str(tmp_path / "one.npz")]
    whole, cut = ["--out", str(tmp_path / "whole")], ["--out", str(tmp_path / "cut")]
    assert train.main([*start, *whole, "--stop-after", "2"]) == 0
    assert "faces and 40 synthetic ones to train on" in capsys.readouterr().out
    assert train.main([*start, *cut, "--stop-after", "1"]) == 0
    for other in ([*start[:5]], [*start[:6], str(tmp_path / "two.npz")]):
        assert train.main([*other, *cut, "--resume"]) == 2
        assert "other synthetic faces" in capsys.readouterr().err
    assert train.main([*start, *cut, "--resume", "--stop-after", "2"]) == 0
    first, second = (load_checkpoint(tmp_path / name / "checkpoint.pt") for name in ("whole", "cut"))
    for key, values in first["average"].items():
        assert torch.equal(values, second["average"][key])
    steps = int(first["averaged"])
    assert steps == 2 * ((len(prepare(preset, archive).train) + 40) // 16)


def test_invalid_synthetic_faces_are_refused(tmp_path):
    data, path = DataConfig(), tmp_path / "made.npz"
    with pytest.raises(DataError, match="holds no synthetic faces"):
        load_synthetic(path, data)
    images, labels = np.zeros((2, 48, 48), np.uint8), np.array([1, 2])
    save_synthetic(path, name_synthetic(images, labels), DataConfig(split_seed=1))
    with pytest.raises(DataError, match="another split"):
        load_synthetic(path, data)
    save_synthetic(path, name_synthetic(images, labels + 5), data)
    with pytest.raises(DataError, match="whole numbers from 0 to 6"):
        load_synthetic(path, data)
    save_synthetic(path, name_synthetic(images[:, :9], labels), data)
    with pytest.raises(DataError, match=r"expected images uint8 \[2, 48, 48\]"):
        load_synthetic(path, data)

"""Parts of training that the pipeline's test cannot tell apart."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from conftest import REPOSITORY

from mien_training import train
from mien_training.checkpoint import load_checkpoint
from mien_training.config import TrainConfig
from mien_training.data import LABELS, Faces
from mien_training.split import prepare
from mien_training.train import (
    blend,
    build_optimizer,
    build_schedule,
    choose_side,
    climb,
    draw_order,
    has_bfloat16,
    mix,
    prepare_material,
)

CPU = torch.device("cpu")


@pytest.fixture
def change(preset):
    """The tiny preset with other values for training."""
    return lambda **values: dataclasses.replace(preset, train=dataclasses.replace(preset.train, **values))


def make_faces(counts: list[int]) -> Faces:
    labels = np.repeat(np.arange(len(LABELS)), counts)
    votes = np.zeros((len(labels), 10), np.uint8)
    votes[:, 0], votes[:, 6] = 6, 2
    images = np.zeros((len(labels), 48, 48), np.uint8)
    return Faces(images, labels, tuple(map(str, range(len(labels)))), votes)


def test_targets_mix_label_votes_and_teacher(change):
    faces = make_faces([1] * 7)
    lessons = {"logits": np.full((7, 7), 1 / 7), "votes": np.full((7, 10), 0.1)}
    preset = change(label_smoothing=0.07, votes_weight=0.5, teacher_weight=0.5)
    targets = prepare_material(faces, preset, CPU, lessons).targets
    assert targets["logits"][0].tolist() == pytest.approx([0.94 / 2 + 0.5 / 7] + [0.01 / 2 + 0.5 / 7] * 6)
    assert targets["votes"][0].tolist() == pytest.approx([0.375 + 0.05] + [0.05] * 5 + [0.125 + 0.05] + [0.05] * 3)
    alone = prepare_material(faces, change(label_smoothing=0.0), CPU, None)
    assert list(alone.targets) == ["logits"]
    assert alone.targets["logits"].tolist() == torch.eye(7).tolist()


def test_rare_classes_weigh_or_come_more(change):
    faces = make_faces([640, 10, 40, 40, 40, 40, 40])
    weights = prepare_material(faces, change(balance="weight", balance_power=0.5), CPU, None).weights
    assert weights.mean().item() == pytest.approx(1)
    assert (weights[640] / weights[0]).item() == pytest.approx(8)
    assert prepare_material(faces, change(), CPU, None).weights.unique().tolist() == [1]
    preset = change(balance="sample", balance_power=1.0)
    material = prepare_material(faces, preset, CPU, None)
    drawn = material.labels[draw_order(material, preset.train, torch.Generator().manual_seed(1))]
    assert np.bincount(drawn) == pytest.approx([850 / 7] * 7, rel=0.35)
    order = draw_order(material, change().train, torch.Generator().manual_seed(1))
    assert order.sort().values.tolist() == list(range(850))


def test_mixup_blends_faces_and_targets_alike():
    torch.manual_seed(1)
    faces = torch.eye(4)
    mixed, targets = mix(faces, {"logits": faces * 2}, 1.0)
    torch.testing.assert_close(mixed * 2, targets["logits"])
    torch.testing.assert_close(mixed.sum(dim=1), torch.ones(4))
    assert 0 < mixed.diagonal().min() < 1
    assert mix(faces, {}, 0.0)[0] is faces


def test_what_teachers_say_takes_its_share_of_the_heads_that_they_have():
    own = {"logits": torch.tensor([[1.0, 0.0]]), "votes": torch.tensor([[0.0, 1.0]])}
    blended = blend(own, {"logits": torch.tensor([[0.0, 1.0]])}, 0.8)
    torch.testing.assert_close(blended, {"logits": torch.tensor([[0.2, 0.8]]), "votes": own["votes"]})


def test_gradients_are_taken_uphill_and_the_weights_come_back():
    """The loss w0^2 + 2 w1 at (3, 4): its gradient (6, 2) has length sqrt(40), and 2 w0 is read after that step."""
    net = torch.nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[3.0, 4.0]]))

    def loss():
        return net.weight[0, 0] ** 2 + 2 * net.weight[0, 1]

    loss().backward()
    with climb(net, 0.5):
        loss().backward()
    assert net.weight.grad.tolist() == [pytest.approx([2 * (3 + 0.5 * 6 / 40**0.5), 2])]
    assert net.weight.tolist() == [pytest.approx([3, 4])]


def test_networks_teach_while_they_look(preset_file, archive, votes, tmp_path, capsys):
    """A pupil that learns nothing from labels learns what its teachers know."""
    text = preset_file.read_text()
    preset_file.write_text(text.replace("lr: 0.01", "lr: 0.01, votes_weight: 0.1, sharpness: 0.02"))
    words = [str(preset_file), "--data", str(archive), "--votes", str(votes), "--out"]
    for seed in ("1", "2"):
        assert train.main([*words, str(tmp_path / seed), "--seed", seed, "--stop-after", "10"]) == 0
    teachers = [str(tmp_path / seed / "checkpoint.pt") for seed in ("1", "2")]
    state = load_checkpoint(tmp_path / "2" / "checkpoint.pt")
    assert (state["preset"]["name"], state["preset"]["seed"]) == ("tiny-2", 2)
    preset_file.write_text(text.replace("lr: 0.01", "lr: 0.01, teacher_weight: 1.0"))
    capsys.readouterr()
    assert train.main([*words, str(tmp_path / "alone")]) == 2
    assert "train.teacher_weight is above 0, so a teacher is needed: give --teacher" in capsys.readouterr().err
    assert train.main([*words, str(tmp_path / "both"), "--teacher", *teachers, "lessons.npz"]) == 2
    assert "--teacher: expected checkpoints or one .npz, got" in capsys.readouterr().err
    pupil = [*words, str(tmp_path / "pupil"), "--teacher", *teachers, "--stop-after", "10"]
    assert train.main(pupil) == 0
    assert load_checkpoint(tmp_path / "pupil" / "checkpoint.pt")["log"][-1]["validation_accuracy"] > 0.6
    preset_file.write_text(
        text.replace("lr: 0.01", "lr: 0.01, teacher_weight: 1.0").replace(
            "widths: [4, 8, 8]", "widths: [4, 8, 8], crop: 40"
        )
    )
    assert train.main([*words, str(tmp_path / "narrow"), "--teacher", *teachers]) == 2
    assert "sees the 44 central pixels, and the pupil 40; set net.crop alike" in capsys.readouterr().err


def test_a_checkpoint_is_written_now_and_then_and_at_the_end(preset_file, archive, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(train, "save_checkpoint", lambda path, state: written.append(len(state["log"])))
    words = [str(preset_file), "--data", str(archive), "--stop-after", "3", "--out"]
    assert train.main([*words, str(tmp_path / "fast")]) == 0
    assert written == [3]
    monkeypatch.setattr(train, "SAVE_EVERY", 0.0)
    assert train.main([*words, str(tmp_path / "slow")]) == 0
    assert written == [3, 1, 2, 3]


def test_faces_grow_in_equal_parts_of_the_run(change):
    preset = change(epochs=6, sides=(32, 40, 44))
    assert [choose_side(preset, epoch) for epoch in range(6)] == [32, 32, 40, 40, 44, 44]
    assert choose_side(change(), 3) == 44


def test_schedules():
    net = torch.nn.Linear(2, 2)
    config = TrainConfig(optimizer="sgd", lr=0.1, schedule="plateau")
    optimizer = build_optimizer(net, config)
    schedule = build_schedule(optimizer, config, 100)
    for _ in range(5):
        schedule.step(1.0)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.05)
    assert [group["weight_decay"] for group in optimizer.param_groups] == [config.weight_decay, 0]


def test_two_workers_train_as_one(preset_file, preset, archive, tmp_path):
    """Under torchrun each takes half of every batch: the network that results is about as good as that of one."""
    words = ["--data", str(archive), "--out", str(tmp_path / "run"), "--stop-after", "8"]
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m"]
    done = subprocess.run(
        [sys.executable, *launcher, "mien_training.train", str(preset_file), *words, "--threads", "1"],
        cwd=REPOSITORY / "training",
        env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("faces to train on, 2 x cpu") == 1
    log = load_checkpoint(tmp_path / "run" / "checkpoint.pt")["log"]
    assert len(log) == 8
    assert log[-1]["validation_accuracy"] > 0.6
    assert len(prepare(preset, archive).train) > 100


@pytest.mark.parametrize(
    ("has", "expected"),
    [
        ((), False),
        (("avx512_bf16",), True),
        (("avx512_bf16", "avx512_fp16"), False),
        (("avx512_bf16", "avx512_fp16", "amx_bf16"), True),
    ],
)
def test_bfloat16_is_left_alone_where_a_virtual_machine_hides_the_amx_that_makes_it_fast(monkeypatch, has, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: dict.fromkeys(has, True))
    assert has_bfloat16(CPU) is expected

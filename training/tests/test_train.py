"""Parts of training that the test of the whole pipeline cannot isolate."""

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
from mien_training.trainer.epoch import choose_side, has_bfloat16
from mien_training.trainer.loss import blend_targets, mix_up, perturb_weights
from mien_training.trainer.optimizer import build_optimizer, build_schedule
from mien_training.trainer.training_set import draw_order, prepare_training_set

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
    soft_targets = {"logits": np.full((7, 7), 1 / 7), "votes": np.full((7, 10), 0.1)}
    preset = change(label_smoothing=0.07, votes_weight=0.5, teacher_weight=0.5)
    targets = prepare_training_set(faces, preset, CPU, soft_targets).targets
    assert targets["logits"][0].tolist() == pytest.approx([0.94 / 2 + 0.5 / 7] + [0.01 / 2 + 0.5 / 7] * 6)
    assert targets["votes"][0].tolist() == pytest.approx([0.375 + 0.05] + [0.05] * 5 + [0.125 + 0.05] + [0.05] * 3)
    alone = prepare_training_set(faces, change(label_smoothing=0.0), CPU, None)
    assert list(alone.targets) == ["logits"]
    assert alone.targets["logits"].tolist() == torch.eye(7).tolist()


def test_rare_classes_weigh_more_or_are_drawn_more_often(change):
    faces = make_faces([640, 10, 40, 40, 40, 40, 40])
    weights = prepare_training_set(faces, change(balance="weight", balance_power=0.5), CPU, None).weights
    assert weights.mean().item() == pytest.approx(1)
    assert (weights[640] / weights[0]).item() == pytest.approx(8)
    assert prepare_training_set(faces, change(), CPU, None).weights.unique().tolist() == [1]
    preset = change(balance="sample", balance_power=1.0)
    training_set = prepare_training_set(faces, preset, CPU, None)
    drawn = training_set.labels[draw_order(training_set, preset.train, torch.Generator().manual_seed(1))]
    assert np.bincount(drawn) == pytest.approx([850 / 7] * 7, rel=0.35)
    order = draw_order(training_set, change().train, torch.Generator().manual_seed(1))
    assert order.sort().values.tolist() == list(range(850))


def test_mixup_blends_faces_and_targets_by_the_same_share():
    torch.manual_seed(1)
    faces = torch.eye(4)
    mixed, targets = mix_up(faces, {"logits": faces * 2}, 1.0)
    torch.testing.assert_close(mixed * 2, targets["logits"])
    torch.testing.assert_close(mixed.sum(dim=1), torch.ones(4))
    assert 0 < mixed.diagonal().min() < 1
    assert mix_up(faces, {}, 0.0)[0] is faces


def test_teachers_take_their_share_of_the_targets_of_their_heads():
    own = {"logits": torch.tensor([[1.0, 0.0]]), "votes": torch.tensor([[0.0, 1.0]])}
    blended = blend_targets(own, {"logits": torch.tensor([[0.0, 1.0]])}, 0.8)
    torch.testing.assert_close(blended, {"logits": torch.tensor([[0.2, 0.8]]), "votes": own["votes"]})


def test_gradients_are_computed_uphill_and_the_weights_are_restored():
    """The loss w0^2 + 2 w1 at (3, 4) has the gradient (6, 2) of length sqrt(40); 2 w0 is computed after that step."""
    net = torch.nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[3.0, 4.0]]))

    def loss():
        return net.weight[0, 0] ** 2 + 2 * net.weight[0, 1]

    loss().backward()
    with perturb_weights(net, 0.5):
        loss().backward()
    assert net.weight.grad.tolist() == [pytest.approx([2 * (3 + 0.5 * 6 / 40**0.5), 2])]
    assert net.weight.tolist() == [pytest.approx([3, 4])]


def test_a_student_learns_from_an_ensemble(preset_file, archive, votes, tmp_path, capsys):
    """The student gets no weight on labels and still learns them, from its teachers."""
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
    assert "train.teacher_weight is above 0 and needs a teacher: give --teacher" in capsys.readouterr().err
    assert train.main([*words, str(tmp_path / "both"), "--teacher", *teachers, "soft_targets.npz"]) == 2
    assert "--teacher: expected checkpoints or one .npz, got" in capsys.readouterr().err
    student = [*words, str(tmp_path / "student"), "--teacher", *teachers, "--stop-after", "10"]
    assert train.main(student) == 0
    assert load_checkpoint(tmp_path / "student" / "checkpoint.pt")["log"][-1]["validation_accuracy"] > 0.6
    preset_file.write_text(
        text.replace("lr: 0.01", "lr: 0.01, teacher_weight: 1.0").replace(
            "widths: [4, 8, 8]", "widths: [4, 8, 8], crop: 40"
        )
    )
    assert train.main([*words, str(tmp_path / "narrow"), "--teacher", *teachers]) == 2
    assert "sees the 44 central pixels and the student 40; set the same net.crop" in capsys.readouterr().err


def test_a_checkpoint_is_written_after_an_interval_and_at_the_end(preset_file, archive, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(train, "save_checkpoint", lambda path, state: written.append(len(state["log"])))
    words = [str(preset_file), "--data", str(archive), "--stop-after", "3", "--out"]
    assert train.main([*words, str(tmp_path / "fast")]) == 0
    assert written == [3]
    monkeypatch.setattr(train, "SAVE_EVERY", 0.0)
    assert train.main([*words, str(tmp_path / "slow")]) == 0
    assert written == [3, 1, 2, 3]


def test_each_size_of_faces_gets_an_equal_part_of_the_run(change):
    preset = change(epochs=6, sides=(32, 40, 44))
    assert [choose_side(preset, epoch) for epoch in range(6)] == [32, 32, 40, 40, 44, 44]
    assert choose_side(change(), 3) == 44


def test_the_plateau_schedule_halves_the_rate_and_spares_biases_from_decay():
    net = torch.nn.Linear(2, 2)
    config = TrainConfig(optimizer="sgd", lr=0.1, schedule="plateau")
    optimizer = build_optimizer(net, config)
    schedule = build_schedule(optimizer, config, 100)
    for _ in range(5):
        schedule.step(1.0)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.05)
    assert [group["weight_decay"] for group in optimizer.param_groups] == [config.weight_decay, 0]


def test_two_workers_train_one_network(preset_file, preset, archive, tmp_path):
    """Under torchrun each worker takes half of every batch; the network is about as good as that of one worker."""
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
def test_bfloat16_is_off_where_a_virtual_machine_hides_amx(monkeypatch, has, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: dict.fromkeys(has, True))
    assert has_bfloat16(CPU) is expected

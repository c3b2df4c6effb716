"""The whole pipeline on the tiny data set, through its commands."""

import csv
import hashlib
import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from mien_training import evaluate, export, quantize, ship, train
from mien_training.checkpoint import load_checkpoint, load_device_net
from mien_training.data import LABELS, VOTE_COLUMNS
from mien_training.evaluate import VOTE_OF_LABEL, predict, predict_onnx
from mien_training.split import prepare


@pytest.fixture
def run_dir(tmp_path):
    return tmp_path / "run"


def start_training(preset_file, data, run_dir, *words):
    return train.main([str(preset_file), "--data", str(data), "--out", str(run_dir), *words])


def test_from_data_to_the_device(preset_file, preset, archive, votes, run_dir, tmp_path, capsys):
    """The steps of the README: teachers, their student, and everything that ships."""
    teacher_file, text = (
        tmp_path / "teacher.yaml",
        preset_file.read_text().replace("lr: 0.01", "lr: 0.01, votes_weight: 0.2"),
    )
    teacher_file.write_text(text)
    text = text.replace("lr: 0.01", "lr: 0.01, teacher_weight: 0.2")
    preset_file.write_text(
        text + "adjust: rare\nreject: {negatives: 200, epochs: 30}\ncovered: {faces: 100, epochs: 10}\n"
    )
    models, shared = tmp_path / "models", ["--preset", str(preset_file), "--data", str(archive)]
    int8, results = str(models / "tiny.int8.onnx"), tmp_path / "results"
    checkpoint, voted = str(run_dir / "checkpoint.pt"), [*shared, "--votes", str(votes)]
    with_votes = ["--votes", str(votes)]
    for seed in ("1", "2"):
        assert start_training(teacher_file, archive, tmp_path / seed, *with_votes, "--seed", seed) == 0
    taught = [*with_votes, "--teacher", *(str(tmp_path / seed / "checkpoint.pt") for seed in ("1", "2"))]
    assert start_training(preset_file, archive, run_dir, *taught) == 0
    assert ship.main([checkpoint, *voted, "--models", str(models), "--results", str(results)]) == 0
    assert {"log.csv", "curve.png", "README.md", "report.json", "weights.pt"} < {
        file.name for file in results.iterdir()
    }
    assert {file.name for file in models.iterdir()} == {
        f"tiny.{end}" for end in ("fp32.onnx", "int8.onnx", "json", "md", "parity.json")
    }

    written = json.loads((models / "tiny.json").read_text())
    assert written["labels"] == list(LABELS)
    assert written["temperature"] > 0
    assert set(written["crop"]["box"]) == {"yunet", "blazeface", "haar"}
    for kind in ("fp32", "int8"):
        content = (models / f"tiny.{kind}.onnx").read_bytes()
        described = written["files"][kind]
        assert described["bytes"] == len(content)
        assert described["sha256"] == hashlib.sha256(content).hexdigest()
        assert written["metrics"][kind]["fer2013"]["n"] == 42
        assert written["metrics"][kind]["fer2013"]["accuracy"] > 0.9  # the squares are easy; chance is 0.14
    assert f"{written['metrics']['int8']['fer2013']['accuracy']:.2%}" in (models / "tiny.md").read_text()

    images = prepare(preset, archive).test.images
    assert written["answers"] == "fer2013"
    assert 0 < written["reject"]["threshold"] < 1
    assert 0 < written["covered"]["threshold"] < 1
    assert 0 < written["sensitivity"]["balanced"]["below"] <= 1
    check_files(run_dir / "covered.pt", models / "tiny.fp32.onnx", models / "tiny.int8.onnx", images)

    capsys.readouterr()
    assert evaluate.main([int8, *shared, "--votes", str(votes)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["model"] == "tiny.int8.onnx"
    assert printed["fer2013"]["accuracy"] == written["metrics"]["int8"]["fer2013"]["accuracy"]
    assert printed["people"]["n"] == 42  # ten votes for neutral outweigh all others
    assert evaluate.main([checkpoint, *shared, "--side", "validation"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (
        printed["fer2013"]["accuracy"] == load_checkpoint(run_dir / "checkpoint.pt")["log"][-1]["validation_accuracy"]
    )

    # Another run starts from these weights with the same accuracy.
    again = [*taught, "--start", str(results / "weights.pt"), "--stop-after", "1"]
    assert start_training(preset_file, archive, tmp_path / "again", *again) == 0
    assert load_checkpoint(tmp_path / "again" / "checkpoint.pt")["log"][0]["validation_accuracy"] > 0.8


def test_a_network_that_answers_for_people_ships(preset_file, archive, rows, tmp_path):
    """Eight of ten people vote for the class of the square; two vote for neutral."""
    table = tmp_path / "agreed.csv"
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Usage", "Image name", *VOTE_COLUMNS])
        for usage, name, label, _ in rows:
            votes = (
                2 * np.eye(10, dtype=int)[VOTE_COLUMNS.index("neutral")]
                + 8 * np.eye(10, dtype=int)[VOTE_OF_LABEL[label]]
            )
            writer.writerow([usage, name, *votes])
    balance = "lr: 0.01, label_voters: 1, balance: weight"
    text = preset_file.read_text().replace("lr: 0.01", balance).replace("name: tiny", "name: tiny\nanswers: people")
    preset_file.write_text(text + "reject: {negatives: 200, epochs: 30}\n")
    data = ["--votes", str(table)]
    assert start_training(preset_file, archive, tmp_path / "run", *data) == 0
    models, results = tmp_path / "models", tmp_path / "results"
    words = [
        "--preset",
        str(preset_file),
        "--data",
        str(archive),
        *data,
        "--models",
        str(models),
        "--results",
        str(results),
    ]
    assert ship.main([str(tmp_path / "run" / "checkpoint.pt"), *words]) == 0

    card = json.loads((models / "tiny.json").read_text())
    assert card["answers"] == "people"
    assert card["heads"]["fer2013"]["temperature"] > 0
    assert list(card["sensitivity"]) == ["calm", "balanced", "expressive"]
    for kind in ("fp32", "int8"):
        assert list(card["metrics"][kind]) == ["people", "fer2013"]
        assert card["metrics"][kind]["people"]["accuracy"] > 0.9
        assert card["metrics"][kind]["fer2013"]["accuracy"] > 0.9
    page = (models / "tiny.md").read_text()
    assert "what would most people say that this face shows?" in page
    assert "classify.sensitivity" in page
    assert "The operating point" in (results / "README.md").read_text()


def check_files(checkpoint, fp32, int8, images):
    """PyTorch and ONNX Runtime agree, and both files accept the device's input."""
    expected = predict(load_device_net(checkpoint), images)["logits"]
    np.testing.assert_allclose(predict_onnx(fp32, images)["logits"], expected, atol=1e-4, rtol=0)
    np.testing.assert_allclose(predict_onnx(fp32, images, batch=1)["logits"], expected, atol=1e-4, rtol=0)
    assert (predict_onnx(int8, images)["logits"].argmax(1) == expected.argmax(1)).mean() > 0.9
    for path in (fp32, int8):
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        (source,) = session.get_inputs()
        assert (source.name, source.type, source.shape) == ("input", "tensor(uint8)", ["N", 1, 48, 48])
        targets = {target.name: (target.type, target.shape) for target in session.get_outputs()}
        sizes = {"logits": 7, "votes": 10, "reject": 1, "covered": 1}
        assert targets == {name: ("tensor(float)", ["N", size]) for name, size in sizes.items()}
    operators = [node.op_type for node in onnx.load(fp32).graph.node]
    assert "BatchNormalization" not in operators
    assert operators.count("Conv") == 3
    nodes = onnx.load(int8).graph.node
    cast = next(node for node in nodes if node.op_type == "Cast")
    assert [node.op_type for node in nodes if cast.output[0] in node.input] == ["Sub"]  # normalised in float
    assert sum(node.op_type == "DequantizeLinear" for node in nodes) > 5


def test_a_resumed_run_continues_exactly(preset_file, archive, votes, tmp_path, capsys):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    preset_file.write_text(preset_file.read_text().replace("lr: 0.01", "lr: 0.01, votes_weight: 0.5"))
    assert start_training(preset_file, archive, whole, "--stop-after", "3") == 2
    assert "give --votes" in capsys.readouterr().err
    votes = ["--votes", str(votes)]
    assert start_training(preset_file, archive, whole, *votes, "--stop-after", "3") == 0
    assert start_training(preset_file, archive, cut, *votes, "--stop-after", "1") == 0
    assert len(load_checkpoint(cut / "checkpoint.pt")["log"]) == 1
    assert start_training(preset_file, archive, cut, *votes, "--resume", "--stop-after", "3") == 0
    first, second = load_checkpoint(whole / "checkpoint.pt"), load_checkpoint(cut / "checkpoint.pt")
    for part in ("net", "average"):
        for key, values in first[part].items():
            torch.testing.assert_close(second[part][key], values, rtol=0, atol=0)
    for entry, other in zip(first["log"], second["log"], strict=True):
        assert {k: v for k, v in entry.items() if k != "seconds"} == {k: v for k, v in other.items() if k != "seconds"}


def test_a_run_is_never_overwritten_or_continued_with_another_preset(preset_file, archive, run_dir, capsys):
    assert start_training(preset_file, archive, run_dir, "--resume") == 2
    assert "no such checkpoint" in capsys.readouterr().err
    assert start_training(preset_file, archive, run_dir, "--stop-after", "1") == 0
    assert start_training(preset_file, archive, run_dir) == 2
    assert "continue it with --resume" in capsys.readouterr().err
    preset_file.write_text(preset_file.read_text().replace("lr: 0.01", "lr: 0.02"))
    assert start_training(preset_file, archive, run_dir, "--resume") == 2
    assert "another preset" in capsys.readouterr().err


def test_mistakes_end_in_one_line(preset_file, archive, tmp_path, capsys):
    (tmp_path / "text.onnx").write_text("text")
    (tmp_path / "text.pt").write_text("text")
    shared = ["--preset", str(preset_file), "--data", str(archive)]
    assert evaluate.main([str(tmp_path / "text.onnx"), *shared]) == 2
    assert evaluate.main([str(tmp_path / "text.pt"), *shared]) == 2
    assert export.main([str(tmp_path / "absent.pt"), str(tmp_path / "x.onnx")]) == 2
    assert quantize.main([str(tmp_path / "text.onnx"), str(tmp_path / "y.onnx"), *shared]) == 2
    assert start_training(preset_file, tmp_path / "absent", tmp_path / "run") == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 5
    assert all(line.startswith("error: ") for line in lines)
    assert not (tmp_path / "x.onnx").exists()
    assert not (tmp_path / "y.onnx").exists()

"""The whole report on the tiny data set, for ONNX files whose correct scores are known by construction."""

import csv
import hashlib
import json
import re

import numpy as np
import onnx
import pytest
from conftest import write_image
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from mien_training import report
from mien_training.data import LABELS, VOTE_COLUMNS
from mien_training.evaluate import VOTE_OF_LABEL

COPIES = 5
# FER+'s votes for the test faces with these positions; the others get eight votes for their label.
CONTEMPT, DIVIDED, UNKNOWN = (0, 1), (2, 3, 4), (5,)


def make_templates(swap: tuple[int, int] | None = None) -> np.ndarray:
    """Float [2304, 7]: mean brightness of each class's square, minus the picture's; `swap` exchanges two classes."""
    templates = np.zeros((48, 48, 7), np.float32)
    for label in range(7):
        row, column = 6 + 14 * (label // 3), 6 + 13 * (label % 3)
        templates[row : row + 9, column : column + 9, label] = 0.02 / 81
    templates -= 0.02 / 48**2
    if swap:
        templates[..., swap] = templates[..., swap[::-1]]
    return templates.reshape(48 * 48, 7)


def write_model(path, **heads: np.ndarray) -> None:
    """One matrix float [2304, k] per output, on the flattened pixels."""
    nodes = [helper.make_node("Cast", ["input"], ["pixels"], to=TensorProto.FLOAT)]
    nodes.append(helper.make_node("Flatten", ["pixels"], ["flat"]))
    nodes += [helper.make_node("MatMul", ["flat", f"{name}.weight"], [name]) for name in heads]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input", TensorProto.UINT8, ["N", 1, 48, 48])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", m.shape[1]]) for name, m in heads.items()],
        [numpy_helper.from_array(matrix.astype(np.float32), f"{name}.weight") for name, matrix in heads.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


@pytest.fixture
def model(tmp_path):
    """A file with three outputs that predicts every face correctly and rejects nothing."""
    path = tmp_path / "tiny.fp32.onnx"
    write_model(path, logits=make_templates(), fer2013=make_templates(), reject=np.full((2304, 1), -0.001))
    return path


@pytest.fixture
def worse(tmp_path):
    """A file with one output that confuses fear and sad."""
    path = tmp_path / "tiny.int8.onnx"
    write_model(path, logits=make_templates(swap=(2, 4)))
    return path


@pytest.fixture
def data(folder, tmp_path, rows):
    """Arguments for the faces, with copies of some test faces in Training, and for the votes of all."""
    named = [(usage, name, label) for usage, name, label, _ in rows]
    test = [row for row in rows if row[0] == "PublicTest"]
    for number in range(COPIES):
        _, _, label, image = test[number]
        write_image(folder / "train" / LABELS[label] / f"copy{number}.png", image)
        named.append(("Training", f"copy{number}.png", label))
    special = dict.fromkeys(CONTEMPT, "contempt") | dict.fromkeys(UNKNOWN, "unknown")
    position = {name: index for index, (_, name, _, _) in enumerate(test)}
    path = tmp_path / "fer2013new.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Usage", "Image name", *VOTE_COLUMNS])
        for usage, name, label in named:
            votes = np.zeros(10, int)
            votes[VOTE_OF_LABEL[label]] = 8
            if position.get(name) in special:
                votes = np.eye(10, dtype=int)[VOTE_COLUMNS.index(special[position[name]])] * 10
            if position.get(name) in DIVIDED:
                votes = np.array([5, 5, 0, 0, 0, 0, 0, 0, 0, 0])
            writer.writerow([usage, name, *votes])
    return ["--data", str(folder), "--votes", str(path)]


@pytest.fixture
def start(preset_file, tmp_path, capsys, monkeypatch):
    """Run the command; returns its files and its output. Charts take seconds, so they are drawn on demand."""

    def run(files, *words, charts=False):
        if not charts:
            none = {"": []} | {file.name: [] for file in files}
            monkeypatch.setattr(report, "draw_charts", lambda *_: none)
        out = tmp_path / "report"
        code = report.main([*map(str, files), "--preset", str(preset_file), "--out", str(out), *map(str, words)])
        assert code == 0, capsys.readouterr().err
        return json.loads((out / "report.json").read_text()), (out / "README.md").read_text(), capsys.readouterr()

    return run


def test_the_report_of_two_files(start, model, worse, data, tmp_path):
    for number in range(4):
        write_image(tmp_path / "walls" / "deep" / f"{number}.png", np.full((60, 90), 40 + number, np.uint8))
    written, page, printed = start([model, worse], *data, "--negatives", tmp_path / "walls", charts=True)
    assert written["faces"] == {"reported": 42, "copies": COPIES, "nearCopies": COPIES, "validation": 35}
    good, bad = written["files"]

    fer = good["targets"]["fer2013"]
    assert (fer["head"], fer["all"]["n"], fer["withoutCopies"]["n"]) == ("fer2013", 42, 42 - COPIES)
    assert fer["all"]["accuracy"] == fer["all"]["balancedAccuracy"] == 1
    assert fer["all"]["intervals"]["accuracy"] == [1, 1]
    assert sum(fer["withoutCopies"]["faces"].values()) == 42 - COPIES
    assert fer["all"]["brier"] < 0.01
    assert fer["all"]["coverage"]["area"] == 1
    assert sum(fer["all"]["reliability"]["faces"]) == 42

    assert list(good["targets"]) == ["people", "fer2013"]  # what the device answers leads
    people = good["targets"]["people"]
    assert people["head"] == "logits"
    assert people["all"]["n"] == 42 - len(CONTEMPT) - len(DIVIDED) - len(UNKNOWN)
    assert people["all"]["accuracy"] == 1

    swapped = bad["targets"]["fer2013"]["all"]
    assert swapped["recall"]["fear"] == swapped["recall"]["sad"] == 0
    assert swapped["confusion"][2][4] == swapped["confusion"][4][2] == 6
    assert swapped["accuracy"] == pytest.approx(30 / 42, abs=1e-6)
    assert swapped["intervals"]["accuracy"][0] < 30 / 42 < swapped["intervals"]["accuracy"][1]
    assert bad["targets"]["people"]["head"] == bad["targets"]["fer2013"]["head"] == "logits"
    assert "by a network that learned FER-2013's labels" in bad["targets"]["people"]["title"]

    (pair,) = written["comparisons"]
    found = pair["targets"]["fer2013"]["all"]
    assert (found["onlyFirstRight"], found["onlySecondRight"]) == (12, 0)
    assert found["accuracy"]["difference"] == pytest.approx(-12 / 42, abs=1e-6)
    assert found["accuracy"]["interval"][1] < 0
    assert found["recall"]["fear"] == {"difference": -1, "interval": [-1, -1]}
    assert pair["targets"]["fer2013"]["heads"] == ["fer2013", "logits"]

    (precision,) = written["precisions"]
    assert list(precision["targets"]) == ["people"]  # the head for FER-2013's labels is in one of the files only
    assert precision["targets"]["people"]["equalLabels"] == pytest.approx(30 / 42, abs=1e-6)
    assert precision["targets"]["people"]["largestProbabilityDifference"] > 0.9

    assert good["parameters"] == 2304 * (7 + 7 + 1)
    assert bad["bytes"] == worse.stat().st_size
    assert good["latency"]["ratio"] == 1
    assert all(0 < f["latency"]["medianMs"] <= f["latency"]["p95Ms"] for f in (good, bad))
    assert good["latency"]["runs"] >= 200

    rejection = good["rejection"]
    assert rejection["negatives"] == {"n": 4, "rejected": 0}
    assert "| pictures without a face | 4 | 0.0 |" in page
    assert {key: group["n"] for key, group in rejection["faces"].items()} == {
        "all": 42,
        "clear": 42 - len(DIVIDED) - len(UNKNOWN),
        "cannotTell": len(UNKNOWN),
        "divided": len(DIVIDED),
    }
    assert "rejection" not in bad

    charts = {path.name for path in (tmp_path / "report").glob("*.png")}
    assert charts == set(re.findall(r"!\[.*?\]\((.*?)\)", page))
    assert len(charts) == 5
    for chart in charts:
        with Image.open(tmp_path / "report" / chart) as picture:
            assert picture.width <= 1300
            assert len(np.unique(np.asarray(picture.convert("L")))) > 10
    low, high = (f"{100 * end:.1f}" for end in swapped["intervals"]["accuracy"])
    for text in ("tiny.fp32.onnx", "tiny.int8.onnx minus tiny.fp32.onnx", f"**71.4** [{low}, {high}]", "| -28.6 ["):
        assert text in page
        assert text in printed.out
    assert "nan" not in page.lower()
    assert str(tmp_path) not in page + json.dumps(written)


def test_the_operating_points_of_a_card_and_their_curve(start, model, data, tmp_path):
    """The templates predict every face correctly; with an offset of 40 for neutral all are predicted as neutral."""
    files = {"fp32": {"file": model.name, "sha256": hashlib.sha256(model.read_bytes()).hexdigest()}}
    points = {name: {"offsets": {}, "below": 0.5} for name in ("balanced", "expressive")}
    points["calm"] = {"offsets": {"neutral": 40.0}, "below": 0.5}
    heads = {"fer2013": {"name": "fer2013", "temperature": 1.0}}
    card = {"files": files, "temperature": 1.0, "heads": heads, "sensitivity": points}
    (tmp_path / "tiny.json").write_text(json.dumps(card))
    written, page, _ = start([model], *data)
    found = written["files"][0]["sensitivity"]
    assert list(found) == ["validation", "test"]
    assert found["test"]["points"]["balanced"]["accuracy"] == 1
    calm = found["test"]["points"]["calm"]
    assert calm["neutralRecall"] == 1
    assert calm["macroRecall"] == pytest.approx(1 / 7, abs=1e-4)
    assert calm["calmUnpleasant"] == 0
    assert "The operating point" in page
    assert "| test | calm | " in page


def test_the_same_command_gives_the_same_numbers(start, worse, data):
    first, second = (start([worse], *data)[0] for _ in range(2))
    for written in (first, second):
        del written["files"][0]["latency"]
    assert first == second


def test_rejection_uses_the_threshold_of_the_card(start, model, data, tmp_path):
    """The reject output is the mean grey / 10."""
    for number in range(3):
        write_image(tmp_path / "scenes" / f"{number}.png", np.full((48, 48), 100, np.uint8))
    bright = np.ones((2304, 1)) / (2304 * 10)
    write_model(model, logits=make_templates(), reject=bright)  # sigmoid(mean grey / 10)
    files = {"fp32": {"file": model.name, "sha256": hashlib.sha256(model.read_bytes()).hexdigest()}}
    card = {"files": files, "temperature": 2.0, "reject": {"threshold": 0.9999}}
    card["sensitivity"] = {"balanced": {"offsets": {}, "below": 0.5}}
    (tmp_path / "tiny.json").write_text(json.dumps(card))
    written, page, _ = start([model], *data, "--negatives", tmp_path / "scenes")
    rejection = written["files"][0]["rejection"]
    assert rejection["threshold"] == 0.9999  # a mean grey of 92
    assert rejection["negatives"] == {"n": 3, "rejected": 1}
    assert rejection["faces"]["all"]["rejected"] == 0  # the faces' is about 50
    assert rejection["rankedRight"] == 1
    target = written["files"][0]["targets"]["fer2013"]
    assert target["temperature"]["card"] == 2
    assert target["all"]["calibrationError"].keys() == {"uncalibrated", "fitted", "card"}
    assert target["uncertain"]["accuracyOfOthers"] == 1
    assert "Rejected above 0.9999" in page
    assert "says `uncertain`" in page


def test_a_card_of_another_file_is_ignored(start, model, data, tmp_path):
    card = {"files": {"fp32": {"file": model.name, "sha256": "0" * 64}}, "temperature": 2.0}
    (tmp_path / "tiny.json").write_text(json.dumps(card))
    (tmp_path / "other.json").write_text("no json")
    written, _, printed = start([model], *data)
    assert list(written["files"][0]["targets"]["fer2013"]["temperature"]) == ["fitted"]
    assert written["files"][0]["rejection"]["threshold"] == report.REJECT_THRESHOLD
    assert "describes another tiny.fp32.onnx" in printed.err


def test_near_copies_of_trained_faces_are_excluded_too(start, model, folder, rows, data):
    _, _, label, image = next(row for row in rows if row[0] == "PublicTest" and row[2] == 6)
    write_image(folder / "train" / LABELS[label] / "lighter.png", image + 9)
    written, page, _ = start([model], *data[:2])
    assert written["faces"]["nearCopies"] == COPIES + 1
    assert written["files"][0]["targets"]["fer2013"]["withoutNearCopies"]["n"] == 42 - COPIES - 1
    assert "without near-copies" in page


def test_a_report_without_votes_on_the_validation_side(start, model, data):
    written, page, _ = start([model], *data[:2], "--side", "validation")
    assert list(written["files"][0]["targets"]) == ["fer2013"]
    assert written["faces"]["reported"] == written["faces"]["validation"] == 35
    assert "withoutCopies" not in written["files"][0]["targets"]["fer2013"]
    assert "so they are too good" in page


def test_mistakes_give_a_one_line_error(preset_file, model, data, tmp_path, capsys):
    shared = ["--preset", str(preset_file), *data, "--out", str(tmp_path / "out")]
    (tmp_path / "text.onnx").write_text("text")
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "a.png").write_text("text")
    assert report.main([str(model), str(model), *shared]) == 2
    assert report.main([str(tmp_path / "text.onnx"), *shared]) == 2
    assert report.main([str(tmp_path / "absent.onnx"), *shared]) == 2
    for folder in ("absent", "empty", "odd"):
        assert report.main([str(model), *shared, "--negatives", str(tmp_path / folder)]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 6
    assert all(line.startswith("error: ") for line in lines)
    assert "1 of 1 pictures cannot be decoded: a.png" in lines[-1]
    assert not (tmp_path / "out").exists()


def test_json_has_each_list_of_values_on_one_line():
    value = {"a": [1, None, 2.5], "b": [[1, 2], [3, 4]], "c": {"d": ["x y", "z"]}, "e": [{"f": []}]}
    text = report.format_json(value)
    assert json.loads(text) == value
    assert '"a": [1, null, 2.5],' in text
    assert "    [3, 4]\n" in text

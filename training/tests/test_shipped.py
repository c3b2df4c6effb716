"""The files in models/ match their cards; with the real data, if it is present, also their figures."""

import hashlib
import json

import numpy as np
import pytest
from conftest import REPOSITORY, SHARED

from mien_training.config import load_preset
from mien_training.data import LABELS
from mien_training.evaluate import predict_onnx, score
from mien_training.quantize import draw_calibration_set
from mien_training.scores import list_targets
from mien_training.split import hash_pixels, prepare

MODELS = REPOSITORY / "models"
CONFIGS = REPOSITORY / "training" / "configs"
CARDS = sorted(path for path in MODELS.glob("*.json") if "task" in json.loads(path.read_text()))

needs_data = pytest.mark.skipif(not (SHARED / "fer2013.zip").exists(), reason="FER-2013 is not at ../shared/data")


@pytest.fixture(params=CARDS, ids=lambda path: path.stem)
def card(request):
    return json.loads(request.param.read_text())


@pytest.fixture(scope="module")
def split():
    return prepare(load_preset(CONFIGS / "simple-cnn.yaml"), SHARED / "fer2013.zip", SHARED / "fer2013new.csv")


def test_the_default_card_exists():
    assert "simple-cnn" in [path.stem for path in CARDS]


def test_card_matches_its_files_and_measurements(card):
    for described in card["files"].values():
        content = (MODELS / described["file"]).read_bytes()
        assert described["bytes"] == len(content)
        assert described["sha256"] == hashlib.sha256(content).hexdigest()
        assert described["sha256"] in (MODELS / f"{card['name']}.md").read_text()
    measured = json.loads((CONFIGS / "registration.json").read_text())
    assert card["crop"]["box"] == {name: measured[name]["box"] for name in ("yunet", "blazeface", "haar")}
    assert card["crop"]["landmarks"] == measured["yunet"]["landmarks"]
    for result in (result for by_question in card["metrics"].values() for result in by_question.values()):
        assert np.sum(result["confusion"]) == result["n"]
        assert np.trace(result["confusion"]) / result["n"] == pytest.approx(result["accuracy"], abs=1e-6)


def test_the_crop_of_the_card_centres_the_landmarks(card):
    points = card["crop"]["landmarks"]
    assert points["eyeLeft"][0] < points["nose"][0] < points["eyeRight"][0]
    assert points["eyeLeft"][1] < points["nose"][1] < points["mouthLeft"][1]
    assert (points["eyeLeft"][0] + points["eyeRight"][0]) / 2 == pytest.approx(24, abs=1)


@needs_data
def test_the_real_data_is_read_completely_and_split_without_copies(split):
    assert len(split.test) == 3579
    assert split.copies_dropped == 340
    assert len(split.train) + len(split.validation) == 28558 - 340
    assert not set(hash_pixels(split.validation)) & set(hash_pixels(split.train))
    assert not set(hash_pixels(split.train)) & set(hash_pixels(split.test))
    assert split.test.votes.sum(axis=1).min() > 0
    calibration = draw_calibration_set(split.train, 700, 1)
    assert len(calibration) == 700


@needs_data
def test_shipped_files_reach_the_figures_of_their_card(card, split):
    seen, minimum = {}, {"people": 0.87, "fer2013": 0.60}[card["answers"]]
    (target,) = [t for t in list_targets(card.get("heads", {}), True) if t.key == card["answers"]]
    labels, labelled = target.label(split.test)
    for kind, described in card["files"].items():
        seen[kind] = predict_onnx(MODELS / described["file"], split.test.images)["logits"][labelled]
        result = score(labels[labelled], seen[kind])
        # int8 kernels round differently from processor to processor
        assert result["accuracy"] == pytest.approx(card["metrics"][kind][card["answers"]]["accuracy"], abs=0.003)
        assert min(result["recall"][label] for label in LABELS) > 0.1
        assert result["accuracy"] >= minimum
    fp32, int8 = (card["metrics"][kind][card["answers"]]["accuracy"] for kind in ("fp32", "int8"))
    assert abs(fp32 - int8) <= 0.003
    assert (seen["fp32"].argmax(axis=1) == seen["int8"].argmax(axis=1)).mean() >= 0.98


@pytest.mark.parametrize(
    "name", sorted({path.name.split(".")[0] for path in (REPOSITORY / "models").glob("*.int8.onnx")})
)
def test_each_network_that_ships_has_a_report_of_its_files(name):
    """New files need a new report. A report may also be about a network that does not ship."""
    path = REPOSITORY / "training" / "results" / name / "report.json"
    for file in json.loads(path.read_text())["files"]:
        content = (REPOSITORY / "models" / file["file"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()

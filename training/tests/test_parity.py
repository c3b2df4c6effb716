"""The reference outputs of the device's tests: made-up pictures, and the outputs of both runtimes."""

import hashlib
import json
import re
import warnings

import numpy as np
import pytest
import torch
from conftest import REPOSITORY
from torch import nn

from mien_training import parity
from mien_training.data import LABELS, DataError
from mien_training.evaluate import predict_onnx

MODELS = REPOSITORY / "models"
SHIPPED = sorted(MODELS.glob("*.parity.json"))


class FourHeads(nn.Module):
    """A substitute for a DeviceNet: linear heads on the means of squares of the picture."""

    outputs = ("logits", "fer2013", "reject", "covered")

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.heads = nn.ModuleList(nn.Linear(36, width) for width in (len(LABELS), len(LABELS), 1, 1))

    def forward(self, pixels):
        squares = nn.functional.avg_pool2d(pixels.float(), 8).flatten(1) / 32 - 4
        return tuple(head(squares) for head in self.heads)


def export(net: nn.Module, path) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            net.eval(),
            (torch.zeros(2, 1, 48, 48, dtype=torch.uint8),),
            path,
            dynamo=False,
            input_names=["input"],
            output_names=list(net.outputs),
            dynamic_axes={name: {0: "N"} for name in ("input", *net.outputs)},
        )
    return path.name


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A folder with a card and both files; the int8 file is a slightly different network."""
    net = FourHeads()
    monkeypatch.setattr(parity, "load_device_net", lambda _: net)
    with torch.no_grad():
        fp32 = export(net, tmp_path / "tiny.fp32.onnx")
        near = FourHeads()
        for weights in near.parameters():
            weights.mul_(1.01)
        int8 = export(near, tmp_path / "tiny.int8.onnx")
    card = {
        "files": {"fp32": {"file": fp32}, "int8": {"file": int8}},
        "output": {"name": "logits"},
        "temperature": 0.5,
        "heads": {"fer2013": {"name": "fer2013", "temperature": 2.0}},
        "reject": {"name": "reject", "threshold": 0.5},
        "covered": {"name": "covered", "threshold": 0.5},
    }
    (tmp_path / "tiny.json").write_text(json.dumps(card))
    return tmp_path


def test_a_seed_determines_its_picture():
    first = parity.draw_picture(7)
    assert first.shape == (48, 48)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(parity.draw_picture(7), first)
    pictures = parity.draw_pictures(list(range(20)))
    assert len({parity.digest(picture) for picture in pictures}) == 20
    assert pictures.std(axis=(1, 2)).min() > 5  # none is blank
    # After a change here, change device/lab/fixtures/made-up-faces.ts too and write all reference outputs again.
    assert parity.digest(pictures)[:16] == "0f10b94396f4064f"


def test_outputs_of_every_head_are_written(models, capsys):
    assert parity.main(["run.pt", "--models", str(models), "--name", "tiny"]) == 0
    assert capsys.readouterr().out.strip() == str(models / "tiny.parity.json")
    text = (models / "tiny.parity.json").read_text()
    written = json.loads(text)
    seeds = written["pictures"]["seeds"]
    assert len(seeds) == parity.PICTURES
    assert seeds == sorted(set(seeds))
    images = parity.draw_pictures(seeds)
    assert written["pictures"]["sha256"] == parity.digest(images)
    assert len(text.splitlines()) < 3 * (2 * parity.PICTURES + 30)  # one picture per line

    for kind in ("fp32", "int8"):
        path = models / f"tiny.{kind}.onnx"
        assert written["sha256"][kind] == hashlib.sha256(path.read_bytes()).hexdigest()
        found = predict_onnx(path, images)
        scaled = np.exp(found["logits"] / 0.5)
        np.testing.assert_allclose(written[kind]["probabilities"], scaled / scaled.sum(1, keepdims=True), atol=1e-5)
        scaled = np.exp(found["fer2013"] / 2)
        np.testing.assert_allclose(written[kind]["fer2013"], scaled / scaled.sum(1, keepdims=True), atol=1e-5)
        for head in ("reject", "covered"):
            np.testing.assert_allclose(written[kind][head], 1 / (1 + np.exp(-found[head][:, 0])), atol=1e-5)
    for key, values in written["pytorch"].items():
        np.testing.assert_allclose(values, written["fp32"][key], atol=parity.TOLERANCE)
    assert written["pytorch"] != written["int8"]


def test_pictures_near_a_tie_are_excluded_and_labels_take_turns():
    rng = np.random.default_rng(0)
    tied, sure = np.full(7, 1 / 7), np.eye(7) * 0.7 + 0.3 / 7
    rows = np.stack([tied, *(sure[0] + rng.normal(0, 0.01, 7) for _ in range(150)), *(sure[1] for _ in range(20))])
    chosen = parity.choose_clear(rows)
    assert 0 not in chosen
    assert chosen == sorted(chosen)
    assert len(chosen) == parity.PICTURES
    assert sum(row > 150 for row in chosen) == 20  # every picture of the rare label


def test_a_file_of_another_run_and_a_missing_card_are_refused_in_one_line(models, capsys, monkeypatch):
    monkeypatch.setattr(parity, "load_device_net", lambda _: FourHeads(seed=1))
    assert parity.main(["other.pt", "--models", str(models), "--name", "tiny"]) == 2
    assert parity.main(["run.pt", "--models", str(models), "--name", "absent"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert re.match(r"error: \S+tiny\.fp32\.onnx: differs from other\.pt by up to 0\.\d+ of a probability", first)
    assert second == f"error: {models / 'absent.json'}: no such card; write it with mien_training.card"
    assert not (models / "tiny.parity.json").exists()
    (models / "bad.json").write_text("{")
    with pytest.raises(DataError, match="is not a card"):
        parity.write_parity(models / "run.pt", models, "bad")


def test_every_card_has_reference_outputs():
    cards = [path.stem for path in sorted(MODELS.glob("*.json")) if "task" in json.loads(path.read_text())]
    assert cards == [path.name.removesuffix(".parity.json") for path in SHIPPED]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_reference_outputs_match_the_shipped_files(path):
    written = json.loads(path.read_text())
    card = json.loads((MODELS / f"{written['model']}.json").read_text())
    assert written["sha256"] == {kind: described["sha256"] for kind, described in card["files"].items()}
    images = parity.draw_pictures(written["pictures"]["seeds"])
    assert written["pictures"]["sha256"] == parity.digest(images)
    found = {
        kind: parity.describe(predict_onnx(MODELS / described["file"], images), card)
        for kind, described in card["files"].items()
    }
    assert set(found["fp32"]) == set(written["pytorch"])
    for key, values in found["fp32"].items():
        np.testing.assert_allclose(values, written["pytorch"][key], atol=parity.TOLERANCE, rtol=0)
    labels = np.argmax(written["pytorch"]["probabilities"], axis=1)
    assert (found["int8"]["probabilities"].argmax(axis=1) == labels).mean() >= 0.98

import dataclasses
import json

import numpy as np
import pytest
import torch

from mien_training import hard_classes, train
from mien_training.adjust import (
    adjust_apart,
    adjust_checkpoint,
    deal_folds,
    fit_biases,
    measure_macro_f1,
    point_to_hard,
    point_to_rare,
)
from mien_training.bootstrap import compare
from mien_training.checkpoint import load_checkpoint, load_device_net
from mien_training.data import LABELS
from mien_training.evaluate import predict
from mien_training.generate import name_synthetic, save_synthetic
from mien_training.hard_classes import REMEDIES, compare_remedies, spell
from mien_training.split import prepare


def draw_logits(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Faces, 2 % of them disgust, and logits of a network that predicts disgust too rarely."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(7, 6000, p=[0.16, 0.02, 0.16, 0.18, 0.16, 0.16, 0.16])
    logits = np.eye(7)[labels] * 2 + rng.standard_normal((6000, 7))
    logits[:, 1] -= 2.5
    return logits, labels


def test_biases_correct_a_class_that_is_predicted_too_rarely():
    logits, labels = draw_logits(1)
    biases = fit_biases(logits, labels, point_to_hard())
    assert biases[1] > 1
    assert set(np.flatnonzero(biases)) <= {1, 2}
    other, true = draw_logits(2)
    assert measure_macro_f1(other + biases, true) > measure_macro_f1(other, true) + 0.01
    rare = point_to_rare(labels)
    assert rare.sum() == pytest.approx(0)
    assert rare.argmax() == 1
    assert measure_macro_f1(other + fit_biases(logits, labels, rare), true) > measure_macro_f1(other, true) + 0.01


def test_biases_are_zero_if_they_do_not_help():
    labels = np.arange(700) % 7
    assert not fit_biases(np.eye(7)[labels] * 9, labels, point_to_hard()).any()


def test_the_cross_fitted_score_never_uses_a_face_to_fit_its_own_biases():
    logits, labels = (values[:700] for values in draw_logits(1))
    folds, apart = deal_folds(labels), adjust_apart(logits, labels, point_to_hard())
    for label in range(7):
        assert np.ptp(np.bincount(folds[labels == label], minlength=5)) <= 1
    first = folds == 0
    expected = fit_biases(logits[~first], labels[~first], point_to_hard())
    np.testing.assert_allclose(apart[first] - logits[first], np.tile(expected, (first.sum(), 1)))
    own = logits + fit_biases(logits, labels, point_to_hard())
    assert measure_macro_f1(apart, labels) < measure_macro_f1(own, labels)


def test_adjusted_network_has_the_biases_in_its_last_layer(preset_file, preset, archive, tmp_path):
    assert train.main([str(preset_file), "--data", str(archive), "--out", str(tmp_path), "--stop-after", "1"]) == 0
    split, before, after = prepare(preset, archive), tmp_path / "checkpoint.pt", tmp_path / "adjusted.pt"
    biases = adjust_checkpoint(before, split, point_to_hard(), after)
    assert load_checkpoint(after)["adjusted"] == biases
    old, new = (predict(load_device_net(path), split.test.images)["logits"] for path in (before, after))
    np.testing.assert_allclose(new - old, np.tile(list(biases.values()), (len(old), 1)), atol=1e-4)


def test_differences_are_paired_and_averaged_over_seeds():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 7, 600)
    wrong = (labels + 1) % 7
    plain = np.where(rng.random(600) < 0.5, labels, wrong)
    better = np.where((labels == 1) & (rng.random(600) < 0.9), labels, plain)
    runs = [
        {"remedy": name, "seed": seed, "calibrationError": 0, "called": {"validation": spell(c), "test": spell(c)}}
        for name, seed, c in (("plain", 1, plain), ("plain", 2, plain), ("weight-1", 1, better), ("weight-1", 2, plain))
    ]
    result = compare_remedies(runs, {"validation": labels, "test": labels})
    first, second = result["rows"]
    assert (first["remedy"], second["remedy"], result["chosen"]) == ("plain", "weight-1", "weight-1")
    assert "difference" not in first
    assert first["test"]["accuracy"]["value"] == pytest.approx((plain == labels).mean())
    found = second["difference"]["test"]
    single = compare(labels, plain, better, LABELS, seed=1)
    assert found["disgustRecall"]["value"] == pytest.approx(single["recall"]["disgust"]["difference"] / 2, abs=1e-5)
    assert found["accuracy"]["interval"] == pytest.approx([v / 2 for v in single["accuracy"]["interval"]], abs=0.003)
    assert found["disgustRecall"]["interval"][0] > 0
    assert found["fearRecall"] == {"value": 0, "interval": [0, 0]}


def test_the_comparison_continues_after_an_interruption(
    preset_file, preset, archive, votes, tmp_path, monkeypatch, capsys
):
    chosen = [remedy for remedy in REMEDIES if remedy.name in ("plain", "sample-1", "synthetic", "adjust-hard")]
    monkeypatch.setattr(hard_classes, "REMEDIES", chosen)
    preset_file.write_text(preset_file.read_text().replace("epochs: 12", "epochs: 2"))
    rng = np.random.default_rng(1)
    made = name_synthetic(rng.integers(0, 256, (8, 48, 48), dtype=np.uint8), np.array([1, 2] * 4))
    save_synthetic(tmp_path / "made.npz", made, preset.data)
    out = tmp_path / "results"
    words = ["--preset", str(preset_file), "--data", str(archive), "--votes", str(votes), "--seeds", "1"]
    words += ["--runs", str(tmp_path / "runs"), "--out", str(out)]
    assert hard_classes.main(words) == 0
    assert "synthetic: left out" in capsys.readouterr().err
    names = {"plain-1.json", "sample-1-1.json", "adjust-hard-1.json", "comparison.json", "README.md"}
    assert {file.name for file in out.iterdir()} == names
    stamp = (out / "plain-1.json").stat().st_mtime_ns
    (out / "sample-1-1.json").unlink()
    assert hard_classes.main([*words, "--synthetic", str(tmp_path / "made.npz")]) == 0
    assert {file.name for file in out.iterdir()} == names | {"synthetic-1.json"}
    assert (out / "plain-1.json").stat().st_mtime_ns == stamp
    page, table = (out / "README.md").read_text(), json.loads((out / "comparison.json").read_text())
    assert [row["remedy"] for row in table["rows"]] == ["plain", "sample-1", "synthetic", "adjust-hard"]
    assert all(f"| {remedy.title} |" in page for remedy in chosen)
    assert page.count("on validation macro-F1 changes by") == 3
    net = load_device_net(tmp_path / "runs" / "plain-1" / "checkpoint.pt")
    called = predict(net, prepare(preset, archive).test.images)["logits"].argmax(axis=1)
    assert json.loads((out / "plain-1.json").read_text())["called"]["test"] == spell(called)
    preset_file.write_text(preset_file.read_text().replace("lr: 0.01", "lr: 0.02"))
    assert hard_classes.main(words) == 2
    assert "was written with another preset" in capsys.readouterr().err
    assert torch.get_num_threads() == 1
    assert dataclasses.asdict(preset)["name"] == "tiny"

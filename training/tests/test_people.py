"""Networks that answer for people: vote counts, targets and weights, and the converted initial weights."""

import numpy as np
import pytest
import torch

from mien_training.config import ConfigError, NetConfig, load_preset
from mien_training.data import LABELS, VOTE_COLUMNS, Faces
from mien_training.evaluate import VOTE_OF_LABEL
from mien_training.nets import ExpressionNet
from mien_training.people import count_people, make_targets
from mien_training.trainer.run import answer_for_people


def make_faces(*votes: dict[str, int], labels: list[int]) -> Faces:
    """Faces with these votes by column name."""
    counts = np.array([[row.get(name, 0) for name in VOTE_COLUMNS] for row in votes], dtype=np.uint8)
    images = np.zeros((len(labels), 48, 48), dtype=np.uint8)
    return Faces(images, np.array(labels), tuple(f"{n}.png" for n in range(len(labels))), counts)


def test_the_label_counts_as_extra_votes_if_one_person_agrees():
    faces = make_faces({"sadness": 6, "neutral": 4}, {"neutral": 10}, labels=[LABELS.index("neutral"), 0])
    counts = count_people(faces, label_voters=2)
    assert counts[0].tolist() == [0, 0, 0, 0, 6, 0, 6]
    assert counts[1].tolist() == [0, 0, 0, 0, 0, 0, 10]  # nobody voted for anger


def test_the_weight_of_a_face_is_its_share_of_votes_for_the_seven_labels():
    faces = make_faces({"happiness": 10}, {"happiness": 2, "unknown": 8}, labels=[3, 3])
    targets = make_targets(faces, label_voters=0, balance_power=0)
    assert targets.sum(axis=1) == pytest.approx([1.0, 0.2])


def test_rare_classes_weigh_more_and_the_mean_weight_is_unchanged():
    faces = make_faces(*[{"neutral": 10}] * 9, {"disgust": 10}, labels=[6] * 9 + [1])
    targets = make_targets(faces, label_voters=0, balance_power=0.5)
    assert targets[9, 1] / targets[0, 6] == pytest.approx(3.0)  # (0.9 / 0.1) ** 0.5
    assert targets.sum() / 10 == pytest.approx(1.0, abs=1e-3)


def test_a_network_for_people_starts_from_the_votes_head_and_keeps_the_label_head():
    config = NetConfig(kind="residual", widths=(8, 8), strides=(2,), crop=44)
    before = ExpressionNet(config, votes=True).state_dict()
    net = ExpressionNet(config, fer2013=True)
    net.load_state_dict(answer_for_people(before))
    assert torch.equal(net.heads["fer2013"].weight, before["heads.logits.weight"])
    assert torch.equal(net.heads["logits"].weight, before["heads.votes.weight"][list(VOTE_OF_LABEL)])


def test_presets_for_people_refuse_settings_of_label_networks(tmp_path):
    preset = tmp_path / "p.yaml"
    preset.write_text("name: p\nanswers: people\nadjust: rare\ntrain: {votes_weight: 0.5}\n")
    with pytest.raises(ConfigError, match=r"adjust: expected none.*train.votes_weight: expected 0"):
        load_preset(preset)
    preset.write_text("name: p\nanswers: everybody\n")
    with pytest.raises(ConfigError, match="answers: expected fer2013 or people, got 'everybody'"):
        load_preset(preset)

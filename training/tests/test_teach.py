import numpy as np
import pytest

from mien_training import teach, train
from mien_training.by_face import load_by_face, save_by_face
from mien_training.checkpoint import load_checkpoint, load_device_net
from mien_training.data import DataError, Faces
from mien_training.split import prepare
from mien_training.teach import VotesTeacher


def make_voted_faces(count: int) -> Faces:
    """Votes for fear mean the label fear or surprise, one half each; all other votes mean neutral."""
    rng = np.random.default_rng(4)
    afraid = rng.random(count) < 0.5
    votes = np.zeros((count, 10), np.uint8)
    votes[afraid, 6], votes[~afraid, 0] = 10, 10
    labels = np.where(afraid, np.where(rng.random(count) < 0.5, 2, 5), 6)
    return Faces(rng.integers(0, 256, (count, 48, 48), dtype=np.uint8), labels, tuple(map(str, range(count))), votes)


def test_votes_become_probabilities_of_labels():
    faces = make_voted_faces(4000)
    seen = np.exp(VotesTeacher(faces).read(faces))
    afraid = faces.votes[:, 6] == 10
    assert seen[afraid][:, [2, 5]].mean(axis=0) == pytest.approx([0.5, 0.5], abs=0.03)
    assert seen[~afraid][:, 6].min() > 0.97


def test_soft_targets_are_found_by_face(tmp_path):
    faces = make_voted_faces(20)
    soft_targets = {"logits": np.random.default_rng(0).random((20, 7)).astype(np.float32)}
    save_by_face(tmp_path / "soft_targets.npz", faces, soft_targets)
    order = np.arange(20)[::-1]
    found = load_by_face(tmp_path / "soft_targets.npz", faces.take(order))
    np.testing.assert_array_equal(found["logits"], soft_targets["logits"][order])
    other = make_voted_faces(30).take(np.arange(25, 30))
    with pytest.raises(DataError, match="lacks 5 of 5 training faces"):
        load_by_face(tmp_path / "soft_targets.npz", other)
    (tmp_path / "text.npz").write_text("text")
    with pytest.raises(DataError, match="is not a file of soft targets"):
        load_by_face(tmp_path / "text.npz", faces)


def test_a_network_teaches_another_through_a_file(preset_file, preset, archive, votes, tmp_path, capsys):
    data = ["--data", str(archive), "--votes", str(votes)]
    assert teach.main(["--preset", str(preset_file), "--data", str(archive), "--out", str(tmp_path / "x.npz")]) == 2
    assert "give checkpoints, or --votes" in capsys.readouterr().err
    text = preset_file.read_text()
    preset_file.write_text(text.replace("lr: 0.01", "lr: 0.01, votes_weight: 0.1"))
    assert train.main([str(preset_file), *data, "--out", str(tmp_path / "teacher"), "--stop-after", "8"]) == 0
    checkpoint, soft_targets = tmp_path / "teacher" / "checkpoint.pt", tmp_path / "soft_targets.npz"
    capsys.readouterr()
    words, kept = ["--preset", str(preset_file), *data, "--out", str(soft_targets)], tmp_path / "kept"
    assert teach.main([str(checkpoint), *words, "--keep", str(kept)]) == 0
    printed = capsys.readouterr().out
    assert "on validation teacher " in printed
    # The stored outputs of the teacher teach the same as the teacher.
    assert teach.main([str(kept / f"{preset.name}.npz"), *words]) == 0
    assert capsys.readouterr().out.split()[-1] == printed.split()[-1]
    assert teach.main([str(checkpoint), str(kept / f"{preset.name}.npz"), *words]) == 0
    assert "together " + printed.split()[-1] in capsys.readouterr().out
    split = prepare(preset, archive, votes)
    found = load_by_face(soft_targets, split.train)
    assert found["votes"].shape == (len(split.train), 10)
    assert found["logits"].sum(axis=1) == pytest.approx(np.ones(len(split.train)), abs=2e-3)
    assert load_device_net(checkpoint).outputs == ("logits", "votes")
    preset_file.write_text(text.replace("lr: 0.01", "lr: 0.01, teacher_weight: 1.0"))
    student = ["--out", str(tmp_path / "student"), "--teacher", str(soft_targets), "--stop-after", "1"]
    assert train.main([str(preset_file), *data, *student]) == 0


def test_a_run_starts_from_the_weights_of_another(preset_file, archive, tmp_path, capsys):
    words = [str(preset_file), "--data", str(archive), "--stop-after"]
    first, second = tmp_path / "first", tmp_path / "second"
    assert train.main([*words, "12", "--out", str(first)]) == 0
    assert train.main([*words, "1", "--out", str(second), "--start", str(first / "checkpoint.pt")]) == 0
    assert load_checkpoint(second / "checkpoint.pt")["log"][0]["validation_accuracy"] > 0.8
    preset_file.write_text(preset_file.read_text().replace("widths: [4, 8, 8]", "widths: [4, 8, 4]"))
    words = [*words, "1", "--out", str(tmp_path / "third"), "--start", str(first / "checkpoint.pt")]
    assert train.main(words) == 2
    assert "holds another kind or size of network" in capsys.readouterr().err

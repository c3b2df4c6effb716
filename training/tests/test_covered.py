import numpy as np
import pytest

from mien_training import covered, train
from mien_training.checkpoint import load_checkpoint, load_device_net
from mien_training.coverings import cover_faces, hold_hand, hold_thing, paint_beside, wear_mask
from mien_training.evaluate import predict
from mien_training.export import export
from mien_training.split import prepare

MOUTH = np.s_[34:42, 18:30]  # rows and columns of a mouth in FER-2013
EYES = np.s_[14:20, 10:38]


@pytest.fixture
def faces():
    """Random brightness per pixel, so that every painted pixel differs."""
    return np.random.default_rng(0).integers(0, 256, (40, 48, 48), dtype=np.uint8)


def share_changed(before, after, place):
    return (before[place] != after[place]).mean()


@pytest.mark.parametrize("paint", [wear_mask, hold_hand, hold_thing])
def test_a_covering_hides_the_mouth(paint, faces):
    rng = np.random.default_rng(1)
    painted = [paint(face, rng) for face in faces]
    hidden = [share_changed(face, after, MOUTH) for face, after in zip(faces, painted, strict=True)]
    assert np.mean(hidden) > 0.85
    assert min(hidden) > 0.4


def test_paint_beside_the_mouth_leaves_eyes_and_mouth_free(faces):
    painted = paint_beside(faces, 2)
    for face, after in zip(faces, painted, strict=True):
        assert share_changed(face, after, EYES) < 0.1
        assert share_changed(face, after, MOUTH) < 0.1
    assert (painted != faces).any(axis=(1, 2)).mean() > 0.9


def test_coverings_are_seeded_and_differ(faces):
    covered_faces = cover_faces(faces, 3)
    assert covered_faces.shape == faces.shape
    assert covered_faces.dtype == np.uint8
    np.testing.assert_array_equal(covered_faces, cover_faces(faces, 3))
    same = cover_faces(np.repeat(faces[:1], 20, axis=0), 4)
    assert len({image.tobytes() for image in same}) == 20


def test_the_covered_head_is_learned_and_other_outputs_stay_the_same(
    preset_file, preset, archive, votes, tmp_path, capsys
):
    preset_file.write_text(preset_file.read_text() + "covered: {faces: 200, epochs: 40, false_share: 0.1}\n")
    data = ["--data", str(archive), "--votes", str(votes)]
    assert train.main([str(preset_file), *data, "--out", str(tmp_path / "run"), "--stop-after", "6"]) == 0
    before, after = tmp_path / "run" / "checkpoint.pt", tmp_path / "run" / "covered.pt"
    assert covered.main([str(before), "--preset", str(preset_file), *data, "--out", str(after)]) == 0
    assert "calls covered" in capsys.readouterr().out
    result = load_checkpoint(after)["covered"]
    assert result["facesAgreedOn"] <= 0.25
    assert result["masks"] > result["facesAgreedOn"] + 0.15
    images = prepare(preset, archive).test.images
    old, new = predict(load_device_net(before), images), predict(load_device_net(after), images)
    np.testing.assert_array_equal(old["logits"], new["logits"])
    assert new["covered"].shape == (len(images), 1)
    export(load_device_net(after), tmp_path / "net.onnx")

import numpy as np
import pytest
from PIL import Image

from mien_training import reject, train
from mien_training.checkpoint import load_checkpoint, load_device_net
from mien_training.data import DataError
from mien_training.evaluate import predict
from mien_training.negatives import degrade, draw_negatives, load_pictures
from mien_training.reject import choose_threshold
from mien_training.split import prepare


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(3)
    Image.fromarray(rng.integers(0, 256, (70, 90), dtype=np.uint8)).save(folder / "wide.png")
    Image.fromarray(rng.integers(0, 256, (20, 30, 4), dtype=np.uint8), "RGBA").save(folder / "small.png")
    return folder


def test_negatives_are_seeded_and_differ(pictures):
    faces = np.random.default_rng(0).integers(0, 256, (9, 48, 48), dtype=np.uint8)
    grey = load_pictures(pictures)
    assert all(min(picture.shape) >= 64 and picture.dtype == np.uint8 for picture in grey)
    made = draw_negatives(faces, grey, 60, 1)
    assert made.shape == (60, 48, 48)
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(made, draw_negatives(faces, grey, 60, 1))
    assert len(np.unique(made.reshape(60, -1), axis=0)) > 55
    assert not any((image == faces).all(axis=(1, 2)).any() for image in made)


def test_degraded_pictures_are_seeded_and_still_similar():
    face = np.zeros((48, 48), np.uint8)
    face[12:36, 12:36] = 200
    degraded = degrade(np.stack([face] * 40), 3)
    np.testing.assert_array_equal(degraded, degrade(np.stack([face] * 40), 3))
    alike = [np.corrcoef(image.ravel(), face.ravel())[0, 1] for image in degraded]
    assert min(alike) > 0.7
    assert len({image.tobytes() for image in degraded}) == 40


def test_without_a_folder_scikit_images_photos_are_used():
    assert len(load_pictures(None)) == 17


def test_unusable_pictures_are_named(tmp_path):
    with pytest.raises(DataError, match="holds no pictures"):
        load_pictures(tmp_path)
    (tmp_path / "text.png").write_text("text")
    with pytest.raises(DataError, match=r"text\.png: cannot be decoded"):
        load_pictures(tmp_path)


def test_the_threshold_rejects_the_configured_share_of_agreed_faces():
    votes = np.zeros((100, 10), np.uint8)
    votes[:50, 3] = 10  # agreed on: sadness
    votes[50:, 8] = 10  # unknown
    refusals = np.concatenate([np.linspace(0, 0.5, 50), np.full(50, 0.9)])
    threshold = choose_threshold(refusals, votes, 0.1)
    assert (refusals[:50] > threshold).mean() == pytest.approx(0.1, abs=0.02)


def test_the_reject_head_is_learned_and_other_outputs_stay_the_same(
    preset_file, preset, archive, votes, pictures, tmp_path, capsys
):
    preset_file.write_text(preset_file.read_text() + "reject: {negatives: 300, epochs: 40}\n")
    data = ["--data", str(archive), "--votes", str(votes)]
    assert train.main([str(preset_file), *data, "--out", str(tmp_path / "run"), "--stop-after", "6"]) == 0
    before, after = tmp_path / "run" / "checkpoint.pt", tmp_path / "run" / "refusing.pt"
    words = [str(before), "--preset", str(preset_file), *data, "--negatives", str(pictures), "--out", str(after)]
    assert reject.main(words) == 0
    assert "rejects" in capsys.readouterr().out
    result = load_checkpoint(after)["reject"]
    assert result["facesAgreedOn"] <= 0.1
    assert result["negatives"] > 0.5
    images = prepare(preset, archive).test.images
    old, new = predict(load_device_net(before), images), predict(load_device_net(after), images)
    np.testing.assert_array_equal(old["logits"], new["logits"])
    assert new["reject"].shape == (len(images), 1)
    assert (new["reject"] < 0).mean() > 0.8

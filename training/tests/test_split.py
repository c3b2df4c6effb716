import numpy as np
import pytest
from conftest import TEST_PER_CLASS, TRAIN_PER_CLASS

from mien_training.data import LABELS, DataError, Faces
from mien_training.readers.load import load_faces
from mien_training.split import hash_pixels, split_faces


@pytest.fixture
def splits(archive):
    return load_faces(archive)


def append(faces: Faces, image: np.ndarray, label: int, name: str) -> Faces:
    return Faces(np.concatenate([faces.images, image[None]]), np.append(faces.labels, label), (*faces.names, name))


def test_split_is_seeded(splits):
    first, again, other = (split_faces(splits, 0.25, seed).validation.names for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_split_is_stratified_and_complete(splits):
    split = split_faces(splits, 0.25, 1)
    for label in range(len(LABELS)):
        assert (split.validation.labels == label).sum() == TRAIN_PER_CLASS / 4
        assert (split.train.labels == label).sum() == TRAIN_PER_CLASS * 3 / 4
        assert (split.test.labels == label).sum() == TEST_PER_CLASS
    assert set(split.train.names) | set(split.validation.names) == set(splits["train"].names)


def test_no_side_holds_copies_of_another_side(splits):
    train = splits["train"]
    for index in range(0, len(train), 3):  # a third of the faces twice, some under another label
        train = append(train, train.images[index], int(train.labels[index] + index % 2) % 7, f"copy{index}.png")
    for index in range(5):
        train = append(train, splits["test"].images[index], int(splits["test"].labels[index]), f"leak{index}.png")
    split = split_faces({"train": train, "test": splits["test"]}, 0.2, 1)
    sides = [set(hash_pixels(side)) for side in (split.train, split.validation, split.test)]
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert not sides[1] & sides[2]
    assert len(sides[1]) == len(split.validation)
    assert split.copies_dropped == 5
    assert np.flatnonzero(split.copied).tolist() == [0, 1, 2, 3, 4]
    assert len(split.train) + len(split.validation) == len(train) - 5
    assert len(split.test) == len(splits["test"])


def test_too_few_faces_are_refused(splits):
    disgust = splits["train"].labels == LABELS.index("disgust")
    few = splits["train"].take(np.append(np.flatnonzero(~disgust), np.flatnonzero(disgust)[0]))
    with pytest.raises(DataError, match=r"too few distinct images of disgust \(1\)"):
        split_faces({"train": few, "test": splits["test"]}, 0.2, 1)

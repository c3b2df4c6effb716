from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from mien_training.augment import augment, change_light, erase
from mien_training.config import AugmentConfig

OFF = AugmentConfig(flip=0, shift=0, rotation=0, scale=0, light=0, erase=0)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def images():
    return torch.randint(0, 256, (16, 1, 48, 48), generator=seeded(9), dtype=torch.uint8)


@pytest.mark.parametrize("crop", [48, 44, 40])
def test_without_changes_the_result_is_the_device_crop(images, crop):
    edge = (48 - crop) // 2
    expected = images[:, :, edge : 48 - edge, edge : 48 - edge].float()
    torch.testing.assert_close(augment(images, OFF, crop, crop, seeded()), expected, atol=2e-3, rtol=0)


def test_flip_mirrors_left_and_right(images):
    flipped = augment(images, replace(OFF, flip=1.0), 48, 48, seeded())
    torch.testing.assert_close(flipped, images.float().flip(3), atol=2e-3, rtol=0)


def test_shift_moves_within_its_bound():
    image = torch.zeros(64, 1, 48, 48, dtype=torch.uint8)
    image[:, :, 22:26, 22:26] = 255
    moved = augment(image, replace(OFF, shift=0.1), 48, 48, seeded())
    grid = torch.arange(48.0) + 0.5
    columns = (moved.sum(2)[:, 0] * grid).sum(1) / moved.sum((1, 2, 3))
    offsets = columns - 24
    assert offsets.abs().max() <= 4.81
    assert offsets.max() > 3
    assert offsets.min() < -3


def test_each_image_changes_independently_and_by_seed(images):
    same = images[:1].repeat(8, 1, 1, 1)
    changed = augment(same, AugmentConfig(), 44, 44, seeded(4))
    assert changed.shape == (8, 1, 44, 44)
    assert changed.min() >= 0
    assert changed.max() <= 255
    assert len({face.numpy().tobytes() for face in changed}) == 8
    torch.testing.assert_close(augment(same, AugmentConfig(), 44, 44, seeded(4)), changed, atol=0, rtol=0)


def test_light_changes_contrast_and_brightness():
    faces = torch.full((32, 1, 8, 8), 128.0)
    faces[:, :, :4] = 100
    changed = change_light(faces, 0.2, seeded())
    gap = changed[:, :, 4:].mean((1, 2, 3)) - changed[:, :, :4].mean((1, 2, 3))
    assert gap.min() >= 28 * 0.8 - 1e-3
    assert gap.max() <= 28 * 1.2 + 1e-3
    assert gap.std() > 1
    assert changed.mean((1, 2, 3)).std() > 5


def test_erase_covers_one_small_rectangle_in_the_stated_share():
    faces = torch.full((400, 1, 44, 44), -1.0)
    covered = (erase(faces, 0.5, seeded()) >= 0)[:, 0]
    share = covered.float().mean((1, 2))
    assert 0.4 < (share > 0).float().mean() < 0.6
    assert share.max() < 0.3
    for mask in covered[share > 0][:20]:
        rows, columns = mask.any(1), mask.any(0)
        assert mask.sum() == rows.sum() * columns.sum()


def test_a_smaller_side_shows_the_same_part_of_the_face(images):
    small = augment(images, OFF, 44, 22, seeded())
    assert small.shape[-2:] == (22, 22)
    whole = augment(images, OFF, 44, 44, seeded())
    torch.testing.assert_close(F.avg_pool2d(whole, 2), small, atol=1e-2, rtol=0)

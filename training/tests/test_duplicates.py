"""Exact copies and near-copies: pairs, groups, and the limits of what counts as a copy."""

import numpy as np

from mien_training.analysis.copies import list_pairs
from mien_training.data import Faces
from mien_training.duplicates import find_near_pairs, group_copies, join_pairs


def test_near_pairs_are_found_without_misses_or_extras():
    rng = np.random.default_rng(1)
    base = rng.normal(128, 30, (6, 48, 48))
    mixed = np.concatenate(
        [base * (1 - w) + base[::-1] * w + rng.normal(0, 6, base.shape) for w in np.arange(0, 1, 0.1)]
    )
    images = np.clip(mixed, 0, 255).astype(np.uint8)
    images[7] = 90  # blank: correlates with nothing
    with np.errstate(invalid="ignore"):
        expected = np.triu(np.nan_to_num(np.corrcoef(images.reshape(len(images), -1))), 1)
    for least in (0.5, 0.8, 0.93):
        pairs, correlations = find_near_pairs(images, least)
        assert set(map(tuple, pairs.tolist())) == set(map(tuple, np.argwhere(expected >= least).tolist()))
        assert len(pairs) > 5
        np.testing.assert_allclose(correlations, expected[pairs[:, 0], pairs[:, 1]], atol=1e-5)


def test_pairs_are_found_across_blocks_of_rows(monkeypatch, pictures):
    monkeypatch.setattr("mien_training.duplicates.ROWS", 3)
    assert find_near_pairs(pictures)[0].tolist() == [[0, 7]]


def test_groups_join_along_chains_of_pairs():
    groups = join_pairs(7, np.array([[0, 3], [5, 6], [3, 5]]))
    assert [sorted(np.flatnonzero(groups == group).tolist()) for group in np.unique(groups)] == [
        [0, 3, 5, 6],
        [1],
        [2],
        [4],
    ]
    assert list_pairs(np.array([4, 1, 4, 2, 4])).tolist() == [[0, 2], [0, 4], [2, 4]]


def test_one_changed_grey_level_makes_a_different_picture(pictures):
    images = pictures[[0, 0, 0]]
    images[2, 5, 5] ^= 1
    groups = group_copies(Faces(images, np.zeros(3, np.int64), ("a", "b", "c")))
    assert groups[0] == groups[1]
    assert groups[0] != groups[2]

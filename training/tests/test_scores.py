import numpy as np
import pytest

from mien_training.calibrate import compute_calibration_error, compute_probabilities, fit_temperature
from mien_training.data import VOTE_COLUMNS
from mien_training.evaluate import find_strict_majority, score


def test_score_matches_a_table_worked_out_by_hand():
    labels = np.array([0, 0, 0, 1, 1, 3])
    predicted = np.array([0, 0, 1, 1, 3, 3])
    result = score(labels, np.eye(7)[predicted])
    assert result["n"] == 6
    assert result["accuracy"] == pytest.approx(4 / 6, abs=1e-6)
    assert result["recall"]["angry"] == pytest.approx(2 / 3, abs=1e-6)
    assert result["precision"]["angry"] == 1
    assert result["f1"]["angry"] == pytest.approx(0.8)
    assert result["precision"]["disgust"] == 0.5
    assert result["recall"]["disgust"] == 0.5
    assert result["precision"]["happy"] == 0.5
    assert result["recall"]["happy"] == 1
    assert result["macroF1"] == pytest.approx((0.8 + 0.5 + 2 / 3) / 7, abs=1e-6)
    assert result["confusion"][0] == [2, 1, 0, 0, 0, 0, 0]
    assert result["confusion"][1] == [0, 1, 0, 1, 0, 0, 0]


def test_strict_majority_follows_fer_plus():
    def vote(**counts):
        return [counts.get(name, 0) for name in VOTE_COLUMNS]

    votes = np.array(
        [
            vote(happiness=9, neutral=1),
            vote(anger=5, neutral=4, fear=1),  # 5 of the 9 that count
            vote(anger=5, neutral=5),  # no majority
            vote(contempt=8, neutral=2),  # not one of the seven
            vote(NF=10),
            vote(neutral=1, fear=1),  # only outliers
            vote(disgust=6, sadness=4),
        ],
        dtype=np.uint8,
    )
    labels, mask = find_strict_majority(votes)
    assert mask.tolist() == [True, True, False, False, False, False, True]
    assert labels[mask].tolist() == [3, 0, 1]


@pytest.mark.parametrize("true_temperature", [0.5, 2.5])
def test_temperature_of_sampled_labels_is_found(true_temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (20_000, 7))
    probabilities = compute_probabilities(logits, true_temperature)
    labels = (probabilities.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    found = fit_temperature(logits, labels)
    assert found == pytest.approx(true_temperature, rel=0.03)
    assert compute_calibration_error(compute_probabilities(logits, found), labels) < 0.015
    assert compute_calibration_error(compute_probabilities(logits, true_temperature / 3), labels) > 0.05

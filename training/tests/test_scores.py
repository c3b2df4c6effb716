import numpy as np
import pytest

from mien_training.bootstrap import compare, estimate_intervals
from mien_training.calibrate import (
    compute_brier_score,
    compute_calibration_error,
    compute_coverage,
    compute_probabilities,
    compute_reliability,
    fit_temperature,
)
from mien_training.data import VOTE_COLUMNS
from mien_training.evaluate import VOTE_OF_EXPRESSION, find_strict_majority, score
from mien_training.scores import compute_sigmoid, rank


def test_scores_match_a_table_computed_by_hand():
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
            vote(anger=5, neutral=4, fear=1),  # 5 of the 9 counted votes
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
def test_the_temperature_of_sampled_labels_is_found(true_temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (20_000, 7))
    probabilities = compute_probabilities(logits, true_temperature)
    labels = (probabilities.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    found = fit_temperature(logits, labels)
    assert found == pytest.approx(true_temperature, rel=0.03)
    assert compute_calibration_error(compute_probabilities(logits, found), labels) < 0.015
    assert compute_calibration_error(compute_probabilities(logits, true_temperature / 3), labels) > 0.05


def test_contempt_is_an_expression_but_not_one_of_the_seven_labels():
    votes = np.zeros((2, len(VOTE_COLUMNS)), dtype=np.uint8)
    votes[0, VOTE_COLUMNS.index("contempt")] = 8
    votes[1, VOTE_COLUMNS.index("neutral")] = 8
    assert find_strict_majority(votes, VOTE_OF_EXPRESSION)[1].all()
    assert find_strict_majority(votes)[1].tolist() == [False, True]


# Four faces, three classes; confidence .9 right, .6 wrong, .6 right, .5 right.
PROBABILITIES = np.array([[0.9, 0.1, 0], [0.6, 0.3, 0.1], [0.2, 0.6, 0.2], [0.5, 0.25, 0.25]])
TRUTH = np.array([0, 1, 1, 0])


def test_reliability_and_brier_score_match_a_table_computed_by_hand():
    found = compute_reliability(PROBABILITIES, TRUTH, bins=5)
    assert found.faces.tolist() == [0, 0, 1, 2, 1]
    assert found.hits.tolist() == [0, 0, 1, 1, 1]
    assert found.confidence == pytest.approx([0, 0, 0.5, 1.2, 0.9])
    assert compute_calibration_error(PROBABILITIES, TRUTH, bins=5) == pytest.approx((0.5 + 0.2 + 0.1) / 4)
    assert compute_brier_score(PROBABILITIES, TRUTH) == pytest.approx((0.02 + 0.86 + 0.24 + 0.375) / 4)
    assert compute_brier_score(np.eye(3)[[1, 2]], np.array([0, 1])) == 2


def test_accuracy_over_coverage_does_not_depend_on_the_order_of_ties():
    curve = compute_coverage(PROBABILITIES, TRUTH)
    assert curve.accuracy == pytest.approx([1, 1.5 / 2, 2 / 3, 3 / 4])  # of the two at .6 one is right
    assert curve.confidence.tolist() == [0.9, 0.6, 0.6, 0.5]
    assert curve.area == pytest.approx((1 + 0.75 + 2 / 3 + 0.75) / 4)
    order = [3, 2, 1, 0]
    assert compute_coverage(PROBABILITIES[order], TRUTH[order]).accuracy == pytest.approx(curve.accuracy)


CLASSES = ("a", "b", "c")


@pytest.fixture(scope="module")
def predictions():
    """Labels of 600 faces, and the predictions of two networks with mostly the same errors."""
    rng = np.random.default_rng(5)
    labels = rng.choice(3, 600, p=[0.6, 0.3, 0.1])
    first = np.where(rng.random(600) < 0.7, labels, rng.integers(0, 3, 600))
    second = np.where(rng.random(600) < 0.9, first, labels)
    return labels, first, second


def draw_faces(statistic, *arrays):
    """The usual bootstrap: draw faces, and score each draw."""
    rng = np.random.default_rng(11)
    draws = (rng.integers(0, len(arrays[0]), len(arrays[0])) for _ in range(1500))
    return np.percentile([statistic(*(values[index] for values in arrays)) for index in draws], [2.5, 97.5])


def test_intervals_equal_those_of_the_usual_bootstrap(predictions):
    labels, first, _ = predictions
    found = estimate_intervals(labels, first, CLASSES, seed=1)
    assert found == estimate_intervals(labels, first, CLASSES, seed=1)
    assert found != estimate_intervals(labels, first, CLASSES, seed=2)
    accuracy = draw_faces(lambda t, p: (t == p).mean(), labels, first)
    assert found["accuracy"] == pytest.approx(accuracy, abs=0.006)
    rarest = draw_faces(lambda t, p: (p[t == 2] == 2).mean(), labels, first)
    assert found["recall"]["c"] == pytest.approx(rarest, abs=0.02)
    macro = draw_faces(lambda t, p: score(t, np.eye(3)[p], CLASSES)["macroF1"], labels, first)
    assert found["macroF1"] == pytest.approx(macro, abs=0.008)


def test_a_class_without_faces_has_no_interval(predictions):
    labels, first, second = predictions
    four = (*CLASSES, "d")
    assert estimate_intervals(labels, first, four, seed=1)["recall"]["d"] == [None, None]
    assert compare(labels, first, second, four, seed=1)["recall"]["d"] == {"difference": None, "interval": [None, None]}


def test_paired_differences_equal_those_of_the_usual_bootstrap(predictions):
    labels, first, second = predictions
    found = compare(labels, first, second, CLASSES, seed=1)
    right = first == labels, second == labels
    assert found["accuracy"]["difference"] == pytest.approx(right[1].mean() - right[0].mean(), abs=1e-6)
    assert found["onlySecondRight"] - found["onlyFirstRight"] == right[1].sum() - right[0].sum()
    drawn = draw_faces(lambda t, a, b: (b == t).mean() - (a == t).mean(), labels, first, second)
    assert found["accuracy"]["interval"] == pytest.approx(drawn, abs=0.004)
    recall = draw_faces(lambda t, a, b: (b[t == 1] == 1).mean() - (a[t == 1] == 1).mean(), labels, first, second)
    assert found["recall"]["b"]["interval"] == pytest.approx(recall, abs=0.008)
    single = estimate_intervals(labels, first, CLASSES, seed=1)["accuracy"]
    assert np.ptp(found["accuracy"]["interval"]) < 0.6 * np.ptp(single)  # common errors make the pairing narrower
    turned = compare(labels, second, first, CLASSES, seed=1)
    assert turned["macroF1"]["difference"] == -found["macroF1"]["difference"]
    assert compare(labels, first, first, CLASSES, seed=1)["accuracy"] == {"difference": 0, "interval": [0, 0]}


def test_rank_counts_pairs():
    higher, lower = np.array([0.9, 0.5, 0.5]), np.array([0.5, 0.1])
    pairs = [(a > b) + 0.5 * (a == b) for a in higher for b in lower]
    assert rank(higher, lower) == pytest.approx(np.mean(pairs))
    assert compute_sigmoid(np.array([0.0, 3.0, -1000.0, 1000.0])) == pytest.approx([0.5, 1 / (1 + np.exp(-3)), 0, 1])

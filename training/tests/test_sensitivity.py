"""The operating points: offsets that reach a recall of neutral, and their effect on other labels."""

import numpy as np
import pytest
from test_people import make_faces

from mien_training.data import LABELS, DataError, Faces
from mien_training.sensitivity import (
    NEUTRAL,
    POINTS,
    describe_choice,
    describe_points,
    find_offset,
    measure,
)

SAD = LABELS.index("sad")


def draw_logits(count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Half of the faces are neutral, half sad; the scores of both overlap."""
    rng = np.random.default_rng(5)
    labels = np.repeat([NEUTRAL, SAD], count // 2)
    logits = np.full((count, len(LABELS)), -9.0)
    logits[:, NEUTRAL] = rng.normal(0, 1, count) + (labels == NEUTRAL)
    logits[:, SAD] = rng.normal(0, 1, count) + (labels == SAD)
    return logits, labels


@pytest.mark.parametrize("recall", [0.7, 0.88, 0.95])
def test_the_smallest_offset_reaches_the_recall_of_neutral(recall):
    logits, labels = draw_logits()
    offset = find_offset(logits, labels, recall)
    reached = measure(logits, labels, offset, below=0.5)["neutralRecall"]
    less = measure(logits, labels, offset - 0.02, below=0.5)["neutralRecall"]
    assert less < recall <= reached


def test_neutral_faces_with_unpleasant_labels_are_counted_and_the_limit_hides_some():
    probabilities = np.full((3, 7), 0.01)
    probabilities[0, NEUTRAL], probabilities[1, SAD], probabilities[2, SAD] = 0.94, 0.94, 0.45
    probabilities[2, NEUTRAL] = 0.44
    found = measure(np.log(probabilities), np.full(3, NEUTRAL), 0.0, below=0.5)
    assert found["calmUnpleasant"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["calmNamedUnpleasant"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["uncertain"] == pytest.approx(1 / 3, abs=1e-4)


def test_calm_has_a_higher_recall_of_neutral_than_expressive():
    logits, labels = draw_logits()
    votes = {NEUTRAL: {"neutral": 10}, SAD: {"sadness": 10}}
    faces = make_faces(*[votes[label] for label in labels], labels=labels.tolist())
    points = describe_points(logits, faces, temperature=1.0)
    assert list(points) == list(POINTS)
    assert points["balanced"]["offsets"] == {}
    choice = describe_choice(logits, faces, {"temperature": 1.0, "sensitivity": points})
    recalls = [choice["points"][name]["neutralRecall"] for name in ("calm", "expressive")]
    assert recalls[0] >= POINTS["calm"].neutral_recall > recalls[1]
    assert [row["neutralRecall"] for row in choice["curve"]] == sorted(row["neutralRecall"] for row in choice["curve"])


def test_operating_points_need_votes():
    faces = Faces(np.zeros((1, 48, 48), np.uint8), np.zeros(1, np.int64), ("a.png",))
    with pytest.raises(DataError, match="give --votes"):
        describe_points(np.zeros((1, 7)), faces, 1.0)

"""95 % confidence intervals of scores, and of the difference of two networks on the same faces, by bootstrap.

The scores depend only on counts (faces of class a that were predicted as b). Drawing N faces with replacement makes
these counts multinomial, so the counts are drawn instead of faces: the same distribution, a hundred times faster.
"""

from __future__ import annotations

import numpy as np

RESAMPLES = 2000
LEVEL = 0.95


def count_confusion(labels: np.ndarray, *predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts of faces by label and by prediction of each network: int [classes, classes, ...], one axis per network."""
    cells = np.zeros((classes,) * (1 + len(predicted)), dtype=np.int64)
    np.add.at(cells, (labels, *predicted), 1)
    return cells


def compute_rates(confusion: np.ndarray) -> dict[str, np.ndarray]:
    """Accuracy [...], macro-F1 [...] and recall [..., K] of confusion matrices [..., K, K], rows true.

    The recall of a class without faces is NaN; its F1 is 0, as in `evaluate.score`.
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    true, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    return {
        "accuracy": hits.sum(axis=-1) / true.sum(axis=-1),
        "macroF1": (2 * hits / np.maximum(true + predicted, 1)).mean(axis=-1),
        "recall": np.where(true > 0, hits / np.maximum(true, 1), np.nan),
    }


def estimate_intervals(
    labels: np.ndarray, predicted: np.ndarray, classes: tuple[str, ...], seed: int, resamples: int = RESAMPLES
) -> dict:
    """95 % intervals [low, high] of accuracy, macro-F1 and each class's recall; `labels`, `predicted` int [N]."""
    cells = count_confusion(labels, predicted, classes=len(classes))
    rates = compute_rates(_resample(cells, seed, resamples))
    ends = {key: [_round(end) for end in _find_ends(rates[key])] for key in ("accuracy", "macroF1")}
    recall = zip(classes, _find_ends(rates["recall"]), strict=True)
    return ends | {"recall": {name: [_round(end) for end in pair] for name, pair in recall}}


def compare(
    labels: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    classes: tuple[str, ...],
    seed: int,
    resamples: int = RESAMPLES,
) -> dict:
    """Second minus first: {"difference": x, "interval": [low, high]} of accuracy, macro-F1 and each class's recall.

    Paired: each resample draws faces with the predictions of both networks. All three arrays are int [N].
    """
    cells = count_confusion(labels, first, second, classes=len(classes))
    observed, drawn = (_subtract(c) for c in (cells, _resample(cells, seed, resamples)))
    right = first == labels, second == labels
    result = {"faces": len(labels), "onlyFirstRight": int((right[0] & ~right[1]).sum())}
    result["onlySecondRight"] = int((~right[0] & right[1]).sum())
    for key, values in observed.items():
        ends = _find_ends(drawn[key])
        if key == "recall":
            result[key] = {name: _pair(*both) for name, *both in zip(classes, values, ends, strict=True)}
        else:
            result[key] = _pair(values, ends)
    return result


def _pair(value: float, ends: np.ndarray) -> dict:
    return {"difference": _round(value), "interval": [_round(end) for end in ends]}


def _subtract(cells: np.ndarray) -> dict[str, np.ndarray]:
    """Rates of the second network minus those of the first; `cells` [..., label, first, second]."""
    first, second = compute_rates(cells.sum(axis=-1)), compute_rates(cells.sum(axis=-2))
    return {key: second[key] - first[key] for key in first}


def _resample(cells: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """Counts of `resamples` draws of as many faces, [resamples, *cells.shape]."""
    total = cells.sum()
    drawn = np.random.default_rng(seed).multinomial(total, cells.ravel() / total, size=resamples)
    return drawn.reshape(resamples, *cells.shape)


def _find_ends(values: np.ndarray) -> np.ndarray:
    """Percentile interval over the first axis, [..., 2]; resamples without a face of the class are ignored."""
    tail = 100 * (1 - LEVEL) / 2
    absent = np.isnan(values).all(axis=0)
    ends = np.nanpercentile(np.where(absent, 0.0, values), [tail, 100 - tail], axis=0)
    return np.moveaxis(np.where(absent, np.nan, ends), 0, -1)


def _round(value: float) -> float | None:
    """Round to six decimals; None instead of NaN, because JSON has no NaN."""
    return None if np.isnan(value) else round(float(value), 6)

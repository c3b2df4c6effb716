"""The page of the comparison of remedies for rare classes, rendered from comparison.json."""

from __future__ import annotations

SCORES = {
    "accuracy": "accuracy",
    "macroF1": "macro-F1",
    "disgustRecall": "recall of disgust",
    "disgustPrecision": "precision of disgust",
    "fearRecall": "recall of fear",
    "fearPrecision": "precision of fear",
}


def render_page(result: dict) -> str:
    """Render the page."""
    rows, test, validation = result["rows"], result["testFaces"], result["validationFaces"]
    chosen = next(row for row in rows if row["remedy"] == result["chosen"])
    return "\n".join(
        [
            "# The rare classes: remedies for disgust and fear\n",
            f"The preset [{result['preset']}](../../configs/{result['preset']}.yaml) trained with one remedy at a "
            "time, compared with the same preset without one. The network is small and the schedule short, so only the "
            "differences matter. Written by `python -m mien_training.hard_classes`; all figures are in "
            "[comparison.json](comparison.json).\n",
            f"Chosen on the validation side ({validation['all']:,} faces, {validation['disgust']} of disgust and "
            f"{validation['fear']} of fear) by macro-F1: **{chosen['title']}**. The tables below show the test side, "
            f"FER-2013's PublicTest ({test['all']:,} faces, {test['disgust']} of disgust and {test['fear']} of fear). "
            "It was not used for the choice.\n",
            "## Scores, %\n",
            _render_scores(rows),
            "## Differences to the preset without a remedy, points\n",
            _render_differences(rows),
            "## Effect of each remedy\n",
            *[_judge(row) for row in rows if "difference" in row],
            _explain(result),
        ]
    )


def _render_scores(rows: list[dict]) -> str:
    lines = [["remedy", "seeds", "validation macro-F1", *SCORES.values(), "ECE"]]
    for row in rows:
        own = _interval(row["validation"]["macroF1"])
        cells = [_interval(row["test"][key]) for key in SCORES]
        lines.append([row["title"], str(len(row["seeds"])), own, *cells, f"{row['calibrationError']:.3f}"])
    return _table(lines)


def _render_differences(rows: list[dict]) -> str:
    lines = [["remedy", *SCORES.values()]]
    for row in rows:
        if "difference" in row:
            lines.append([row["title"], *(_interval(row["difference"]["test"][key], "+") for key in SCORES)])
    return _table(lines)


def _judge(row: dict) -> str:
    """One sentence: the scores that changed by more than chance."""
    up, down = [], []
    for key, name in SCORES.items():
        found = row["difference"]["test"][key]
        low, high = found["interval"]
        if low > 0 or high < 0:
            (up if low > 0 else down).append(f"{name} by {abs(100 * found['value']):.1f}")
    parts = [f"raises {_list(up)}"] if up else []
    parts += [f"lowers {_list(down)}"] if down else []
    validation = 100 * row["difference"]["validation"]["macroF1"]["value"]
    effect = " and ".join(parts) if parts else "changes nothing by more than chance"
    return f"- **{row['title'].capitalize()}** {effect}; on validation macro-F1 changes by {validation:+.1f}."


def _explain(result: dict) -> str:
    return f"""
## How to read this page

- Each figure is the mean over the seeds. Differences are to the runs of the same seeds without a remedy. [low, high] is
  the {result["level"]:.0%} interval of a bootstrap over the faces ({result["resamples"]} draws). It is paired: each
  draw takes a face with the predictions of all runs. The interval covers the choice of faces, not of seeds;
  comparison.json has validation macro-F1 by seed.
- Each remedy has six scores on one test side. By chance, one of twenty intervals without an effect excludes 0.
- *Class weighting* multiplies a face's loss by (1 / share of its class) ^ power. *Balanced sampling* draws the face
  more often by this factor (`train.balance`). *Synthetic faces* come from the generator of the same preset
  (`python -m mien_training.generate`) and make an epoch longer by their number.
- *Logit adjustment* (Menon et al. 2021) needs no training. It adds the same biases to the plain network's logits for
  every face, fitted by macro-F1 on the validation side. The biases follow the logarithm of each class's share, or are
  free for disgust and fear. The validation score is cross-fitted: each fifth of the faces gets biases from the others.
- *ECE*: expected calibration error of the test side, with the temperature of the validation side.
- The labels describe which apparent expression people saw in a picture, not what the person felt.
"""


def _table(lines: list[list[str]]) -> str:
    head, *rows = lines
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *rows]) + "\n"


def _interval(found: dict, sign: str = "") -> str:
    value, (low, high) = found["value"], found["interval"]
    return f"{100 * value:{sign}.1f} [{100 * low:{sign}.1f}, {100 * high:{sign}.1f}]"


def _list(items: list[str]) -> str:
    return ", ".join(items[:-1]) + " and " + items[-1] if len(items) > 1 else items[0]

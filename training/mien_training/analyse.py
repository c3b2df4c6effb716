"""Analyse the data set: `python -m mien_training.analyse --data D --votes V --out DIR` writes a page and charts."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .analysis.copies import describe_agreement, describe_groups, describe_sizes, list_conflicts, list_pairs
from .analysis.gathered import Gathered, count_classes, gather
from .analysis.light import describe_pictures
from .analysis.votes import compare_votes, compute_entropy
from .data import LABELS, DataError, Problem
from .duplicates import MIN_CORRELATION
from .errors import in_one_line
from .readers.load import load_faces

MAX_LISTED = 50  # names of unusable files


def analyse(gathered: Gathered, problems: list[Problem]) -> dict:
    """All numbers of the page, ready for JSON."""
    near_pairs = np.array([pair[:2] for pair in gathered.near_pairs], dtype=np.int64).reshape(-1, 2)
    result = {
        "splits": gathered.names,
        "counts": {name: count_classes(gathered, gathered.splits == name) for name in gathered.names},
        "unusable": {"count": len(problems), "first": [f"{p.name} {p.reason}" for p in problems[:MAX_LISTED]]},
        "copies": describe_groups(gathered, gathered.copies)
        | {"conflicts": list_conflicts(gathered, gathered.copies)}
        | {"agreement": describe_agreement(gathered, list_pairs(gathered.copies))},
        "nearCopies": describe_groups(gathered, gathered.near)
        | {"leastCorrelation": MIN_CORRELATION, "agreement": describe_agreement(gathered, near_pairs)},
        "sizes": {
            "copies": describe_sizes(gathered, gathered.copies),
            "nearCopies": describe_sizes(gathered, gathered.near),
        },
        "pictures": {name: describe_pictures(gathered.faces.take(gathered.splits == name)) for name in gathered.names}
        | {label: describe_pictures(gathered.faces.take(gathered.faces.labels == i)) for i, label in enumerate(LABELS)},
    }
    if gathered.winners is not None:
        result["votes"] = {name: compare_votes(gathered, gathered.splits == name) for name in gathered.names}
        result["votes"]["all"] = compare_votes(gathered, np.ones(len(gathered.faces), dtype=bool))
    return result


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.analyse", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv: also compare its votes with the labels")
    parser.add_argument("--out", type=Path, required=True, help="folder for README.md, analysis.json and the charts")
    parser.add_argument("--pictures", action="store_true", help="also draw contact sheets, into OUT/pictures")
    parser.add_argument("--examples", type=int, default=48, metavar="N", help="faces per contact sheet (default: 48)")
    parser.add_argument("--seed", type=int, default=2013, help="chooses the examples of each class")
    parser.add_argument(
        "--max-bad-share", type=float, default=0.01, help="maximum share of unusable files (default: 0.01)"
    )
    options = parser.parse_args(arguments)
    _attempt(options.out, lambda: options.out.mkdir(parents=True, exist_ok=True))
    problems: list[Problem] = []
    gathered = gather(load_faces(options.data, options.votes, options.max_bad_share, problems))
    result = {"data": options.data.name, "votesFile": options.votes and options.votes.name}
    result |= analyse(gathered, problems)
    _attempt(options.out, lambda: write(options.out, result, gathered))
    if options.pictures:
        _attempt(options.out, lambda: draw_pictures(options.out, gathered, options.examples, options.seed))
    print(options.out / "README.md")
    return 0


def write(folder: Path, result: dict, gathered: Gathered) -> None:
    """Write analysis.json, the charts and the page that shows both; no picture of a face."""
    from .analysis.charts import draw_charts  # matplotlib takes seconds to import
    from .analysis.page import render

    (folder / "analysis.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    entropy = None if gathered.winners is None else compute_entropy(gathered.faces.votes)
    draw_charts(result, gathered.faces.labels, entropy, folder)
    (folder / "README.md").write_text(render(result), encoding="utf-8")


def draw_pictures(folder: Path, gathered: Gathered, examples: int, seed: int) -> None:
    """Draw the contact sheets into a folder that git ignores, wherever it is."""
    from .analysis.sheets import draw_sheets

    pictures = folder / "pictures"
    pictures.mkdir(exist_ok=True)
    (pictures / ".gitignore").write_text("# Faces of people: do not commit.\n*\n", encoding="utf-8")
    for path in draw_sheets(gathered, pictures, examples, np.random.default_rng(seed)):
        print(path)


def _attempt(folder: Path, action: Callable[[], None]) -> None:
    try:
        action()
    except OSError as error:
        raise DataError(f"{folder}: cannot be written: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())

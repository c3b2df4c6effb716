"""The page of the analysis, rendered from analysis.json alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from ..data import LABELS
from .light import BRIGHT, DARK, FAINT, FLAT_LINES, FLAT_SPAN


def render(result: dict) -> str:
    """Render Markdown; it shows the charts in the same folder."""
    with_votes = "votes" in result
    given = f"--data {result['data']}" + (f" --votes {result['votesFile']}" if with_votes else "")
    lines = [
        f"# Class analysis of {result['data']}",
        "",
        *_paragraph(
            f"Written by `python -m mien_training.analyse {given} --out DIR`; the same numbers are in "
            "[analysis.json](analysis.json). With `--pictures` the command also draws contact sheets of the faces into "
            "`DIR/pictures/`. They show people, so git ignores them."
        ),
        *_show_counts(result),
        *_show_copies(result),
        *_show_near_copies(result),
        *_show_sizes(result),
        *(_show_votes(result) if with_votes else ()),
        *_show_pictures(result),
    ]
    return "\n".join(lines) + "\n"


def _show_counts(result: dict) -> Iterator[str]:
    counts = result["counts"]
    yield from ("", "## Faces of each class", "")
    yield from _table(
        ["", *(text for split in counts for text in (split, "share"))],
        [
            [
                label,
                *(t for of in counts.values() for t in (f"{of[label]:,}", _percent(of[label] / max(1, of["all"])))),
            ]
            for label in (*LABELS, "all")
        ],
    )
    unusable = result["unusable"]
    yield from ("", "![faces of each class](counts.png)", "")
    if not unusable["count"]:
        yield "No file was missing, corrupt, blank or in the wrong place."
        return
    yield f"{unusable['count']:,} files or rows were missing, corrupt, blank or in the wrong place, among them:"
    yield ""
    yield from (f"- {text}" for text in unusable["first"])


def _show_copies(result: dict) -> Iterator[str]:
    copies = result["copies"]
    yield from ("", "## Exact copies", "", "Faces whose 48x48 pixels are all equal.", "")
    yield from _show_groups(copies)
    yield from _show_agreement(copies["agreement"], "exact copies")
    if copies["conflicts"]:
        yield from ("", "The pictures with different labels are listed in analysis.json under `copies.conflicts`.")


def _show_near_copies(result: dict) -> Iterator[str]:
    near = result["nearCopies"]
    yield from ("", "## Near-copies", "")
    yield from _paragraph(
        "The same photograph, saved, lightened or cropped again: pixels with a correlation of at least "
        f"{near['leastCorrelation']} ({near['agreement']['pairs']:,} pairs of different pictures; all pairs are "
        "compared). Crops that are shifted by more than about one pixel, rotated or mirrored are not found, so these "
        "are lower bounds. Exact copies are included."
    )
    yield ""
    yield from _show_groups(near)
    yield from _show_agreement(near["agreement"], "near-copies")


def _show_groups(groups: dict) -> Iterator[str]:
    rows = [(name, side) for name, side in groups["inside"].items()]
    rows += [("all splits together", groups["all"])] if len(rows) > 1 else []
    keys = (
        "pictures",
        "pictures that repeat",
        "faces of those",
        "pictures with different labels",
        "faces with different labels",
    )
    yield from _table(
        ["inside", "faces", *keys], [[name, *(f"{side[key]:,}" for key in ("faces", *keys))] for name, side in rows]
    )
    if not groups["across"]:
        return
    yield ""
    rows = []
    for pair, shared in groups["across"].items():
        first, second = pair.split("/")
        faces = f"{shared[first]:,} of {first}, {shared[second]:,} of {second}"
        rows.append(
            [f"{first} and {second}", f"{shared['pictures']:,}", faces, f"{shared['pictures with different labels']:,}"]
        )
    yield from _table(["across", "pictures in both", "faces of those", "pictures with different labels"], rows)


def _show_agreement(agreement: dict, things: str) -> Iterator[str]:
    """One sentence: how often two copies of a picture have the same label and the same votes."""
    if not agreement["pairs"]:
        return
    text = f"Of {agreement['pairs']:,} pairs of {things}, {_percent(agreement['same label'])} have the same label"
    if "same votes" in agreement:
        same = _percent(agreement["same majority"])
        text += (
            f"; where both have a strict majority of votes, {same} of {agreement['pairs with a majority each']:,} agree"
        )
        if agreement["same votes"] == 1:
            text += ". All have identical votes: each picture was voted on once, so these are not independent"
    yield from ("", *_paragraph(text + "."))


def _show_sizes(result: dict) -> Iterator[str]:
    yield from ("", "## Sizes without copies", "")
    yield "Each row removes more than the row above it."
    titles = {"copies": "exact copies", "nearCopies": "near-copies too"}
    for split in result["splits"]:
        rows = []
        for kind, title in titles.items():
            steps = list(result["sizes"][kind][split].items())
            for step, counts in steps if kind == "copies" else steps[1:]:
                name = step if step == "all" else f"{title}: {step}"
                rows.append([name, *(f"{counts[label]:,}" for label in (*LABELS, "all"))])
        yield ""
        yield from _table([split, *LABELS, "all"], rows)


def _show_votes(result: dict) -> Iterator[str]:
    votes = result["votes"]
    whole = votes["all"]["classes"]
    yield from ("", "## FER-2013's labels and FER+'s votes", "")
    yield "FER+'s strict majority: single votes do not count, and the winner needs more than half of the others."
    yield ""
    matrix = votes["all"]["matrix"]
    yield from _table(
        ["label \\ majority", *matrix["columns"], "all"],
        [
            [label, *(f"{count:,}" for count in counts), f"{sum(counts):,}"]
            for label, counts in zip(LABELS, matrix["counts"], strict=True)
        ],
    )
    yield from ("", "![FER-2013's labels against FER+'s majorities](agreement.png)", "")
    splits = [name for name in result["splits"] if len(result["splits"]) > 1]
    yield from _table(
        [
            "",
            "faces",
            "majority is the label",
            *(f"in {split}" for split in splits),
            "majority is one of the seven",
            "of those it is the label",
        ],
        [
            [
                label,
                f"{of['faces']:,}",
                _percent(of["majority is the label"]),
                *(_percent(votes[split]["classes"][label]["majority is the label"]) for split in splits),
                _percent(of["majority is one of the seven"]),
                _percent(of["of those it is the label"]),
            ]
            for label, of in whole.items()
        ],
    )
    yield from ("", "Agreement of the ten voters: entropy in bits, 0 if all agree.", "")
    yield from _table(
        ["", "mean entropy", "median", *(f"{kind} votes" for kind in ("contempt", "unknown", "NF"))]
        + [f"faces with {kind}" for kind in ("unknown", "NF")],
        [
            [
                label,
                f"{of['entropy']['mean']:.2f}",
                f"{of['entropy']['median']:.2f}",
                *(_percent(of["votes"][kind], 2) for kind in ("contempt", "unknown", "NF")),
                *(f"{of['faces with such votes'][kind]:,}" for kind in ("unknown", "NF")),
            ]
            for label, of in whole.items()
        ],
    )
    yield from ("", "NF: not a face. ![entropy of the votes](entropy.png)")


def _show_pictures(result: dict) -> Iterator[str]:
    yield from ("", "## Light and edges", "")
    yield from _paragraph(
        "Brightness and contrast are mean and standard deviation of a picture's grey, 0..255: medians, and in brackets "
        f"the range of 5 to 95 % of the pictures. Dark: brightness below {DARK}; bright: above {BRIGHT}; faint: "
        f"contrast below {FAINT}. An edge is flat where at least {FLAT_LINES} lines of pixels lie within {FLAT_SPAN} "
        "grey levels: a bar or a plain background."
    )
    yield ""
    yield from _table(
        ["", "faces", "brightness", "contrast", "dark", "bright", "faint", "flat edge", "flat at opposite edges"],
        [
            [
                name,
                f"{of['faces']:,}",
                *(f"{of[k]['median']:.0f} ({of[k]['p5']:.0f}-{of[k]['p95']:.0f})" for k in ("brightness", "contrast")),
                *(f"{of[key]:,}" for key in ("dark", "bright", "faint", "flat edge", "flat at opposite edges")),
            ]
            for name, of in result["pictures"].items()
        ],
    )


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "---:|" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False)


def _percent(share: float, digits: int = 1) -> str:
    return f"{share:.{digits}%}"

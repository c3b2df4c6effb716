"""Contact sheets: faces with their names and labels below, for visual inspection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..data import LABELS, SIDE, VOTE_COLUMNS
from ..evaluate import VOTE_OF_LABEL
from .copies import find_conflicts
from .gathered import NO_MAJORITY, Gathered
from .light import FLAT_LINES, measure_flat_edges, measure_light

ZOOM = 2
GAP = 12  # pixels
HEAD = 50  # pixels above the first row
LINE = 14  # pixels a line of text takes
WIDTH = 1350  # pixels, about, of a sheet
SHORT = {"happiness": "happy", "sadness": "sad", "anger": "angry"}  # short names fit below a face
VOTES_LEGEND = "FER+'s most frequent vote; ? means no strict majority"


@dataclass(frozen=True)
class Cell:
    """One entry of a sheet: one or several faces, and lines of text."""

    images: list[np.ndarray]  # uint8 [48, 48] each
    lines: list[str]


def draw_sheets(gathered: Gathered, folder: Path, examples: int, rng: np.random.Generator) -> Iterator[Path]:
    """Draw every sheet that is not empty, and yield its path."""
    legend = "file; label, split" + ("" if gathered.winners is None else f"; {VOTES_LEGEND}")
    for name, title, cells in _plan(gathered, examples, rng):
        if cells:
            path = folder / f"{name}.png"
            draw_sheet(title, legend, cells).save(path)
            yield path


def _plan(gathered: Gathered, examples: int, rng: np.random.Generator) -> Iterator[tuple[str, str, list[Cell]]]:
    """(name of the file, title, cells) of each sheet."""
    faces = gathered.faces
    for index, label in enumerate(LABELS):
        of_class = np.flatnonzero(faces.labels == index)
        chosen = np.sort(rng.choice(of_class, min(examples, len(of_class)), replace=False))
        title = f"{label}: {len(chosen)} of {len(of_class):,} faces, drawn at random"
        yield f"class-{label}", title, [_show_face(gathered, i) for i in chosen]
    conflicts = find_conflicts(gathered, gathered.copies)
    shown = [_show_copies(gathered, members) for members in conflicts[:examples]]
    title = f"Exact copies with different labels: {len(shown)} of {len(conflicts)} pictures"
    yield "conflicts", title, shown
    yield from _plan_near_copies(gathered, examples)
    yield from _plan_light(gathered, examples)
    if gathered.winners is not None:
        yield from _plan_votes(gathered, examples, rng)


def _plan_near_copies(gathered: Gathered, examples: int) -> Iterator[tuple[str, str, list[Cell]]]:
    """The least similar pairs, which show whether the bound is too low, and the pairs with different labels."""
    pairs = gathered.near_pairs
    yield (
        "near-copies",
        f"The {examples // 2} least similar near-copies of {len(pairs):,} pairs",
        [_show_pair(gathered, *pair) for pair in pairs[len(pairs) - min(len(pairs), examples // 2) :]],
    )
    labels = gathered.faces.labels
    differing = [pair for pair in pairs if labels[pair[0]] != labels[pair[1]]]
    shown = [_show_pair(gathered, *pair) for pair in differing[: examples // 2]]
    yield "near-conflicts", f"Near-copies with different labels: {len(shown)} of {len(differing):,} pairs", shown


def _plan_light(gathered: Gathered, examples: int) -> Iterator[tuple[str, str, list[Cell]]]:
    brightness, contrast = measure_light(gathered.faces.images)
    top, bottom, left, right = measure_flat_edges(gathered.faces.images)
    flat = np.maximum(np.minimum(top, bottom), np.minimum(left, right))
    quarter = max(1, examples // 4)
    for name, order, values in (
        ("darkest", np.argsort(brightness), brightness),
        ("brightest", np.argsort(-brightness), brightness),
        ("faintest", np.argsort(contrast), contrast),
    ):
        cells = [_show_face(gathered, i, f"{values[i]:.0f}") for i in order[:quarter]]
        yield name, f"The {len(cells)} {name} pictures", cells
    found = [i for i in np.argsort(-flat, kind="stable")[:examples] if flat[i] >= FLAT_LINES]
    cells = [_show_face(gathered, i, f"{flat[i]} px") for i in found]
    yield "edges", f"Pictures that are flat at opposite edges, the {len(cells)} widest", cells


def _plan_votes(gathered: Gathered, examples: int, rng: np.random.Generator) -> Iterator[tuple[str, str, list[Cell]]]:
    """Faces on which FER+ contradicts the label most clearly, and faces with votes for NF, unknown or contempt."""
    faces, votes = gathered.faces, gathered.faces.votes.astype(np.int64)
    own = votes[np.arange(len(faces)), np.array(VOTE_OF_LABEL)[faces.labels]]
    in_seven = np.isin(gathered.winners, VOTE_OF_LABEL)
    gap = np.where(in_seven, votes.max(axis=1) - own, 0)
    yield _plan_top(gathered, "disagreement", "FER+ contradicts the label most clearly", "lead", gap, examples, rng)
    for column, name, title in (
        ("NF", "not-a-face", "Most votes for NF, not a face"),
        ("unknown", "unknown", "Most votes for unknown"),
        ("contempt", "contempt", "Most votes for contempt"),
    ):
        yield _plan_top(gathered, name, title, column, votes[:, VOTE_COLUMNS.index(column)], examples, rng)


def _plan_top(
    gathered: Gathered, name: str, title: str, unit: str, score: np.ndarray, examples: int, rng: np.random.Generator
) -> tuple[str, str, list[Cell]]:
    """Highest scores above 0 first; ties are in random order, not in the order of the file."""
    order = np.lexsort((rng.random(len(score)), -score))
    chosen = [i for i in order[:examples] if score[i] > 0]
    cells = [_show_face(gathered, i, f"{unit} {score[i]}") for i in chosen]
    return name, f"{title}: {len(cells)} of {int((score > 0).sum()):,}", cells


def _show_face(gathered: Gathered, index: int, *more: str) -> Cell:
    return Cell([gathered.faces.images[index]], [*_describe(gathered, index), *more])


def _show_copies(gathered: Gathered, members: np.ndarray) -> Cell:
    return Cell([gathered.faces.images[members[0]]], [line for i in members for line in _describe(gathered, i)])


def _show_pair(gathered: Gathered, first: int, second: int, correlation: float) -> Cell:
    images = [gathered.faces.images[i] for i in (first, second)]
    texts = zip(_describe(gathered, first), _describe(gathered, second), strict=True)
    return Cell(images, ["\t".join(pair) for pair in texts] + [f"correlation {correlation:.3f}"])


def _describe(gathered: Gathered, index: int) -> list[str]:
    """File name, split and label, and the votes."""
    faces = gathered.faces
    lines = [PurePosixPath(faces.names[index]).stem, f"{LABELS[faces.labels[index]]}, {gathered.splits[index]}"]
    if gathered.winners is None:
        return lines
    column = int(faces.votes[index].argmax())
    name = SHORT.get(VOTE_COLUMNS[column], VOTE_COLUMNS[column])
    sign = "?" if gathered.winners[index] == NO_MAJORITY else ""
    return [*lines, f"{faces.votes[index][column]} {name}{sign}"]


def draw_sheet(title: str, legend: str, cells: list[Cell]) -> Image.Image:
    """A grid of cells, wide enough for the widest and as high as needed."""
    face = SIDE * ZOOM
    wide = max(len(cell.images) for cell in cells) * (face + 4) + GAP
    high = face + LINE * max(len(cell.lines) for cell in cells) + GAP
    columns = max(1, min(len(cells), WIDTH // wide))
    rows = -(-len(cells) // columns)
    sheet = Image.new("L", (max(columns * wide, 480) + GAP, rows * high + HEAD), 255)
    draw = ImageDraw.Draw(sheet)
    small, large = ImageFont.load_default(11), ImageFont.load_default(16)
    draw.text((GAP, 8), title, fill=0, font=large)
    draw.text((GAP, 28), legend, fill=90, font=small)
    for place, cell in enumerate(cells):
        left, top = GAP + place % columns * wide, HEAD + place // columns * high
        for offset, image in enumerate(cell.images):
            picture = Image.fromarray(image).resize((face, face), Image.Resampling.LANCZOS)
            sheet.paste(picture, (left + offset * (face + 4), top))
        for line, text in enumerate(cell.lines):
            for offset, column in enumerate(text.split("\t")):
                spot = (left + offset * (face + 4), top + face + 1 + LINE * line)
                draw.text(spot, column, fill=0, font=small)
    return sheet

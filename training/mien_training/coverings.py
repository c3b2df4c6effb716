"""Faces with a covered mouth, and faces with paint beside the mouth, drawn on faces of 48 x 48 pixels.

Positions are those of FER-2013, as measured in configs/registration.json: eyes in row 17, nose in row 29, mouth in
row 38, cheeks at columns 6 and 42.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .data import SIDE
from .negatives import Rng, draw_texture, resize

FINE = 4  # shapes are painted at this multiple of the face's size and then reduced, for smooth edges
Points = list[tuple[float, float]]


def cover_faces(faces: np.ndarray, seed: int) -> np.ndarray:
    """Seeded copies of uint8 [N, 48, 48] with a mask, a hand or an object over each mouth."""
    rng = np.random.default_rng(seed)
    painters: list[tuple[float, Callable[[np.ndarray, Rng], np.ndarray]]] = [
        (0.6, wear_mask),
        (0.25, hold_hand),
        (0.15, hold_thing),
    ]
    chosen = rng.choice(len(painters), len(faces), p=[share for share, _ in painters])
    return np.stack([painters[index][1](face, rng) for face, index in zip(faces, chosen, strict=True)])


def paint_beside(faces: np.ndarray, seed: int) -> np.ndarray:
    """Seeded copies with the same paint in places that hide neither mouth nor eyes.

    They are the negatives of `cover_faces`: without them a network learns to detect paint.
    """
    rng = np.random.default_rng(seed)
    return np.stack([lay_beside(face, rng) for face in faces])


def wear_mask(face: np.ndarray, rng: Rng) -> np.ndarray:
    """Draw a mask from ear to ear with its upper edge on the nose; sometimes with folds and straps."""
    left, right = 5 + rng.normal(0, 2.0), 42 + rng.normal(0, 2.0)
    middle = 23.5 + rng.normal(0, 2.0)
    bridge, cheek = 25 + rng.normal(0, 2.2), 28 + rng.normal(0, 2.2)
    chin, jaw = 50 + rng.normal(0, 3.0), 41 + rng.normal(0, 2.5)
    outline = [
        (left, cheek),
        ((left + middle) / 2, (cheek + bridge) / 2 + rng.normal(0, 0.7)),
        (middle, bridge),
        ((right + middle) / 2, (cheek + bridge) / 2 + rng.normal(0, 0.7)),
        (right, cheek),
        (right - rng.uniform(0, 3), jaw),
        (middle + rng.uniform(4, 12), chin),
        (middle - rng.uniform(4, 12), chin),
        (left + rng.uniform(0, 3), jaw),
    ]
    cloth = draw_cloth(rng)
    if rng.random() < 0.5:
        cloth = fold(cloth, rng)
    worn = lay_over(face, outline, cloth, rng)
    if rng.random() < 0.4:
        worn = draw_straps(worn, (left, right), cheek, jaw, rng)
    return worn


def hold_hand(face: np.ndarray, rng: Rng) -> np.ndarray:
    """Draw fingers or a palm over mouth and nose, in the brightness of the face."""
    skin = float(np.median(face[22:32, 8:40])) * rng.uniform(0.8, 1.2)
    shade = draw_cloth(rng, level=skin, contrast=rng.uniform(5, 25))
    if rng.random() < 0.4:
        centre = (23.5 + rng.normal(0, 2), 38 + rng.normal(0, 2))
        reach = (rng.uniform(11, 17), rng.uniform(9, 14))
        return lay_over(face, draw_oval(centre, reach, rng.uniform(-0.6, 0.6)), shade, rng)
    return lay_fingers(face, shade, rng)


def lay_fingers(face: np.ndarray, shade: np.ndarray, rng: Rng) -> np.ndarray:
    """Draw three to five adjacent fingers from one side or from below, each with a dark rim."""
    angle = rng.choice([0.0, np.pi, -np.pi / 2]) + rng.uniform(-0.5, 0.5)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    width, count = rng.uniform(4.5, 7), int(rng.integers(3, 6))
    centre = np.array([23.5 + rng.normal(0, 2), 37 + rng.normal(0, 2)])
    for finger in range(count):
        axis = centre + across * (finger - (count - 1) / 2) * width
        tip, root = axis + along * rng.uniform(9, 15), axis - along * rng.uniform(20, 30)
        rim = [tuple(axis + along * s + across * t) for s, t in round_bar(tip - axis, root - axis, along, width * 0.56)]
        inner = [
            tuple(axis + along * s + across * t) for s, t in round_bar(tip - axis, root - axis, along, width * 0.44)
        ]
        face = lay_over(face, rim, shade * rng.uniform(0.45, 0.8), rng, soft=0.6)
        face = lay_over(face, inner, shade, rng, soft=0.6)
    return face


def round_bar(tip: np.ndarray, root: np.ndarray, along: np.ndarray, half: float) -> Points:
    """Outline of a finger in its coordinates (along, across): a bar with a round tip."""
    end, start = float(tip @ along), float(root @ along)
    arc = [(end + half * np.cos(a), half * np.sin(a)) for a in np.linspace(np.pi / 2, -np.pi / 2, 9)]
    return [(start, half), *arc, (start, -half)]


def hold_thing(face: np.ndarray, rng: Rng) -> np.ndarray:
    """Draw a scarf, a cup, a telephone or a sheet over the mouth."""
    kind = rng.choice(["scarf", "box", "oval"])
    if kind == "scarf":
        left, right = 28 + rng.normal(0, 2.5), 28 + rng.normal(0, 2.5)
        outline = [(-2, left), (SIDE / 2, (left + right) / 2 + rng.uniform(0, 4)), (50, right), (50, 50), (-2, 50)]
        return lay_over(face, outline, fold(draw_cloth(rng), rng), rng)
    centre = (23.5 + rng.normal(0, 2.5), 38 + rng.normal(0, 2))
    reach = (rng.uniform(10, 20), rng.uniform(8, 14))
    draw = draw_oval if kind == "oval" else draw_box
    return lay_over(face, draw(centre, reach, rng.uniform(-0.5, 0.5)), draw_cloth(rng), rng)


def lay_beside(face: np.ndarray, rng: Rng) -> np.ndarray:
    """Cover the forehead, an edge or a cheek; mouth and eyes stay visible."""
    kind = rng.choice(["forehead", "side", "chin", "spot"])
    if kind == "forehead":
        low = rng.uniform(4, 10)
        outline: Points = [(-2, -2), (50, -2), (50, low + rng.normal(0, 1.5)), (-2, low + rng.normal(0, 1.5))]
    elif kind == "chin":
        high = rng.uniform(44, 47)
        outline = [(-2, 50), (50, 50), (50, high + rng.normal(0, 1)), (-2, high + rng.normal(0, 1))]
    elif kind == "side":
        edge = rng.uniform(3, 8)
        outline = [(-2, rng.uniform(-2, 25)), (edge, rng.uniform(0, 25)), (edge, rng.uniform(30, 50)), (-2, 50)]
    else:
        outline = draw_oval((rng.uniform(4, 11), rng.uniform(24, 34)), (rng.uniform(2, 5), rng.uniform(2, 5)), 0)
    if rng.random() < 0.5:
        outline = [(SIDE - x, y) for x, y in outline]
    cloth = draw_cloth(rng)
    return lay_over(face, outline, fold(cloth, rng) if rng.random() < 0.3 else cloth, rng)


def draw_oval(centre: tuple[float, float], reach: tuple[float, float], turn: float) -> Points:
    """Outline of an ellipse."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return [_turn(centre, reach[0] * np.cos(a), reach[1] * np.sin(a), turn) for a in angles]


def draw_box(centre: tuple[float, float], reach: tuple[float, float], turn: float) -> Points:
    """Outline of a rectangle."""
    return [_turn(centre, reach[0] * x, reach[1] * y, turn) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


def _turn(centre: tuple[float, float], x: float, y: float, turn: float) -> tuple[float, float]:
    cos, sin = np.cos(turn), np.sin(turn)
    return centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos


def draw_cloth(rng: Rng, level: float | None = None, contrast: float | None = None) -> np.ndarray:
    """Grey float [192, 192] of cloth or skin: one brightness, lit from one side, sometimes with a pattern."""
    large = SIDE * FINE
    level = rng.choice([rng.uniform(15, 60), rng.uniform(60, 180), rng.uniform(180, 250)]) if level is None else level
    light = rng.normal(0, 15, 2)
    row, column = np.mgrid[:large, :large] / large - 0.5
    round_shade = -rng.uniform(0, 120) * column**2
    contrast = (rng.uniform(0, 12) if rng.random() < 0.7 else rng.uniform(12, 90)) if contrast is None else contrast
    pattern = resize(draw_texture(rng), large) / 255 - 0.5
    return level + light[0] * row + light[1] * column + round_shade + contrast * pattern


def fold(cloth: np.ndarray, rng: Rng) -> np.ndarray:
    """Add slightly bent folds to a cloth."""
    large = len(cloth)
    row, column = np.mgrid[:large, :large] / large
    bend = rng.normal(0, 0.2) * (column - 0.5) ** 2
    folds = np.sin((row + bend + rng.normal(0, 0.1) * column) * 2 * np.pi * rng.uniform(4, 12) + rng.uniform(0, 6))
    return cloth - rng.uniform(5, 30) * np.clip(folds, 0, 1) ** 2


def draw_straps(face: np.ndarray, ends: tuple[float, float], cheek: float, jaw: float, rng: Rng) -> np.ndarray:
    """Draw the straps of a mask from its corners to the ears."""
    picture = Image.fromarray(face).resize((SIDE * FINE, SIDE * FINE), Image.Resampling.BILINEAR)
    brush, grey = ImageDraw.Draw(picture), int(rng.choice([rng.uniform(10, 60), rng.uniform(190, 250)]))
    for start, ear in zip(ends, (-2.0, 50.0), strict=True):
        for height in (cheek, jaw):
            goal = (ear * FINE, (20 + rng.normal(0, 3)) * FINE)
            brush.line([(start * FINE, height * FINE), goal], fill=grey, width=int(rng.integers(2, 6)))
    return resize(np.asarray(picture))


def lay_over(face: np.ndarray, outline: Points, cloth: np.ndarray, rng: Rng, soft: float | None = None) -> np.ndarray:
    """The face uint8 [48, 48] with `cloth` float [192, 192] inside the outline (pixels of the face), edge softened."""
    large = SIDE * FINE
    shape = Image.new("L", (large, large))
    ImageDraw.Draw(shape).polygon([(x * FINE, y * FINE) for x, y in outline], fill=255)
    radius = FINE * (rng.uniform(0.1, 0.7) if soft is None else soft)
    inside = np.asarray(shape.filter(ImageFilter.GaussianBlur(radius)).resize((SIDE, SIDE), Image.Resampling.BOX)) / 255
    laid = resize(cloth.clip(0, 255).astype(np.uint8)).astype(np.float64)
    laid += rng.normal(0, rng.uniform(0, 5), laid.shape)
    return (face * (1 - inside) + laid * inside).clip(0, 255).astype(np.uint8)

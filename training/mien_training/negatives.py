"""Generated pictures without a face, like false detections, so that no further data set is needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, UnidentifiedImageError
from torch.nn import functional as F

from .data import IMAGE_SUFFIXES, SIDE, DataError

# Free pictures without a frontal face that come with scikit-image (skimage/data/README.txt: public domain or CC0).
PHOTOS = (
    *("brick", "cell", "chelsea", "clock_motion", "coffee", "coins", "color", "grass", "gravel", "horse", "ihc"),
    *("logo", "moon", "motorcycle_left", "motorcycle_right", "page", "text"),
)

Rng = np.random.Generator
Maker = Callable[[Rng], np.ndarray]


def draw_negatives(faces: np.ndarray, pictures: list[np.ndarray], count: int, seed: int) -> np.ndarray:
    """Seeded mixture uint8 [count, 48, 48]: windows of pictures, parts and junctions of faces, hands and textures.

    `faces` uint8 [N, 48, 48]; `pictures` grey uint8 [H, W] of any size, larger than 48 on both sides.
    """
    rng = np.random.default_rng(seed)
    makers: list[tuple[float, Maker]] = [
        (0.15, lambda r: take_part(_pick(faces, r), r)),
        (0.15, lambda r: join_corners(faces[r.integers(len(faces), size=4)], r)),
        (0.08, lambda r: scramble(_pick(faces, r), r)),
        (0.04, lambda r: np.rot90(_pick(faces, r), 2)),
        (0.13, draw_hand),
        (0.15, draw_texture),
    ]
    if pictures:
        makers.append((0.30, lambda r: take_window(pictures[r.integers(len(pictures))], r)))
    shares = np.array([share for share, _ in makers])
    chosen = rng.choice(len(makers), count, p=shares / shares.sum())
    return np.stack([makers[index][1](rng) for index in chosen])


def load_pictures(folder: Path | None) -> list[np.ndarray]:
    """Read grey pictures of a folder and its subfolders, or scikit-image's photos; raises DataError for a bad file."""
    if folder is None:
        import skimage.data  # takes seconds to import

        files = [Path(skimage.data.__file__).parent / f"{name}.png" for name in PHOTOS]
    else:
        files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
        if not files:
            raise DataError(f"{folder}: holds no pictures; expected .png or .jpg files without a face")
    return [read_grey(path) for path in files]


def read_grey(path: Path) -> np.ndarray:
    """Grey uint8 [H, W], enlarged so that both sides have at least 64 pixels."""
    try:
        with Image.open(path) as picture:
            grey = picture.convert("RGBA")
            paper = Image.new("RGBA", grey.size, "white")
            grey = Image.alpha_composite(paper, grey).convert("L")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: cannot be decoded as an image") from error
    scale = max(1.0, 64 / min(grey.size))
    return np.asarray(grey.resize((round(grey.width * scale), round(grey.height * scale))))


def _pick(faces: np.ndarray, rng: Rng) -> np.ndarray:
    return faces[rng.integers(len(faces))]


def resize(image: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Resize uint8 [H, W] to [side, side], with antialiasing."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(image)).resize((side, side), Image.Resampling.BILINEAR))


def take_window(picture: np.ndarray, rng: Rng) -> np.ndarray:
    """A square window of random place and size."""
    side = int(np.exp(rng.uniform(np.log(24), np.log(min(picture.shape)))))
    top, left = (int(rng.integers(length - side + 1)) for length in picture.shape)
    window = resize(picture[top : top + side, left : left + side])
    return window[:, ::-1] if rng.random() < 0.5 else window


def take_part(face: np.ndarray, rng: Rng) -> np.ndarray:
    """A small part of a face (an eye, hair, a mouth), enlarged to a whole picture."""
    side = int(rng.integers(9, 20))
    top, left = rng.integers(SIDE - side + 1, size=2)
    return resize(face[top : top + side, left : left + side])


def join_corners(faces: np.ndarray, rng: Rng) -> np.ndarray:
    """The junction of four faces, as in a box that misses all of them; `faces` [4, 48, 48]."""
    whole = np.block([[faces[0], faces[1]], [faces[2], faces[3]]])
    top, left = rng.integers(18, 31, size=2)
    return whole[top : top + SIDE, left : left + SIDE]


def scramble(face: np.ndarray, rng: Rng) -> np.ndarray:
    """The tiles of a face in random order."""
    tiles = int(rng.choice([3, 4]))
    side = SIDE // tiles
    grid = face.reshape(tiles, side, tiles, side).swapaxes(1, 2).reshape(-1, side, side)
    return grid[rng.permutation(len(grid))].reshape(tiles, tiles, side, side).swapaxes(1, 2).reshape(SIDE, SIDE)


def draw_texture(rng: Rng) -> np.ndarray:
    """Noise of several octaves, sometimes with stripes or an ellipse: like walls, cloth, leaves and lamps."""
    image = np.zeros((SIDE, SIDE))
    for octave in range(int(rng.integers(1, 6))):
        cells = min(2**octave + 1, SIDE)
        noise = torch.from_numpy(rng.standard_normal((1, 1, cells, cells)))
        grown = F.interpolate(noise, (SIDE, SIDE), mode="bicubic", align_corners=True)[0, 0].numpy()
        image += grown * 0.7**octave * rng.uniform(0.3, 1)
    row, column = np.mgrid[:SIDE, :SIDE] / SIDE
    if rng.random() < 0.3:
        angle = rng.uniform(0, np.pi)
        image += rng.uniform(0.5, 2) * np.sin(
            (row * np.sin(angle) + column * np.cos(angle)) * rng.uniform(6, 60) + rng.uniform(0, 6)
        )
    if rng.random() < 0.3:
        distance = ((row - rng.uniform(0.2, 0.8)) / rng.uniform(0.1, 0.6)) ** 2
        distance += ((column - rng.uniform(0.2, 0.8)) / rng.uniform(0.1, 0.6)) ** 2
        image += np.where(distance < 1, rng.uniform(-3, 3), 0)
    image = (image - image.min()) / max(np.ptp(image), 1e-6)
    return (image * 255).astype(np.uint8)


def draw_hand(rng: Rng) -> np.ndarray:
    """A palm and fingers, lit from one side, in front of a background."""
    large = SIDE * 4
    background = resize(draw_texture(rng), large) * rng.uniform(0.2, 1)
    mask = Image.new("L", (large, large))
    brush = ImageDraw.Draw(mask)
    palm = np.array([rng.uniform(0.4, 0.6), rng.uniform(0.5, 0.75)]) * large
    radius, turn = rng.uniform(0.14, 0.24) * large, rng.uniform(-1, 1)
    brush.ellipse([*(palm - radius), *(palm + radius)], fill=255)
    for spread in np.linspace(-0.9, 0.9, 5) * rng.uniform(0.3, 1.2):
        length = radius * (rng.uniform(1.8, 2.8) if rng.random() < 0.75 else 1.1)
        width = radius * rng.uniform(0.3, 0.45)
        tip = palm + length * np.array([np.sin(turn + spread), -np.cos(turn + spread)])
        brush.line([*palm, *tip], fill=int(rng.uniform(200, 255)), width=int(width))
        brush.ellipse([*(tip - width / 2), *(tip + width / 2)], fill=255)
    shape = np.asarray(mask) / 255
    light = np.linspace(rng.uniform(0.6, 1), rng.uniform(0.6, 1), large)[None] * rng.uniform(110, 240)
    return resize((background * (1 - shape) + light * shape * (0.9 + 0.1 * shape)).clip(0, 255).astype(np.uint8))


def degrade(images: np.ndarray, seed: int) -> np.ndarray:
    """Seeded copies, uint8 [N, 48, 48], degraded as by a camera: resolution, contrast, brightness and noise.

    Degrade faces and negatives alike: otherwise a network learns to reject the camera's artefacts.
    """
    rng = np.random.default_rng(seed)
    return np.stack([add_grain(shrink(image, rng) if rng.random() < 0.6 else image, rng) for image in images])


def shrink(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Reduce to the resolution of a face 12 to 40 pixels high in the frame."""
    return resize(resize(image, int(rng.integers(12, 41))))


def add_grain(image: np.ndarray, rng: Rng) -> np.ndarray:
    """Change contrast and brightness, and add noise."""
    values = image.astype(np.float64)
    values = (values - values.mean()) * rng.uniform(0.4, 1.2) + values.mean() + rng.uniform(-40, 40)
    return (values + rng.standard_normal(values.shape) * rng.uniform(0, 6)).clip(0, 255).astype(np.uint8)

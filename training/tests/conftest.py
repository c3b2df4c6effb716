"""A tiny made-up data set: each class is a bright square at its own place, on noise."""

import csv
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from mien_training.config import load_preset
from mien_training.data import LABELS, VOTE_COLUMNS

REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared" / "data"
torch.set_num_threads(1)  # more threads do not speed up tiny networks, and slow them down on a busy machine
TRAIN_PER_CLASS = 24
TEST_PER_CLASS = 6


def draw_face(label: int, rng: np.random.Generator) -> np.ndarray:
    image = rng.integers(0, 90, (48, 48)).astype(np.uint8)
    row, column = 6 + 14 * (label // 3), 6 + 13 * (label % 3)
    image[row : row + 9, column : column + 9] = 230
    return image


def write_image(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)


@pytest.fixture(scope="session")
def rows() -> list[tuple[str, str, int, np.ndarray]]:
    """(Usage, name, label, image), in the CSV's order."""
    rng = np.random.default_rng(1)
    usages = ["Training"] * TRAIN_PER_CLASS + ["PublicTest"] * TEST_PER_CLASS
    plan = [(usage, label) for usage in usages for label in range(len(LABELS))]
    return [(usage, f"fer{i:07d}.png", label, draw_face(label, rng)) for i, (usage, label) in enumerate(plan)]


@pytest.fixture
def folder(tmp_path, rows) -> Path:
    root = tmp_path / "faces"
    for usage, name, label, image in rows:
        write_image(root / {"Training": "train", "PublicTest": "test"}[usage] / LABELS[label] / name, image)
    return root


@pytest.fixture
def archive(tmp_path, folder) -> Path:
    path = tmp_path / "faces.zip"
    with zipfile.ZipFile(path, "w") as file:
        for image in folder.rglob("*.png"):
            file.write(image, image.relative_to(folder).as_posix())
    return path


@pytest.fixture
def table(tmp_path, rows) -> Path:
    """Kaggle's CSV."""
    path = tmp_path / "fer2013.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["emotion", "pixels", "Usage"])
        writer.writerows([label, " ".join(map(str, image.ravel())), usage] for usage, _, label, image in rows)
    return path


@pytest.fixture
def votes(tmp_path, rows) -> Path:
    """FER+'s CSV: ten votes for `neutral`, and (row position modulo 10) votes for `fear`."""
    path = tmp_path / "fer2013new.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Usage", "Image name", *VOTE_COLUMNS])
        for position, (usage, name, _, _) in enumerate(rows):
            writer.writerow([usage, name, 10, 0, 0, 0, 0, 0, position % 10, 0, 0, 0])
    return path


@pytest.fixture
def preset_file(tmp_path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(
        "name: tiny\nseed: 3\ndata: {validation_share: 0.2}\n"
        "net: {widths: [4, 8, 8], kernels: [3, 3, 3], hidden: 16, dropout: 0.2}\n"
        "augment: {flip: 0, shift: 0.02, rotation: 2, scale: 0.02, light: 0.1, erase: 0.1}\n"
        "train: {epochs: 12, batch: 16, lr: 0.01, ema_decay: 0.8}\nquantize: {calibration_images: 70}\n"
    )
    return path


@pytest.fixture
def preset(preset_file):
    return load_preset(preset_file)


@pytest.fixture
def pictures():
    """Eight unrelated pictures, except that the last is a lighter copy of the first."""
    images = np.random.default_rng(5).integers(0, 200, (8, 48, 48)).astype(np.uint8)
    images[7] = images[0] // 2 + 60
    return images

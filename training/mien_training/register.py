"""Measure where a face detector sees the faces of FER-2013: the numbers that the card's crop is made of.

    uv run --group registration python -m mien_training.register haar FILE.xml --data fer2013.zip
    uv run --group registration python -m mien_training.register yunet FILE.onnx --data fer2013.zip

FER-2013's faces fill their 48x48 frame, so the detector gets each one enlarged to 192x192 with 64 pixels of replicated
border. Prints one JSON entry for configs/registration.json; positions are medians in pixels of the 48x48 frame.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Protocol

import numpy as np
from PIL import Image
from tqdm import tqdm

from .data import SIDE, DataError, load_faces
from .errors import UserError, in_one_line

ZOOM = 4
BORDER = 64  # pixels of the enlarged picture
POINTS = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")  # YuNet's order, left and right as in the picture


class Detector(Protocol):
    """Finds the best face of a grey picture, uint8 [320, 320]."""

    def __call__(self, picture: np.ndarray) -> np.ndarray | None:
        """x, y, width, height in pixels, then x, y of each of POINTS if the detector knows them; None: no face."""


def load_opencv() -> ModuleType:
    """OpenCV, which nothing else here needs, so it is in a dependency group of its own."""
    try:
        import cv2
    except ImportError as error:
        raise UserError("OpenCV is missing; start with: uv run --group registration python ...") from error
    return cv2


def create_haar(path: Path) -> Detector:
    """OpenCV's cascade; its best face is the largest, for smaller ones lie inside the face."""
    cv2 = load_opencv()
    cascade = cv2.CascadeClassifier(str(path))
    if cascade.empty():
        raise DataError(f"{path}: is not a Haar cascade that OpenCV can read")

    def detect(picture: np.ndarray) -> np.ndarray | None:
        boxes = cascade.detectMultiScale(picture, scaleFactor=1.1, minNeighbors=5, minSize=(60, 60))
        return max(boxes, key=lambda box: box[2] * box[3]).astype(float) if len(boxes) else None

    return detect


def create_yunet(path: Path) -> Detector:
    """OpenCV Zoo's YuNet (2023mar); its best face is the one with the highest score, above 0.6."""
    cv2 = load_opencv()
    side = SIDE * ZOOM + 2 * BORDER
    try:
        net = cv2.FaceDetectorYN.create(str(path), "", (side, side), 0.6)
    except cv2.error as error:
        raise DataError(f"{path}: is not a YuNet that OpenCV can read") from error

    def detect(picture: np.ndarray) -> np.ndarray | None:
        faces = net.detect(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))[1]
        return None if faces is None else max(faces, key=lambda face: face[14])[:14].astype(float)

    return detect


def measure(images: np.ndarray, detect: Detector) -> np.ndarray:
    """x, y, width, height and points in pixels of the 48x48 frame, float [found, 4 or 14], for uint8 [N, 48, 48]."""
    found = []
    for image in tqdm(images, leave=False):
        large = Image.fromarray(image).resize((SIDE * ZOOM, SIDE * ZOOM), Image.Resampling.BICUBIC)
        hit = detect(np.pad(np.asarray(large), BORDER, mode="edge"))
        if hit is not None:
            offset = np.full(len(hit), float(BORDER))
            offset[2:4] = 0  # width and height do not move
            found.append((hit - offset) / ZOOM)
    return np.array(found)


def summarise(detections: np.ndarray, count: int) -> dict:
    """Card entries from detections: side = scale * height, crop centre = box centre + (dx, dy) * height; y is down."""
    width, height = np.median(detections[:, 2:4], axis=0)
    centre = np.median(detections[:, :2] + detections[:, 2:4] / 2, axis=0)
    box = {
        "scale": round(SIDE / height, 3),
        "dx": round((SIDE / 2 - centre[0]) / height, 3),
        "dy": round((SIDE / 2 - centre[1]) / height, 3),
    }
    measured = {"images": count, "found": len(detections), "boxWidth": round(width, 1), "boxHeight": round(height, 1)}
    entry = {"box": box, "measured": measured}
    if detections.shape[1] > 4:
        points = np.median(detections[:, 4:], axis=0).round(1).reshape(-1, 2).tolist()
        entry["landmarks"] = dict(zip(POINTS, points, strict=True))
    return entry


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.register", description=__doc__.splitlines()[0])
    parser.add_argument("detector", choices=("haar", "yunet"))
    parser.add_argument("file", type=Path, help="the cascade's .xml or YuNet's .onnx")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--count", type=int, default=2000, help="training faces to draw (default: 2000)")
    parser.add_argument("--seed", type=int, default=2013)
    options = parser.parse_args(arguments)
    detect = {"haar": create_haar, "yunet": create_yunet}[options.detector](options.file)
    images = load_faces(options.data)["train"].images
    rng = np.random.default_rng(options.seed)
    chosen = rng.choice(len(images), min(options.count, len(images)), replace=False)
    detections = measure(images[chosen], detect)
    if len(detections) == 0:
        raise DataError(f"{options.detector} found no face in {len(chosen)} images")
    print(json.dumps({options.detector: summarise(detections, len(chosen))}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

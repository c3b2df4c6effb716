"""Measure where a face detector finds the faces of FER-2013: the numbers of the card's crop.

    uv run --group registration python -m mien_training.register haar FILE.xml --data fer2013.zip
    uv run --group registration python -m mien_training.register yunet FILE.onnx --data fer2013.zip --size 0.85
    uv run python -m mien_training.register blazeface FILE.onnx --data fer2013.zip --size 0.85

FER-2013's faces fill their 48x48 frame, so each is enlarged to 192x192 with 64 pixels of replicated border. The command
prints one JSON entry for configs/registration.json; positions are medians in pixels of the 48x48 frame.

A crop of size 1 is too large: in a camera's frame the boxes are 8 to 22 % larger than here, most of all those of small
faces. A crop that is too large costs more accuracy than one that is too small. So YuNet's entry uses `--size 0.85`. On
validation faces, placed in frames and detected by the device at seven heights of 48 to 192 px, the mean negative
log-likelihood is 0.966 at 0.85, 0.973 at 0.8, 0.970 at 0.9 and 1.002 at 1. `mien evaluate --through-detection` measures
the effect.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Protocol

import numpy as np
from onnxruntime import InferenceSession, SessionOptions
from PIL import Image
from tqdm import tqdm

from .data import SIDE, DataError
from .errors import UserError, in_one_line
from .readers.load import load_faces

ZOOM = 4
BORDER = 64  # pixels of the enlarged picture
# In the order of the detector's outputs; left and right as in the picture; Haar has no points.
POINTS = {
    "yunet": ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight"),
    "blazeface": ("eyeLeft", "eyeRight", "nose", "mouth", "earLeft", "earRight"),
    "haar": (),
}
# The device converts BlazeFace's square to YuNet's box: width, height and downward shift, in heights of the square
# (device/detect/blazeface-decode.ts).
SQUARE_TO_BOX = (0.94, 1.23, -0.135)


class Detector(Protocol):
    """Finds the best face of a grey picture, uint8 [320, 320]."""

    def __call__(self, picture: np.ndarray) -> np.ndarray | None:
        """x, y, width, height in pixels, then x, y of each of its POINTS; None: no face."""


def load_opencv() -> ModuleType:
    """Import OpenCV, which is in a separate dependency group because only this command needs it."""
    try:
        import cv2
    except ImportError as error:
        raise UserError("OpenCV is missing; run: uv run --group registration python ...") from error
    return cv2


def create_haar(path: Path) -> Detector:
    """OpenCV's cascade; its best face is the largest, because smaller ones are parts of the face."""
    cv2 = load_opencv()
    cascade = cv2.CascadeClassifier(str(path))
    if cascade.empty():
        raise DataError(f"{path}: expected a Haar cascade that OpenCV can read")

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
        raise DataError(f"{path}: expected a YuNet network that OpenCV can read") from error

    def detect(picture: np.ndarray) -> np.ndarray | None:
        faces = net.detect(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))[1]
        return None if faces is None else max(faces, key=lambda face: face[14])[:14].astype(float)

    return detect


def create_blazeface(path: Path) -> Detector:
    """MediaPipe's BlazeFace for 256x256; its best face is the one with the highest score, above 0.6."""
    options = SessionOptions()
    options.intra_op_num_threads = 1  # a second thread slows so small a network down
    try:
        session = InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no common base class
        raise DataError(f"{path}: expected a network that ONNX Runtime can read") from error
    side = 256
    cells = [(16, 2), (32, 6)]  # stride, anchors of each cell

    def detect(picture: np.ndarray) -> np.ndarray | None:
        small = Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR).convert("RGB")
        scores = session.run(None, {"input:0": np.asarray(small, np.float32)[None] / 127.5 - 1})
        faces = []
        for layer, (stride, anchors) in enumerate(cells):
            logits, boxes = scores[layer].reshape(-1), scores[layer + 2].reshape(-1, 16)
            best = int(logits.argmax())
            row, column = divmod(best // anchors, side // stride)
            faces.append((logits[best], boxes[best] + place_origin((column + 0.5) * stride, (row + 0.5) * stride)))
        logit, face = max(faces, key=lambda found: found[0])
        if logit < np.log(0.6 / 0.4):
            return None
        width, height, down = SQUARE_TO_BOX
        x, y, square = face[0], face[1] + down * face[3], face[3]
        box = [x - width * square / 2, y - height * square / 2, width * square, height * square]
        return np.concatenate([box, face[4:]]) * len(picture) / side

    return detect


def place_origin(x: float, y: float) -> np.ndarray:
    """Offset of an anchor's 16 numbers: positions move, width and height do not."""
    return np.array([x, y, 0, 0] + [x, y] * 6)


def measure(images: np.ndarray, detect: Detector) -> np.ndarray:
    """x, y, width, height, points in pixels of the 48x48 frame: float [found, 4 + 2 points], for uint8 [N, 48, 48]."""
    found = []
    for image in tqdm(images, leave=False):
        large = Image.fromarray(image).resize((SIDE * ZOOM, SIDE * ZOOM), Image.Resampling.BICUBIC)
        hit = detect(np.pad(np.asarray(large), BORDER, mode="edge"))
        if hit is not None:
            offset = np.full(len(hit), float(BORDER))
            offset[2:4] = 0  # width and height have no offset
            found.append((hit - offset) / ZOOM)
    return np.array(found)


def summarise(detections: np.ndarray, count: int, size: float = 1, names: tuple[str, ...] = ()) -> dict:
    """Card entries from detections: side = scale * height, crop centre = box centre + (dx, dy) * height; y is down.

    The crop's side is `size` times that of the 48x48 frame. `names` are those of the points behind each box.
    """
    width, height = np.median(detections[:, 2:4], axis=0)
    centre = np.median(detections[:, :2] + detections[:, 2:4] / 2, axis=0)
    box = {
        "scale": round(size * SIDE / height, 3),
        "dx": round((SIDE / 2 - centre[0]) / height, 3),
        "dy": round((SIDE / 2 - centre[1]) / height, 3),
    }
    measured = {
        "images": count,
        "found": len(detections),
        "size": size,
        "boxWidth": round(width, 1),
        "boxHeight": round(height, 1),
    }
    entry = {"box": box, "measured": measured}
    if names:
        of_frame = np.median(detections[:, 4:], axis=0).reshape(-1, 2)
        points = (SIDE / 2 + (of_frame - SIDE / 2) / size).round(1).tolist()
        entry["landmarks"] = dict(zip(names, points, strict=True))
    return entry


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.register", description=__doc__.splitlines()[0])
    parser.add_argument("detector", choices=tuple(POINTS))
    parser.add_argument("file", type=Path, help="the cascade's .xml or the network's .onnx")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--count", type=int, default=2000, help="training faces to draw (default: 2000)")
    parser.add_argument("--size", type=float, default=1, help="of the crop, as a share of the frame (default: 1)")
    parser.add_argument("--seed", type=int, default=2013)
    options = parser.parse_args(arguments)
    create = {"haar": create_haar, "yunet": create_yunet, "blazeface": create_blazeface}[options.detector]
    detect = create(options.file)
    images = load_faces(options.data)["train"].images
    rng = np.random.default_rng(options.seed)
    chosen = rng.choice(len(images), min(options.count, len(images)), replace=False)
    detections = measure(images[chosen], detect)
    if len(detections) == 0:
        raise DataError(f"{options.detector} found no face in {len(chosen)} images")
    entry = summarise(detections, len(chosen), options.size, POINTS[options.detector])
    print(json.dumps({options.detector: entry}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Score a checkpoint or an ONNX file: `python -m mien_training.evaluate FILE --preset P --data D` prints JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn
from tqdm import tqdm

from .checkpoint import load_device_net
from .config import load_preset
from .data import LABELS, VOTE_COLUMNS, DataError, Faces
from .errors import in_one_line
from .split import prepare

# FER+'s column of each of LABELS.
VOTE_OF_LABEL = tuple(
    VOTE_COLUMNS.index(name) for name in ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
)
# With contempt, which FER-2013 does not have.
VOTE_OF_EXPRESSION = (*VOTE_OF_LABEL, VOTE_COLUMNS.index("contempt"))


def score(labels: np.ndarray, logits: np.ndarray, classes: tuple[str, ...] = LABELS) -> dict:
    """Accuracy, precision, recall and F1 per class and macro, and the confusion matrix; shares, not per cent.

    `labels` int [N], `logits` float [N, len(classes)]. Confusion rows are true classes, columns predicted ones, in the
    order of `classes`. A class without predictions or without faces counts as 0, as with
    scikit-learn's zero_division=0.
    """
    count = len(classes)
    confusion = np.zeros((count, count), dtype=np.int64)
    np.add.at(confusion, (labels, logits.argmax(axis=1)), 1)
    hits, true, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    precision = hits / np.maximum(predicted, 1)
    recall = hits / np.maximum(true, 1)
    f1 = 2 * hits / np.maximum(true + predicted, 1)
    per_class = {"precision": precision, "recall": recall, "f1": f1}
    macro = {f"macro{key.capitalize()}": round(float(values.mean()), 6) for key, values in per_class.items()}
    named = {
        key: {label: round(float(v), 6) for label, v in zip(classes, values, strict=True)}
        for key, values in per_class.items()
    }
    accuracy = round(float(hits.sum() / max(1, len(labels))), 6)
    return {"n": len(labels), "accuracy": accuracy} | macro | named | {"confusion": confusion.tolist()}


def predict(net: nn.Module, images: np.ndarray, batch: int = 256) -> dict[str, np.ndarray]:
    """Outputs of a DeviceNet for uint8 [N, 48, 48]: float32 [N, k] by name, always with `logits` [N, 7]."""
    device = next(net.parameters()).device
    names = getattr(net, "outputs", ("logits",))
    net.eval()
    parts = []
    with torch.inference_mode():
        for part in _batches(images, batch):
            found = net(torch.from_numpy(part[:, None]).to(device))
            found = (found,) if isinstance(found, torch.Tensor) else found
            parts.append([values.float().cpu().numpy() for values in found])
    return {name: np.concatenate(columns) for name, columns in zip(names, zip(*parts, strict=True), strict=True)}


def predict_onnx(path: Path, images: np.ndarray, batch: int = 64, progress: bool = False) -> dict[str, np.ndarray]:
    """Outputs of an exported file for uint8 [N, 48, 48], in the form of `predict`, on ONNX Runtime's CPU provider."""
    session = open_session(path)
    names = [output.name for output in session.get_outputs()]
    if "logits" not in names:
        raise DataError(f"{path}: has the outputs {', '.join(names)}, expected one named logits")
    batches = tqdm(_batches(images, batch), disable=None if progress else True, leave=False, desc=path.name)
    parts = [session.run(names, {"input": part[:, None]}) for part in batches]
    return {name: np.concatenate(columns) for name, columns in zip(names, zip(*parts, strict=True), strict=True)}


def open_session(path: Path, options: onnxruntime.SessionOptions | None = None) -> onnxruntime.InferenceSession:
    """Open an ONNX file; raises DataError with one line if that fails."""
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own exception types are not public
        raise DataError(f"{path}: cannot be opened by ONNX Runtime: {str(error).splitlines()[0]}") from error


def _batches(images: np.ndarray, size: int) -> list[np.ndarray]:
    return [images[start : start + size] for start in range(0, len(images), size)]


def find_strict_majority(votes: np.ndarray, columns: tuple[int, ...] = VOTE_OF_LABEL) -> tuple[np.ndarray, np.ndarray]:
    """FER+'s "majority" rule: labels int [N] and a mask bool [N] of the faces that it gives one of the classes.

    `votes` uint8 [N, 10]; `columns` are the classes, by default LABELS. Single votes are outliers and do not count. The
    winner needs more than half of the others (microsoft/FERPlus, src/ferplus.py). The mask excludes faces with another
    winner (contempt, unknown, NF).
    """
    counted = np.where(votes > 1, votes, 0).astype(np.int64)
    top = counted.argmax(axis=1)
    clear = 2 * counted.max(axis=1) > counted.sum(axis=1)
    label_of_vote = np.full(len(VOTE_COLUMNS), -1)
    label_of_vote[list(columns)] = np.arange(len(columns))
    labels = label_of_vote[top]
    return labels, clear & (labels >= 0)


def evaluate(path: Path, faces: Faces, progress: bool = False) -> dict:
    """Score a file on some faces.

    `people`: the answer against FER+'s strict majority, if there are votes. `fer2013`: the head `fer2013` against
    FER-2013's labels, or the answer if the file has no such head.
    """
    if path.suffix == ".onnx":
        found = predict_onnx(path, faces.images, progress=progress)
    else:
        found = predict(load_device_net(path), faces.images)
    result = {}
    if faces.votes is not None:
        labels, mask = find_strict_majority(faces.votes)
        result["people"] = score(labels[mask], found["logits"][mask])
    return result | {"fer2013": score(faces.labels, found.get("fer2013", found["logits"]))}


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.evaluate", description=__doc__)
    parser.add_argument("file", type=Path, help="checkpoint.pt or .onnx")
    parser.add_argument("--preset", type=Path, required=True, help="configs/*.yaml; fixes the validation rows")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv: also score against its majority")
    parser.add_argument("--side", choices=("test", "validation", "train"), default="test")
    options = parser.parse_args(arguments)
    split = prepare(load_preset(options.preset), options.data, options.votes)
    result = evaluate(options.file, getattr(split, options.side), progress=True)
    print(json.dumps({"model": options.file.name, "side": options.side} | result, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

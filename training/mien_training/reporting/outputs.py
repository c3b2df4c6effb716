"""The outputs of an ONNX file on the faces of a report."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data import Faces
from ..evaluate import predict_onnx
from ..scores import Target, list_targets
from .subject import Subject


@dataclass(frozen=True)
class FileOutputs:
    """One file and its outputs on the faces: float [N, k] by name."""

    path: Path
    card: dict  # the card that describes the file; empty if there is none
    faces: dict[str, np.ndarray]
    validation: dict[str, np.ndarray]
    negatives: dict[str, np.ndarray] | None

    def list_targets(self, faces: Faces) -> list[Target]:
        """The sets of labels that this file is scored on."""
        return list_targets(self.faces, faces.votes is not None)


def run_file(path: Path, subject: Subject) -> FileOutputs:
    """Run a file on all faces and pictures of the report."""
    faces = predict_onnx(path, subject.faces.images, progress=True)
    validation = faces
    if subject.validation is not subject.faces:
        validation = predict_onnx(path, subject.validation.images, progress=True)
    negatives = None if subject.negatives is None else predict_onnx(path, subject.negatives)
    return FileOutputs(path, find_card(path), faces, validation, negatives)


def find_card(path: Path) -> dict:
    """The card beside a file that describes exactly these bytes; empty if there is none."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for candidate in sorted(path.parent.glob("*.json")):
        try:
            card = json.loads(candidate.read_text(encoding="utf-8"))
        except ValueError:
            continue
        files = card.get("files") if isinstance(card, dict) else None
        for described in files.values() if isinstance(files, dict) else ():
            if isinstance(described, dict) and described.get("file") == path.name:
                if described.get("sha256") == digest:
                    return card
                print(f"warning: {candidate} describes another {path.name}; the card is ignored", file=sys.stderr)
    return {}

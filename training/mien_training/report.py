"""Measure ONNX files and write report.json, a page and charts: `python -m mien_training.report FILE... --out DIR`."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from .bootstrap import LEVEL, RESAMPLES, compare
from .calibrate import fit_temperature
from .charts import draw_charts
from .config import Preset, load_preset
from .cost import count_file_parameters, describe_machine, measure_latency
from .data import IMAGE_SUFFIXES, SIDE, DataError, Faces
from .duplicates import find_near_pairs
from .errors import in_one_line
from .evaluate import predict_onnx
from .page import render_comparison, render_page
from .scores import (
    Target,
    compare_precisions,
    compute_sigmoid,
    describe_rejection,
    describe_scores,
    describe_uncertain,
    list_targets,
)
from .sensitivity import describe_choice
from .split import Split, prepare

REJECT_THRESHOLD = 0.5  # for files whose card names none


@dataclass(frozen=True)
class Subject:
    """Faces that a report is about."""

    side: str  # test or validation
    faces: Faces
    copies: np.ndarray  # bool [N], faces whose exact pixels also stand in Training
    near: np.ndarray  # bool [N], those, and near-copies of faces that were trained on
    validation: Faces  # temperatures are fitted here
    negatives: np.ndarray | None = None  # uint8 [M, 48, 48], pictures that are no faces

    def list_variants(self) -> dict[str, np.ndarray]:
        """Masks bool [N] of the faces to score: all and, where there are any, those without copies or near-copies."""
        variants = {"all": np.ones(len(self.faces), dtype=bool)}
        if self.copies.any():
            variants["withoutCopies"] = ~self.copies
        if self.near.sum() > self.copies.sum():
            variants["withoutNearCopies"] = ~self.near
        return variants


@dataclass(frozen=True)
class Reading:
    """One file, and what it says of the faces; outputs float [N, k] by name."""

    path: Path
    card: dict  # the card that describes the file; empty where there is none
    faces: dict[str, np.ndarray]
    validation: dict[str, np.ndarray]
    negatives: dict[str, np.ndarray] | None

    def list_targets(self, faces: Faces) -> list[Target]:
        """What this file is scored on."""
        return list_targets(self.faces, faces.votes is not None)


def gather(preset: Preset, data: Path, votes: Path | None, side: str, negatives: Path | None = None) -> Subject:
    """Read all that a report needs."""
    pictures = load_pictures(negatives, preset.data.max_bad_share) if negatives else None
    return choose_subject(prepare(preset, data, votes), side, pictures)


def choose_subject(split: Split, side: str, negatives: np.ndarray | None = None) -> Subject:
    """One side of a split, and which of its faces training has seen in another file."""
    faces, others = getattr(split, side), [split.train] + ([split.validation] if side == "test" else [])
    # No validation face has a copy on another side.
    copies = split.copied if side == "test" else np.zeros(len(faces), dtype=bool)
    seen = np.concatenate([other.images for other in others])
    return Subject(side, faces, copies, copies | find_near(faces.images, seen), split.validation, negatives)


def find_near(images: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Mask bool [N] of the images uint8 [N, 48, 48] that are near-copies of one of `seen` uint8 [M, 48, 48]."""
    pairs, _ = find_near_pairs(np.concatenate([images, seen]))
    across = (pairs[:, 0] < len(images)) & (pairs[:, 1] >= len(images))
    near = np.zeros(len(images), dtype=bool)
    near[pairs[across, 0]] = True
    return near


def load_pictures(folder: Path, max_bad_share: float) -> np.ndarray:
    """Any pictures in a folder and its folders, the middle square of each as uint8 [M, 48, 48], grey."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; expected one with pictures that are no faces")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    pictures, bad = [], []
    for path in files:
        try:
            with Image.open(path) as picture:
                pictures.append(np.asarray(ImageOps.fit(picture.convert("L"), (SIDE, SIDE))))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            bad.append(path.name)
    if not pictures or len(bad) > max_bad_share * len(files):
        named = f": {', '.join(bad[:5])}" if bad else ""
        raise DataError(f"{folder}: {len(bad)} of {len(files)} pictures cannot be decoded{named}")
    return np.stack(pictures)


def read(path: Path, subject: Subject) -> Reading:
    """Run a file over everything."""
    faces = predict_onnx(path, subject.faces.images, progress=True)
    validation = faces
    if subject.validation is not subject.faces:
        validation = predict_onnx(path, subject.validation.images, progress=True)
    negatives = None if subject.negatives is None else predict_onnx(path, subject.negatives)
    return Reading(path, find_card(path), faces, validation, negatives)


def find_card(path: Path) -> dict:
    """The card beside a file that describes exactly these bytes; empty when there is none."""
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
                print(f"warning: {candidate} describes another {path.name}; it is left aside", file=sys.stderr)
    return {}


def build_report(paths: list[Path], preset: Preset, subject: Subject) -> dict:
    """Everything that is measured, as one value for report.json."""
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        raise DataError(f"{', '.join(names)}: each file needs a name of its own")
    readings = [read(path, subject) for path in paths]
    latencies = measure_latency(paths, subject.faces.images[0])
    files = [describe(reading, subject, preset.seed) for reading in readings]
    return {
        "schema": 1,
        "preset": preset.name,
        "side": subject.side,
        "faces": {
            "reported": len(subject.faces),
            "copies": int(subject.copies.sum()),
            "nearCopies": int(subject.near.sum()),
            "validation": len(subject.validation),
        },
        "bootstrap": {"resamples": RESAMPLES, "level": LEVEL, "seed": preset.seed},
        "machine": describe_machine(),
        "files": [file | {"latency": latency} for file, latency in zip(files, latencies, strict=True)],
        "comparisons": [
            compare_files(first, second, subject, preset.seed) for first, second in list_comparisons(readings)
        ],
        "precisions": [
            {"fp32": fp32.path.name, "int8": int8.path.name, "targets": describe_precision(fp32, int8, subject)}
            for fp32, int8 in list_precisions(readings)
        ],
    }


def describe_precision(fp32: Reading, int8: Reading, subject: Subject) -> dict:
    """How the int8 file differs from the fp32 one, for each target whose output both have."""
    return {
        target.key: compare_precisions(target, fp32.faces, int8.faces, fit(fp32, target, subject))
        for target in fp32.list_targets(subject.faces)
        if target.head in int8.faces
    }


def describe(reading: Reading, subject: Subject, seed: int) -> dict:
    """One file's part of the report."""
    content = reading.path.read_bytes()
    result = {
        "file": reading.path.name,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "parameters": count_file_parameters(reading.path),
        "outputs": list(reading.faces),
        "targets": {t.key: describe_target(reading, t, subject, seed) for t in reading.list_targets(subject.faces)},
    }
    if "sensitivity" in reading.card and "heads" in reading.card:
        result["sensitivity"] = {
            side: describe_choice(outputs["logits"], faces, reading.card)
            for side, outputs, faces in (
                ("validation", reading.validation, subject.validation),
                (subject.side, reading.faces, subject.faces),
            )
            if faces.votes is not None
        }
    if "reject" in reading.faces:
        threshold = reading.card.get("reject", {}).get("threshold", REJECT_THRESHOLD)
        faces = compute_sigmoid(reading.faces["reject"][:, 0])
        negatives = None if reading.negatives is None else compute_sigmoid(reading.negatives["reject"][:, 0])
        result["rejection"] = describe_rejection(faces, subject.faces, negatives, threshold)
    return result


def describe_target(reading: Reading, target: Target, subject: Subject, seed: int) -> dict:
    """One file against one set of labels, with and without copies."""
    labels, labelled = target.label(subject.faces)
    logits = target.select(reading.faces)
    temperatures = {"fitted": fit(reading, target, subject)}
    on_card = reading.card if target.head == "logits" else reading.card.get("heads", {}).get(target.head, {})
    if "temperature" in on_card:
        temperatures["card"] = on_card["temperature"]
    result = {"title": target.title, "head": target.head, "classes": list(target.classes), "temperature": temperatures}
    for key, mask in subject.list_variants().items():
        chosen = mask & labelled
        if not chosen.any():
            raise DataError(f"the {subject.side} side has no face to score against {target.title}")
        result[key] = describe_scores(logits[chosen], labels[chosen], target.classes, temperatures, seed)
    below = reading.card.get("sensitivity", {}).get("balanced", {}).get("below") if target.head == "logits" else None
    if below is not None and "card" in temperatures:
        chosen = logits[labelled], labels[labelled]
        result["uncertain"] = describe_uncertain(*chosen, temperatures["card"], below)
    return result


def fit(reading: Reading, target: Target, subject: Subject) -> float:
    """Temperature of one output, chosen on the validation side alone."""
    labels, labelled = target.label(subject.validation)
    return fit_temperature(target.select(reading.validation)[labelled], labels[labelled])


def list_comparisons(readings: list[Reading]) -> list[tuple[Reading, Reading]]:
    """Each file against the first one, and each int8 file against its fp32 one."""
    pairs = [(readings[0], other) for other in readings[1:]]
    return pairs + [pair for pair in list_precisions(readings) if all(one is not readings[0] for one in pair)]


def list_precisions(readings: list[Reading]) -> list[tuple[Reading, Reading]]:
    """Files named X.fp32.onnx and X.int8.onnx."""
    by_name = {reading.path.name: reading for reading in readings}
    wanted = {name: re.sub(r"\.fp32\.onnx$", ".int8.onnx", name) for name in by_name}
    return [(by_name[n], by_name[other]) for n, other in wanted.items() if other != n and other in by_name]


def compare_files(first: Reading, second: Reading, subject: Subject, seed: int) -> dict:
    """Second minus first on the same faces, for each set of labels that both are scored on."""
    heads = [{t.key: t for t in reading.list_targets(subject.faces)} for reading in (first, second)]
    targets = {}
    for key in [key for key in heads[0] if key in heads[1]]:
        labels, labelled = heads[0][key].label(subject.faces)
        called = [h[key].select(r.faces).argmax(axis=1) for h, r in zip(heads, (first, second), strict=True)]
        targets[key] = {"heads": [h[key].head for h in heads]}
        for variant, mask in subject.list_variants().items():
            chosen = mask & labelled
            faces = [values[chosen] for values in (labels, *called)]
            targets[key][variant] = compare(*faces, heads[0][key].classes, seed)
    return {"first": first.path.name, "second": second.path.name, "targets": targets}


def write_report(report: dict, folder: Path) -> None:
    """Write report.json, README.md and the charts."""
    folder.mkdir(parents=True, exist_ok=True)
    charts = draw_charts(report, folder)
    (folder / "report.json").write_text(format_json(report), encoding="utf-8")
    (folder / "README.md").write_text(render_page(report, charts), encoding="utf-8")


def format_json(value: dict) -> str:
    """Indented JSON with each list of plain values on one line."""
    text = json.dumps(value, indent=2)
    return re.sub(r"\[\s+([^\[\]{}]+?)\s+\]", lambda found: "[" + " ".join(found[1].split()) + "]", text) + "\n"


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.report", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help=".onnx; others are compared to the first")
    parser.add_argument("--preset", type=Path, required=True, help="configs/*.yaml; fixes the validation rows")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv: report on its majority as well")
    parser.add_argument("--out", type=Path, required=True, help="folder for report.json, README.md and charts")
    parser.add_argument("--side", choices=("test", "validation"), default="test")
    parser.add_argument("--negatives", type=Path, help="folder with pictures that are no faces, for the reject output")
    options = parser.parse_args(arguments)
    preset = load_preset(options.preset)
    subject = gather(preset, options.data, options.votes, options.side, options.negatives)
    report = build_report(options.files, preset, subject)
    write_report(report, options.out)
    print(render_comparison(report))
    print(options.out / "README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())

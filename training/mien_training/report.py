"""Measure ONNX files; write report.json, README.md and charts: `python -m mien_training.report FILE... --out DIR`."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

from .bootstrap import LEVEL, RESAMPLES, compare
from .calibrate import fit_temperature
from .charts import draw_charts
from .config import Preset, load_preset
from .cost import count_file_parameters, describe_machine, measure_latency
from .data import DataError
from .errors import in_one_line
from .page import render_comparison, render_page
from .reporting.outputs import FileOutputs, run_file
from .reporting.subject import Subject, gather
from .scores import (
    Target,
    compare_precisions,
    compute_sigmoid,
    describe_rejection,
    describe_scores,
    describe_uncertain,
)
from .sensitivity import describe_choice

REJECT_THRESHOLD = 0.5  # for files without a threshold in their card


def build_report(paths: list[Path], preset: Preset, subject: Subject) -> dict:
    """Measure everything; returns the content of report.json."""
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        raise DataError(f"{', '.join(names)}: expected a different name for each file")
    outputs_of_files = [run_file(path, subject) for path in paths]
    latencies = measure_latency(paths, subject.faces.images[0])
    files = [describe(outputs, subject, preset.seed) for outputs in outputs_of_files]
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
            compare_files(first, second, subject, preset.seed) for first, second in list_comparisons(outputs_of_files)
        ],
        "precisions": [
            {"fp32": fp32.path.name, "int8": int8.path.name, "targets": describe_precision(fp32, int8, subject)}
            for fp32, int8 in list_precisions(outputs_of_files)
        ],
    }


def describe_precision(fp32: FileOutputs, int8: FileOutputs, subject: Subject) -> dict:
    """Differences of the int8 file to the fp32 file, for each target whose output both have."""
    return {
        target.key: compare_precisions(target, fp32.faces, int8.faces, fit(fp32, target, subject))
        for target in fp32.list_targets(subject.faces)
        if target.head in int8.faces
    }


def describe(outputs: FileOutputs, subject: Subject, seed: int) -> dict:
    """The part of the report about one file."""
    content = outputs.path.read_bytes()
    result = {
        "file": outputs.path.name,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "parameters": count_file_parameters(outputs.path),
        "outputs": list(outputs.faces),
        "targets": {t.key: describe_target(outputs, t, subject, seed) for t in outputs.list_targets(subject.faces)},
    }
    if "sensitivity" in outputs.card and "heads" in outputs.card:
        result["sensitivity"] = {
            side: describe_choice(found["logits"], faces, outputs.card)
            for side, found, faces in (
                ("validation", outputs.validation, subject.validation),
                (subject.side, outputs.faces, subject.faces),
            )
            if faces.votes is not None
        }
    if "reject" in outputs.faces:
        threshold = outputs.card.get("reject", {}).get("threshold", REJECT_THRESHOLD)
        faces = compute_sigmoid(outputs.faces["reject"][:, 0])
        negatives = None if outputs.negatives is None else compute_sigmoid(outputs.negatives["reject"][:, 0])
        result["rejection"] = describe_rejection(faces, subject.faces, negatives, threshold)
    return result


def describe_target(outputs: FileOutputs, target: Target, subject: Subject, seed: int) -> dict:
    """Score one file against one set of labels, with and without copies."""
    labels, labelled = target.label(subject.faces)
    logits = target.select(outputs.faces)
    temperatures = {"fitted": fit(outputs, target, subject)}
    on_card = outputs.card if target.head == "logits" else outputs.card.get("heads", {}).get(target.head, {})
    if "temperature" in on_card:
        temperatures["card"] = on_card["temperature"]
    result = {"title": target.title, "head": target.head, "classes": list(target.classes), "temperature": temperatures}
    for key, mask in subject.list_variants().items():
        chosen = mask & labelled
        if not chosen.any():
            raise DataError(f"the {subject.side} side has no face with a label of: {target.title}")
        result[key] = describe_scores(logits[chosen], labels[chosen], target.classes, temperatures, seed)
    below = outputs.card.get("sensitivity", {}).get("balanced", {}).get("below") if target.head == "logits" else None
    if below is not None and "card" in temperatures:
        chosen = logits[labelled], labels[labelled]
        result["uncertain"] = describe_uncertain(*chosen, temperatures["card"], below)
    return result


def fit(outputs: FileOutputs, target: Target, subject: Subject) -> float:
    """Temperature of one output, fitted on the validation side only."""
    labels, labelled = target.label(subject.validation)
    return fit_temperature(target.select(outputs.validation)[labelled], labels[labelled])


def list_comparisons(outputs_of_files: list[FileOutputs]) -> list[tuple[FileOutputs, FileOutputs]]:
    """Pairs to compare: each file with the first one, and each int8 file with its fp32 file."""
    pairs = [(outputs_of_files[0], other) for other in outputs_of_files[1:]]
    return pairs + [
        pair for pair in list_precisions(outputs_of_files) if all(one is not outputs_of_files[0] for one in pair)
    ]


def list_precisions(outputs_of_files: list[FileOutputs]) -> list[tuple[FileOutputs, FileOutputs]]:
    """Pairs of files named X.fp32.onnx and X.int8.onnx."""
    by_name = {outputs.path.name: outputs for outputs in outputs_of_files}
    wanted = {name: re.sub(r"\.fp32\.onnx$", ".int8.onnx", name) for name in by_name}
    return [(by_name[n], by_name[other]) for n, other in wanted.items() if other != n and other in by_name]


def compare_files(first: FileOutputs, second: FileOutputs, subject: Subject, seed: int) -> dict:
    """Second minus first on the same faces, for each set of labels that both have."""
    heads = [{t.key: t for t in outputs.list_targets(subject.faces)} for outputs in (first, second)]
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
    """Indented JSON with each list of numbers or strings on one line."""
    text = json.dumps(value, indent=2)
    return re.sub(r"\[\s+([^\[\]{}]+?)\s+\]", lambda found: "[" + " ".join(found[1].split()) + "]", text) + "\n"


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.report", description=__doc__)
    parser.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help=".onnx files; each is compared with the first"
    )
    parser.add_argument("--preset", type=Path, required=True, help="configs/*.yaml; fixes the validation rows")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv: report on its majority too")
    parser.add_argument("--out", type=Path, required=True, help="folder for report.json, README.md and charts")
    parser.add_argument("--side", choices=("test", "validation"), default="test")
    parser.add_argument("--negatives", type=Path, help="folder of pictures without a face, for the reject output")
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

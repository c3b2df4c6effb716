"""Turn a finished run into the device's files: `python -m mien_training.ship CHECKPOINT --preset P ...`.

Steps: adjusted logits (the balanced operating point of a network that answers for people, or rare classes if the preset
asks for them), the heads `reject` and `covered` (with FER+'s votes), export, quantization, card and page, reference
outputs for the device's tests, and the report.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from .adjust import adjust_checkpoint, point_to_hard, point_to_rare
from .card import write_card
from .checkpoint import load_device_net, save_weights
from .config import Preset, load_preset
from .covered import add_covered
from .errors import in_one_line
from .export import export
from .page import render_comparison
from .parity import write_parity
from .quantize import draw_calibration_set, quantize
from .reject import add_reject
from .report import build_report, write_report
from .reporting.subject import choose_subject
from .sensitivity import settle
from .split import Split, prepare


def ship(checkpoint: Path, preset: Preset, preset_file: str, split: Split, models: Path, results: Path) -> dict:
    """Write `<name>.*` in `models`, and the report, log, curve and weights in `results`; returns the report."""
    finished = checkpoint
    if preset.answers == "people":
        finished = checkpoint.with_name("balanced.pt")
        print("balanced:", settle(checkpoint, split.validation, finished))
    elif preset.adjust != "none":
        directions = point_to_rare(split.train.labels) if preset.adjust == "rare" else point_to_hard()
        finished = checkpoint.with_name("adjusted.pt")
        print("adjust:", adjust_checkpoint(checkpoint, split, directions, finished))
    if split.train.votes is not None:
        refusing = checkpoint.with_name("refusing.pt")
        print("reject:", add_reject(finished, preset, split, None, refusing))
        finished = checkpoint.with_name("covered.pt")
        print("covered:", add_covered(refusing, preset, split, finished))
    files = [models / f"{preset.name}.{kind}.onnx" for kind in ("fp32", "int8")]
    export(load_device_net(finished), files[0])
    quantize(
        files[0],
        files[1],
        draw_calibration_set(split.train, preset.quantize.calibration_images, preset.seed),
        preset.quantize,
    )
    print("card:", write_card(finished, preset, preset_file, split, models))
    print("parity:", write_parity(finished, models, preset.name))
    report = build_report(files, preset, choose_subject(split, "test"))
    write_report(report, results)
    for name in ("log.csv", "curve.png"):
        shutil.copy(checkpoint.parent / name, results / name)
    save_weights(checkpoint, results / "weights.pt")
    return report


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.ship", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--preset", type=Path, required=True, help="configs/*.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv; without it there is no head that rejects")
    parser.add_argument("--models", type=Path, default=Path("../models"), help="default: ../models")
    parser.add_argument("--results", type=Path, help="folder for the report (default: results/<name of the preset>)")
    options = parser.parse_args(arguments)
    preset = load_preset(options.preset)
    split = prepare(preset, options.data, options.votes)
    results = options.results or Path("results") / preset.name
    report = ship(options.checkpoint, preset, options.preset.name, split, options.models, results)
    print(render_comparison(report))
    print(options.models / f"{preset.name}.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())

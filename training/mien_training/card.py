"""Write a model's card and page: `python -m mien_training.card CHECKPOINT --preset P --data D --models ../models`."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path
from string import Template

from .calibrate import compute_calibration_error, compute_probabilities, fit_temperature
from .checkpoint import CheckpointError, load_checkpoint, load_device_net
from .config import ConfigError, Preset, load_preset
from .data import LABELS, SIDE, DataError, Faces
from .evaluate import predict_onnx, score
from .nets import count_parameters
from .split import Split, prepare

CONFIGS = Path(__file__).parent.parent / "configs"
LICENCE = "research and evaluation: trained on FER-2013, images of a web search without a known commercial licence"
DATA = ("FER-2013 (Goodfellow et al. 2013)", "FER+ votes (Barsoum et al. 2016)")
VOTES_LINE = """\
- While training, a second head learned FER+'s votes for the same faces (Barsoum et al. 2016, votes under the MIT
  licence). It is not exported; the seven outputs are FER-2013's own labels.
"""
TEST_NAME = "FER-2013 PublicTest"


def write_card(checkpoint: Path, preset: Preset, preset_file: str, split: Split, models: Path) -> Path:
    """Score `<name>.fp32.onnx` and `<name>.int8.onnx` in `models`; write `<name>.json` and `<name>.md` beside them."""
    state = load_checkpoint(checkpoint)
    files = {kind: models / f"{preset.name}.{kind}.onnx" for kind in ("fp32", "int8")}
    temperature = fit_temperature(
        predict_onnx(files["fp32"], split.validation.images)["logits"], split.validation.labels
    )
    registration = json.loads((CONFIGS / "registration.json").read_text(encoding="utf-8"))
    card = {
        "schema": 1,
        "name": preset.name,
        "task": "expression",
        "labels": list(LABELS),
        "files": {kind: describe_file(file) for kind, file in files.items()},
        "input": {
            "name": "input",
            "type": "uint8",
            "layout": "NCHW",
            "width": SIDE,
            "height": SIDE,
            "channels": 1,
            "color": "grey",
        },
        "output": {"name": "logits", "kind": "logits"},
        "temperature": temperature,
        "crop": {
            "box": {detector: registration[detector]["box"] for detector in ("yunet", "haar")},
            "landmarks": registration["yunet"]["landmarks"],
        },
        "metrics": {kind: describe_scores(file, split.test, temperature) for kind, file in files.items()},
        "data": list(DATA[: 2 if preset.train.votes_weight > 0 else 1]),
        "licence": LICENCE,
        "training": describe_training(state, preset, preset_file, split)
        | {"parameters": count_parameters(load_device_net(checkpoint))},
    }
    path = models / f"{preset.name}.json"
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    (models / f"{preset.name}.md").write_text(render_page(card), encoding="utf-8")
    return path


def describe_file(path: Path) -> dict:
    """Name, size and hash, by which the device knows the file."""
    content = path.read_bytes()
    return {"file": path.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def describe_scores(path: Path, faces: Faces, temperature: float) -> dict:
    """Scores on the test side, with the expected calibration error at the card's temperature."""
    logits = predict_onnx(path, faces.images)["logits"]
    error = compute_calibration_error(compute_probabilities(logits, temperature), faces.labels)
    return {"split": TEST_NAME} | score(faces.labels, logits) | {"calibrationError": round(error, 4)}


def describe_training(state: dict, preset: Preset, preset_file: str, split: Split) -> dict:
    """Where the weights come from; `modified` means that the commit does not hold all of the code that ran."""
    return {
        "config": preset_file,
        "seed": preset.seed,
        **state["origin"],
        "epochs": len(state["log"]),
        "validationAccuracy": round(state["log"][-1]["validation_accuracy"], 6),
        "faces": {"train": len(split.train), "validation": len(split.validation), "test": len(split.test)},
        "copiesDropped": split.copies_dropped,
    }


def render_page(card: dict) -> str:
    """The page that people read, from the same numbers."""
    fp32, int8 = card["metrics"]["fp32"], card["metrics"]["int8"]
    rows = [
        f"| {label} | {int8['precision'][label]:.1%} | {int8['recall'][label]:.1%} | {int8['f1'][label]:.1%} | "
        f"{sum(int8['confusion'][index])} |"
        for index, label in enumerate(LABELS)
    ]
    confusion = [
        f"| **{label}** | " + " | ".join(map(str, int8["confusion"][index])) + " |"
        for index, label in enumerate(LABELS)
    ]
    files = [f"| `{f['file']}` | {f['bytes']:,} | `{f['sha256']}` |" for f in card["files"].values()]
    template = Template((CONFIGS / "card.md").read_text(encoding="utf-8"))
    return template.substitute(
        name=card["name"],
        files="\n".join(files),
        rows="\n".join(rows),
        confusion="\n".join(confusion),
        labels=" | ".join(LABELS),
        rule="---|" * (len(LABELS) + 1),
        fp32=f"{fp32['accuracy']:.2%} | {fp32['macroF1']:.4f} | {fp32['calibrationError']:.3f}",
        int8=f"{int8['accuracy']:.2%} | {int8['macroF1']:.4f} | {int8['calibrationError']:.3f}",
        n=int8["n"],
        temperature=card["temperature"],
        parameters=f"{card['training']['parameters']:,}",
        votes=VOTES_LINE if DATA[1] in card["data"] else "",
        config=card["training"]["config"],
        epochs=card["training"]["epochs"],
        seed=card["training"]["seed"],
        commit=card["training"]["commit"],
        date=card["training"]["date"],
        validation=f"{card['training']['validationAccuracy']:.2%}",
        copies=card["training"]["copiesDropped"],
        train_faces=f"{card['training']['faces']['train']:,}",
        validation_faces=f"{card['training']['faces']['validation']:,}",
    )


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.card", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--preset", type=Path, required=True, help="configs/*.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--models", type=Path, required=True, help="folder with both .onnx files; the card goes there")
    parser.add_argument("--results", type=Path, help="folder that gets a copy of the run's log.csv and curve.png")
    options = parser.parse_args(arguments)
    try:
        preset = load_preset(options.preset)
        split = prepare(preset, options.data)
        path = write_card(options.checkpoint, preset, options.preset.name, split, options.models)
    except (ConfigError, DataError, CheckpointError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.results:
        options.results.mkdir(parents=True, exist_ok=True)
        for name in ("log.csv", "curve.png"):
            shutil.copy(options.checkpoint.parent / name, options.results / name)
    metrics = json.loads(path.read_text(encoding="utf-8"))["metrics"]
    for kind, result in metrics.items():
        print(f"{kind}: accuracy {result['accuracy']:.2%}, macro-F1 {result['macroF1']:.4f} on {TEST_NAME}")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Write a model's card and page: `python -m mien_training.card CHECKPOINT --preset P --data D --models ../models`."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from string import Template

import numpy as np

from .calibrate import compute_calibration_error, compute_probabilities, fit_temperature
from .checkpoint import load_checkpoint, load_device_net
from .config import Preset, load_preset
from .data import LABELS, SIDE, VOTE_COLUMNS, DataError, Faces
from .errors import in_one_line
from .evaluate import VOTE_OF_LABEL, find_strict_majority, predict_onnx, score
from .nets import count_parameters
from .split import Split, prepare

CONFIGS = Path(__file__).parent.parent / "configs"
LICENCE = "research and evaluation: trained on FER-2013, images of a web search without a known commercial licence"
DATA = ("FER-2013 (Goodfellow et al. 2013)", "FER+ votes (Barsoum et al. 2016)")
NETWORKS = {
    "simple": "three blocks of convolution, batch norm, ReLU and pooling, then two dense layers",
    "vgg": "blocks of two convolutions and pooling in the style of VGG, then three dense layers",
    "residual": "a convolution, residual blocks with batch norm and ReLU, and the mean over all positions",
}
UNCERTAIN_LINE = Template(
    """\
- **Uncertain**: the device says `uncertain` of a face whose most probable label has less
  than $below."""
)
ADJUSTED_LINE = Template(
    """\
- **Rare classes** are named more often than their share says: logits $values, chosen on the validation side by macro-F1
  (logit adjustment, Menon et al. 2021) and part of the weights."""
)
VOTES_LINE = Template(
    """\
- **FER+** (Barsoum et al. 2016, votes under the MIT licence): the output `votes`, ten logits for the shares of ten
  people's votes, at temperature $temperature. It is another target: FER-2013's label is FER+'s majority on two thirds
  of the pictures only. Of $n test faces with a strict majority among the seven, $accuracy are right (int8; macro-F1
  $f1)."""
)
REJECT_LINE = Template(
    """\
- **Not a face, or nobody can tell**: the output `reject`, one logit. Above $threshold (its sigmoid) the device says
  `uncertain`. On the validation side that happens to $facesAgreedOn of the faces that people agree on, and to
  $negatives of made pictures without a face."""
)
TEST_NAME = "FER-2013 PublicTest"


def write_card(checkpoint: Path, preset: Preset, preset_file: str, split: Split, models: Path) -> Path:
    """Score `<name>.fp32.onnx` and `<name>.int8.onnx` in `models`; write `<name>.json` and `<name>.md` beside them."""
    state = load_checkpoint(checkpoint)
    files = {kind: models / f"{preset.name}.{kind}.onnx" for kind in ("fp32", "int8")}
    seen = predict_onnx(files["fp32"], split.validation.images)
    temperature = fit_temperature(seen["logits"], split.validation.labels)
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
        **describe_heads(seen, temperature, state, preset, split.validation),
        "crop": {
            "box": {detector: registration[detector]["box"] for detector in ("yunet", "blazeface", "haar")},
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


def describe_heads(seen: dict, temperature: float, state: dict, preset: Preset, validation: Faces) -> dict:
    """The further outputs, and when the device is to say "uncertain"; all limits come from the validation side."""
    top = compute_probabilities(seen["logits"], temperature).max(axis=1)
    heads: dict = {"uncertain": {"below": round(float(np.quantile(top, preset.reject.uncertain_share)), 3)}}
    if "votes" in seen:
        if validation.votes is None:
            raise DataError("the network has a head for FER+'s votes, so they are needed: give --votes fer2013new.csv")
        # Each face's most frequent vote is the label that the temperature is fitted to.
        own = fit_temperature(seen["votes"], validation.votes.argmax(axis=1).astype(np.int64))
        heads["votes"] = {"name": "votes", "labels": list(VOTE_COLUMNS), "temperature": own}
    if "reject" in seen:
        heads["reject"] = {"name": "reject", "threshold": state["reject"]["threshold"]}
    return heads


def describe_file(path: Path) -> dict:
    """Name, size and hash, by which the device knows the file."""
    content = path.read_bytes()
    return {"file": path.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def describe_scores(path: Path, faces: Faces, temperature: float) -> dict:
    """Scores on the test side, with the expected calibration error at the card's temperature.

    FER+'s own head, where there is one, is restricted to the seven shared classes and held against strict majorities.
    """
    seen = predict_onnx(path, faces.images)
    error = compute_calibration_error(compute_probabilities(seen["logits"], temperature), faces.labels)
    scores = {"split": TEST_NAME} | score(faces.labels, seen["logits"]) | {"calibrationError": round(error, 4)}
    if "votes" in seen and faces.votes is not None:
        labels, mask = find_strict_majority(faces.votes)
        scores["ferPlus"] = score(labels[mask], seen["votes"][mask][:, VOTE_OF_LABEL])
    return scores


def describe_training(state: dict, preset: Preset, preset_file: str, split: Split) -> dict:
    """Where the weights come from; `modified` means that the commit does not hold all of the code that ran."""
    return {
        "config": preset_file,
        "net": preset.net.kind,
        "seed": preset.seed,
        **state["origin"],
        "epochs": len(state["log"]),
        "validationAccuracy": round(state["log"][-1]["validation_accuracy"], 6),
        "faces": {"train": len(split.train), "validation": len(split.validation), "test": len(split.test)},
        "copiesDropped": split.copies_dropped,
        **{key: state[key] for key in ("adjusted", "synthetic", "reject") if state.get(key)},
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
        kind=NETWORKS[card["training"]["net"]],
        heads=render_heads(card),
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


def render_heads(card: dict) -> str:
    """What else the network says, and how well."""
    lines = [UNCERTAIN_LINE.substitute(card["uncertain"])]
    adjusted = {label: value for label, value in card["training"].get("adjusted", {}).items() if value}
    if adjusted:
        values = ", ".join(f"{label} {value:+.2f}" for label, value in adjusted.items())
        lines.append(ADJUSTED_LINE.substitute(values=values))
    if "votes" in card:
        found = card["metrics"]["int8"]["ferPlus"]
        shown = {"accuracy": f"{found['accuracy']:.2%}", "n": f"{found['n']:,}", "f1": f"{found['macroF1']:.3f}"}
        lines.append(VOTES_LINE.substitute(shown, temperature=card["votes"]["temperature"]))
    if "reject" in card:
        found = card["training"]["reject"]
        shown = {key: f"{found[key]:.1%}" for key in ("facesAgreedOn", "negatives")}
        lines.append(REJECT_LINE.substitute(shown, threshold=found["threshold"]))
    return "\n".join(lines)


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.card", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--preset", type=Path, required=True, help="configs/*.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv, for networks with a head for them")
    parser.add_argument("--models", type=Path, required=True, help="folder with both .onnx files; the card goes there")
    options = parser.parse_args(arguments)
    preset = load_preset(options.preset)
    split = prepare(preset, options.data, options.votes)
    path = write_card(options.checkpoint, preset, options.preset.name, split, options.models)
    metrics = json.loads(path.read_text(encoding="utf-8"))["metrics"]
    for kind, result in metrics.items():
        print(f"{kind}: accuracy {result['accuracy']:.2%}, macro-F1 {result['macroF1']:.4f} on {TEST_NAME}")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())

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
from .data import LABELS, SIDE, Faces
from .errors import in_one_line
from .evaluate import predict_onnx, score
from .nets import count_parameters
from .scores import list_targets
from .sensitivity import POINTS, agree, describe_points
from .split import Split, prepare

CONFIGS = Path(__file__).parent.parent / "configs"
LICENCE = "research and evaluation: trained on FER-2013, images of a web search without a known commercial licence"
DATA = ("FER-2013 (Goodfellow et al. 2013)", "FER+ votes (Barsoum et al. 2016)")
NETWORKS = {
    "simple": "three blocks of convolution, batch norm, ReLU and pooling, then two dense layers",
    "vgg": "blocks of two convolutions and pooling in the style of VGG, then three dense layers",
    "residual": "a convolution, residual blocks with batch norm and ReLU, and the mean over all positions",
}
QUESTIONS = {
    "people": "what would most people say that this face shows",
    "fer2013": "which label FER-2013 would give this picture",
}
TEST_USE = {
    "people": (
        "The figures of PublicTest were known when the recipe and the operating point were chosen. The limits of the\n"
        "reasons for `uncertain` were also measured on it. So expect slightly less on unseen faces."
    ),
    "fer2013": "PublicTest was not used for any choice.",
}
REJECT_LINE = Template(
    """\
- **No face, or no clear expression**: the output `reject`, one logit. If its sigmoid is above $threshold, the device
  shows `uncertain`. On the validation side that rejects $facesAgreedOn of the faces that people agree on, and
  $negatives of generated pictures without a face."""
)
COVERED_LINE = Template(
    """\
- **Covered**: the output `covered`, one logit. If its sigmoid is above $threshold, a mask, a hand or an object hides
  the mouth, and the device shows `uncertain`. It was trained on painted coverings. On the validation side it finds
  $masks of painted masks, $hands of painted hands and $things of painted objects. It also reports $facesAgreedOn of the
  uncovered faces that people agree on."""
)
ADJUSTED_LINE = Template(
    """\
- **Adjusted logits**, part of the weights (Menon et al. 2021), chosen on the validation side: $values."""
)
COMPARISON_LINE = Template(
    """\
- **Comparison**: the output `fer2013` predicts FER-2013's label, at temperature $temperature. FER-2013's labels agree
  with people on only two thirds of the pictures: many calm faces are labelled sad or angry."""
)
SENSITIVITY_LINE = Template(
    """\
- **Sensitivity**: `classify.sensitivity` selects one of three operating points. Below a probability of $calm (calm),
  $balanced (balanced) or $expressive (expressive) the device shows `uncertain`. `training/results/$name/` describes how
  they were chosen, with the curve."""
)
UNCERTAIN_LINE = Template(
    """\
- **Uncertain**: the device shows `uncertain` if the most probable label has a probability below $below."""
)
HEAD_LINES = (
    ("reject", REJECT_LINE, ("facesAgreedOn", "negatives")),
    ("covered", COVERED_LINE, ("facesAgreedOn", "masks", "hands", "things")),
)
TEST_NAME = "FER-2013 PublicTest"


def write_card(checkpoint: Path, preset: Preset, preset_file: str, split: Split, models: Path) -> Path:
    """Score `<name>.fp32.onnx` and `<name>.int8.onnx` in `models`; write `<name>.json` and `<name>.md` beside them."""
    state = load_checkpoint(checkpoint)
    files = {kind: models / f"{preset.name}.{kind}.onnx" for kind in ("fp32", "int8")}
    seen = predict_onnx(files["fp32"], split.validation.images)
    answers = "people" if "fer2013" in seen else "fer2013"
    temperature = fit_answer(answers, seen["logits"], split.validation)
    heads = describe_heads(seen, temperature, state, preset, split)
    temperatures = {"logits": temperature} | {
        name: head["temperature"] for name, head in heads.get("heads", {}).items()
    }
    registration = json.loads((CONFIGS / "registration.json").read_text(encoding="utf-8"))
    card = {
        "schema": 2,
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
        "answers": answers,
        "output": {"name": "logits", "kind": "logits"},
        "temperature": temperature,
        **heads,
        "uncertain": json.loads((CONFIGS / "reasons.json").read_text(encoding="utf-8"))["uncertain"],
        "crop": {
            "box": {detector: registration[detector]["box"] for detector in registration},
            "landmarks": registration["yunet"]["landmarks"],
        },
        "metrics": {kind: describe_scores(file, split.test, temperatures) for kind, file in files.items()},
        "data": list(DATA[: 2 if preset.train.votes_weight > 0 or answers == "people" else 1]),
        "licence": LICENCE,
        "training": describe_training(state, preset, preset_file, split)
        | {"parameters": count_parameters(load_device_net(checkpoint))},
    }
    path = models / f"{preset.name}.json"
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    (models / f"{preset.name}.md").write_text(render_page(card), encoding="utf-8")
    return path


def fit_answer(answers: str, logits: np.ndarray, faces: Faces) -> float:
    """Fit the temperature of the answer to the strict majority of people, or to FER-2013's labels."""
    if answers == "fer2013":
        return fit_temperature(logits, faces.labels)
    labels, agreed = agree(faces)
    return fit_temperature(logits[agreed], labels)


def describe_heads(seen: dict, temperature: float, state: dict, preset: Preset, split: Split) -> dict:
    """The further outputs and the operating points, all fitted on the validation side."""
    found: dict = {}
    if "fer2013" in seen:
        own = fit_temperature(seen["fer2013"], split.validation.labels)
        found["heads"] = {"fer2013": {"name": "fer2013", "temperature": own}}
        found["sensitivity"] = describe_points(seen["logits"], split.validation, temperature)
    else:
        top = compute_probabilities(seen["logits"], temperature).max(axis=1)
        below = round(float(np.quantile(top, preset.reject.uncertain_share)), 3)
        found["sensitivity"] = {name: {"offsets": {}, "below": below} for name in POINTS}
    return found | {
        head: {"name": head, "threshold": state[head]["threshold"]} for head in ("reject", "covered") if head in seen
    }


def describe_file(path: Path) -> dict:
    """Name, size and hash, which the device checks."""
    content = path.read_bytes()
    return {"file": path.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def describe_scores(path: Path, faces: Faces, temperatures: dict[str, float]) -> dict:
    """Scores on the test side by question, `people` first, each with its calibration error at the card's temperature.

    `temperatures` are those of the outputs, by name.
    """
    seen, scores = predict_onnx(path, faces.images), {}
    for target in list_targets(seen, faces.votes is not None):
        labels, labelled = target.label(faces)
        logits = target.select(seen)[labelled]
        probabilities = compute_probabilities(logits, temperatures[target.head])
        error = compute_calibration_error(probabilities, labels[labelled])
        result = score(labels[labelled], logits) | {"calibrationError": round(error, 4)}
        scores[target.key] = {"split": TEST_NAME} | result
    return scores


def describe_training(state: dict, preset: Preset, preset_file: str, split: Split) -> dict:
    """Origin of the weights; `modified` means that the code had changes that are not in the commit."""
    return {
        "config": preset_file,
        "net": preset.net.kind,
        "seed": preset.seed,
        **state["origin"],
        "epochs": len(state["log"]),
        "validationAccuracy": round(state["log"][-1]["validation_accuracy"], 6),
        "faces": {"train": len(split.train), "validation": len(split.validation), "test": len(split.test)},
        "copiesDropped": split.copies_dropped,
        **{key: state[key] for key in ("adjusted", "synthetic", "reject", "covered") if state.get(key)},
    }


def render_page(card: dict) -> str:
    """Render the model's page from its card."""
    metrics, question = card["metrics"]["int8"], card["answers"]
    lead = metrics[question]
    rows = [
        f"| {label} | {lead['precision'][label]:.1%} | {lead['recall'][label]:.1%} | {lead['f1'][label]:.1%} | "
        f"{sum(lead['confusion'][index])} |"
        for index, label in enumerate(LABELS)
    ]
    confusion = [
        f"| **{label}** | " + " | ".join(map(str, lead["confusion"][index])) + " |"
        for index, label in enumerate(LABELS)
    ]
    scores = [
        f"| {QUESTIONS[key]} | {kind} | {found['n']:,} | {found['accuracy']:.2%} | {found['macroRecall']:.3f} | "
        f"{found['recall']['neutral']:.1%} | {found['calibrationError']:.3f} |"
        for key in QUESTIONS
        for kind, by_question in card["metrics"].items()
        if (found := by_question.get(key))
    ]
    files = [f"| `{f['file']}` | {f['bytes']:,} | `{f['sha256']}` |" for f in card["files"].values()]
    template = Template((CONFIGS / "card.md").read_text(encoding="utf-8"))
    return template.substitute(
        name=card["name"],
        question=QUESTIONS[question],
        files="\n".join(files),
        scores="\n".join(scores),
        rows="\n".join(rows),
        confusion="\n".join(confusion),
        labels=" | ".join(LABELS),
        rule="---|" * (len(LABELS) + 1),
        temperature=card["temperature"],
        parameters=f"{card['training']['parameters']:,}",
        kind=NETWORKS[card["training"]["net"]],
        heads=render_heads(card),
        config=card["training"]["config"],
        epochs=card["training"]["epochs"],
        seed=card["training"]["seed"],
        commit=card["training"]["commit"],
        date=card["training"]["date"],
        before_offset=", before the operating point" if question == "people" else "",
        test_use=TEST_USE[question],
        validation=f"{card['training']['validationAccuracy']:.2%}",
        copies=card["training"]["copiesDropped"],
        train_faces=f"{card['training']['faces']['train']:,}",
        validation_faces=f"{card['training']['faces']['validation']:,}",
    )


def render_heads(card: dict) -> str:
    """The further outputs and their measured quality, as a list in Markdown."""
    lines = []
    if "heads" in card:
        temperature = card["heads"]["fer2013"]["temperature"]
        lines.append(COMPARISON_LINE.substitute(temperature=temperature))
        below = {name: point["below"] for name, point in card["sensitivity"].items()}
        lines.append(SENSITIVITY_LINE.substitute(below, name=card["name"]))
    else:
        lines.append(UNCERTAIN_LINE.substitute(below=card["sensitivity"]["balanced"]["below"]))
    adjusted = {label: value for label, value in card["training"].get("adjusted", {}).items() if value}
    if adjusted:
        values = ", ".join(f"{label} {value:+.2f}" for label, value in adjusted.items())
        lines.append(ADJUSTED_LINE.substitute(values=values))
    for head, line, shares in HEAD_LINES:
        if head in card:
            found = card["training"][head]
            shown = {key: f"{found[key]:.1%}" for key in shares}
            lines.append(line.substitute(shown, threshold=found["threshold"]))
    return "\n".join(lines)


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.card", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--preset", type=Path, required=True, help="configs/*.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv, for networks that answer for people")
    parser.add_argument(
        "--models", type=Path, required=True, help="folder with both .onnx files; the card is written there"
    )
    options = parser.parse_args(arguments)
    preset = load_preset(options.preset)
    split = prepare(preset, options.data, options.votes)
    path = write_card(options.checkpoint, preset, options.preset.name, split, options.models)
    card = json.loads(path.read_text(encoding="utf-8"))
    for kind, metrics in card["metrics"].items():
        result = metrics[card["answers"]]
        print(f"{kind}: accuracy {result['accuracy']:.2%}, mean recall {result['macroRecall']:.4f} on {TEST_NAME}")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Compare remedies for the rare classes, disgust and fear: `python -m mien_training.hard_classes --data D --votes V`.

One small preset is trained with each remedy and each seed. Each finished run is one JSON file in `--out` and is not
repeated, so after an interruption run the command again. Every run rewrites README.md and comparison.json. The remedy
is chosen on the validation side; the test side is only reported.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from .adjust import HARD, adjust_apart, fit_biases, point_to_hard, point_to_rare
from .bootstrap import LEVEL, RESAMPLES, compute_rates
from .calibrate import compute_calibration_error, compute_probabilities, fit_temperature
from .checkpoint import CheckpointError, load_device_net
from .config import Preset, load_preset
from .data import LABELS, Faces
from .errors import in_one_line
from .evaluate import predict
from .generate import describe_synthetic, load_synthetic
from .hard_classes_page import render_page
from .split import Split, prepare
from .train import train
from .trainer.run import describe_recipe
from .trainer.workers import Workers

PRESET = Path(__file__).parents[1] / "configs" / "hard-classes.yaml"
SIDES = ("validation", "test")


@dataclass(frozen=True)
class Remedy:
    """One remedy for rare classes: other training settings, more faces, or biases for the plain logits."""

    name: str
    title: str
    train: dict = field(default_factory=dict)
    synthetic: bool = False
    directions: str = ""  # rare or hard: no training, see adjust.py


PLAIN = Remedy("plain", "nothing")
REMEDIES = (
    PLAIN,
    Remedy("weight-0.5", "class weighting, power 0.5", {"balance": "weight", "balance_power": 0.5}),
    Remedy("weight-1", "class weighting, power 1", {"balance": "weight", "balance_power": 1.0}),
    Remedy("sample-0.5", "balanced sampling, power 0.5", {"balance": "sample", "balance_power": 0.5}),
    Remedy("sample-1", "balanced sampling, power 1", {"balance": "sample", "balance_power": 1.0}),
    Remedy("synthetic", "synthetic faces of disgust and fear", synthetic=True),
    Remedy("adjust-rare", "logit adjustment by class share", directions="rare"),
    Remedy("adjust-hard", "logit adjustment of disgust and fear", directions="hard"),
)


@dataclass(frozen=True)
class Comparison:
    """The inputs and folders that all runs share."""

    preset: Preset
    split: Split
    synthetic: Faces | None
    runs: Path  # checkpoints
    out: Path  # results


def run_all(comparison: Comparison, seeds: list[int]) -> None:
    """Run every remedy with every seed, one seed after the other, so that an interruption leaves complete seeds."""
    comparison.out.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        for remedy in REMEDIES:
            if remedy.synthetic and comparison.synthetic is None:
                print(f"{remedy.name}: left out, because it needs --synthetic", file=sys.stderr)
            elif not is_done(comparison, remedy, seed):
                write_json(comparison.out / f"{remedy.name}-{seed}.json", run_one(comparison, remedy, seed))
                write_results(comparison)
    write_results(comparison)


def is_done(comparison: Comparison, remedy: Remedy, seed: int) -> bool:
    """Whether this run's JSON exists; raises CheckpointError if it was written with another recipe."""
    path = comparison.out / f"{remedy.name}-{seed}.json"
    if not path.exists():
        return False
    if json.loads(path.read_text(encoding="utf-8"))["recipe"] != describe(comparison, remedy, seed):
        raise CheckpointError(f"{path}: was written with another preset or other synthetic faces; remove it")
    return True


def describe(comparison: Comparison, remedy: Remedy, seed: int) -> dict:
    """Everything that the result depends on, ready for JSON."""
    recipe = describe_recipe(dataclasses.asdict(vary(comparison.preset, remedy, seed)))
    faces = describe_synthetic(comparison.synthetic) if remedy.synthetic else ""
    return json.loads(json.dumps(recipe | {"synthetic": faces, "directions": remedy.directions}))


def vary(preset: Preset, remedy: Remedy, seed: int) -> Preset:
    """The preset with this remedy and seed; logit adjustment starts from the plain run."""
    name = PLAIN.name if remedy.directions else remedy.name
    return dataclasses.replace(
        preset, name=f"{name}-{seed}", seed=seed, train=dataclasses.replace(preset.train, **remedy.train)
    )


def run_one(comparison: Comparison, remedy: Remedy, seed: int) -> dict:
    """Train or resume one run, and record the prediction for each face."""
    preset, split = vary(comparison.preset, remedy, seed), comparison.split
    run_dir = comparison.runs / preset.name
    checkpoint = train(
        preset,
        split,
        run_dir,
        Workers(0, 1, torch.device("cuda" if torch.cuda.is_available() else "cpu")),
        synthetic=comparison.synthetic if remedy.synthetic else None,
        resume=(run_dir / "checkpoint.pt").exists(),
    )
    net = load_device_net(checkpoint)
    logits = {side: predict(net, getattr(split, side).images)["logits"] for side in SIDES}
    biases, apart = np.zeros(len(LABELS)), logits["validation"]
    if remedy.directions:
        directions = point_to_hard() if remedy.directions == "hard" else point_to_rare(split.train.labels)
        biases = fit_biases(logits["validation"], split.validation.labels, directions)
        apart = adjust_apart(logits["validation"], split.validation.labels, directions)
    return {
        "remedy": remedy.name,
        "seed": seed,
        "recipe": describe(comparison, remedy, seed),
        "biases": [round(float(bias), 4) for bias in biases],
        "calibrationError": measure_calibration(logits, biases, split),
        "called": {"validation": spell(apart.argmax(1)), "test": spell((logits["test"] + biases).argmax(1))},
    }


def measure_calibration(logits: dict[str, np.ndarray], biases: np.ndarray, split: Split) -> float:
    """Expected calibration error on the test side, at the temperature fitted on the validation side."""
    temperature = fit_temperature(logits["validation"] + biases, split.validation.labels)
    probabilities = compute_probabilities(logits["test"] + biases, temperature)
    return round(compute_calibration_error(probabilities, split.test.labels), 6)


def spell(called: np.ndarray) -> str:
    """Encode predictions as one digit per face."""
    return "".join(map(str, called))


def write_results(comparison: Comparison) -> None:
    """Write README.md and comparison.json from the JSON files of all finished runs."""
    runs = []
    for remedy in REMEDIES:
        files = sorted(comparison.out.glob(f"{remedy.name}-[0-9]*.json"))
        found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        runs += [run for run in found if run["remedy"] == remedy.name]
    if not any(run["remedy"] == PLAIN.name for run in runs):
        return
    result = compare_remedies(runs, {side: getattr(comparison.split, side).labels for side in SIDES})
    result["preset"] = comparison.preset.name
    write_json(comparison.out / "comparison.json", result)
    (comparison.out / "README.md").write_text(render_page(result), encoding="utf-8")


def compare_remedies(runs: list[dict], labels: dict[str, np.ndarray]) -> dict:
    """Scores of each remedy, mean over its seeds, and its difference to the plain runs of the same seeds.

    Intervals come from one bootstrap over the faces, with the predictions of all runs per face, so differences are
    paired. They cover the choice of faces, not the choice of seeds.
    """
    called = {(run["remedy"], run["seed"]): run["called"] for run in runs}
    rates = {
        side: measure(labels[side], {key: np.array(list(map(int, c[side]))) for key, c in called.items()})
        for side in SIDES
    }
    rows = []
    for remedy in REMEDIES:
        seeds = sorted(seed for name, seed in called if name == remedy.name)
        if not seeds:
            continue
        own = {side: average(rates[side], remedy.name, seeds) for side in SIDES}
        paired = [seed for seed in seeds if (PLAIN.name, seed) in called]
        errors = [run["calibrationError"] for run in runs if run["remedy"] == remedy.name]
        row = {"remedy": remedy.name, "title": remedy.title, "seeds": seeds, "trained": not remedy.directions}
        row |= {side: {key: bound(values) for key, values in own[side].items()} for side in SIDES}
        row["calibrationError"] = round(float(np.mean(errors)), 4)
        row["bySeed"] = {str(s): round(float(rates["validation"][remedy.name, s]["macroF1"][0]), 4) for s in seeds}
        if remedy.name != PLAIN.name and paired:
            row["difference"] = {
                side: subtract(average(rates[side], remedy.name, paired), average(rates[side], PLAIN.name, paired))
                for side in SIDES
            }
        rows.append(row)
    best = max(rows, key=lambda row: row["validation"]["macroF1"]["value"])
    return {"chosen": best["remedy"], "resamples": RESAMPLES, "level": LEVEL, "rows": rows} | {
        f"{side}Faces": {"all": len(labels[side])} | {LABELS[c]: int((labels[side] == c).sum()) for c in HARD}
        for side in SIDES
    }


def measure(labels: np.ndarray, called: dict) -> dict:
    """Scores by run, float [1 + RESAMPLES]: first the observed one, then those of the same resampled faces."""
    count, classes = len(labels), len(LABELS)
    weights = np.ones((1 + RESAMPLES, count), dtype=np.float32)
    weights[1:] = np.random.default_rng(count).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    result = {}
    for key, answers in called.items():
        cells = np.eye(classes * classes, dtype=np.float32)[labels * classes + answers]
        confusion = (weights @ cells).reshape(-1, classes, classes)
        rates = compute_rates(confusion)
        scores = {"accuracy": rates["accuracy"], "macroF1": rates["macroF1"]}
        for c in HARD:
            scores[f"{LABELS[c]}Recall"] = rates["recall"][:, c]
            scores[f"{LABELS[c]}Precision"] = confusion[:, c, c] / np.maximum(confusion[:, :, c].sum(axis=1), 1)
        result[key] = scores
    return result


def average(rates: dict, remedy: str, seeds: list[int]) -> dict[str, np.ndarray]:
    """Mean over the seeds, score by score."""
    runs = [rates[remedy, seed] for seed in seeds]
    return {key: np.mean([run[key] for run in runs], axis=0) for key in runs[0]}


def subtract(second: dict[str, np.ndarray], first: dict[str, np.ndarray]) -> dict:
    """Paired differences with their intervals."""
    return {key: bound(second[key] - first[key]) for key in first}


def bound(values: np.ndarray) -> dict:
    """The observed value, and the interval of the resampled values."""
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.nanpercentile(values[1:], [tail, 100 - tail])
    return {"value": round(float(values[0]), 6), "interval": [round(float(low), 6), round(float(high), 6)]}


def write_json(path: Path, content: dict) -> None:
    """Write the file atomically."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.hard_classes", description=__doc__)
    parser.add_argument("--preset", type=Path, default=PRESET, help="default: configs/hard-classes.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, required=True, help="FER+'s fer2013new.csv")
    parser.add_argument("--synthetic", type=Path, help="written by mien_training.generate sample")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=Path, default=Path("runs/hard-classes"), help="folder for checkpoints")
    parser.add_argument("--out", type=Path, default=Path("results/hard-classes"), help="folder for results")
    parser.add_argument("--threads", type=int, help="threads of this process (default: one per core)")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    preset = load_preset(options.preset)
    synthetic = load_synthetic(options.synthetic, preset.data) if options.synthetic else None
    split = prepare(preset, options.data, options.votes)
    run_all(Comparison(preset, split, synthetic, options.runs, options.out), options.seeds)
    print(options.out / "README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())

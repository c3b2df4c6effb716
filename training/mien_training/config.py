"""A preset: one YAML file that train, export, quantize, evaluate and card share."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

import yaml

from .errors import UserError

KINDS = ("simple", "vgg", "residual")
ANSWERS = ("fer2013", "people")


class ConfigError(UserError):
    """A preset that cannot be used; the message names every mistake with its path, value and what was expected."""


@dataclass(frozen=True)
class DataConfig:
    """Which rows are used."""

    max_bad_share: float = (
        0.01  # maximum share of missing, corrupt or misplaced files; above it the data set is refused
    )
    validation_share: float = 0.1  # of Training, per class
    split_seed: int = 2013  # draws the validation side; a teacher and its student must use the same


@dataclass(frozen=True)
class NetConfig:
    """The network: its kind and its sizes. Each kind uses only some of the keys."""

    kind: str = "simple"  # simple, vgg or residual
    widths: tuple[int, ...] = (
        32,
        64,
        128,
    )  # channels of each block; residual: the first value is for the first convolution
    kernels: tuple[int, ...] = ()  # simple: kernel side of each block, pixels
    strides: tuple[int, ...] = ()  # residual: of each block
    hidden: int = 256  # simple, vgg: units of each dense layer
    dropout: float = 0.4  # before the heads
    crop: int = 44  # side of the central crop of the 48x48 face that is the network's input, pixels


@dataclass(frozen=True)
class AugmentConfig:
    """Strength of each random change; 0 turns it off."""

    flip: float = 0.5  # probability
    shift: float = 0.08  # largest shift, share of the side
    rotation: float = 10.0  # largest angle, degrees
    scale: float = 0.12  # largest relative change of size
    light: float = 0.2  # largest relative change of contrast, and of brightness as a share of 255
    erase: float = 0.3  # probability of one erased rectangle


@dataclass(frozen=True)
class TrainConfig:
    """The optimisation. The result is the running average of weights after the last epoch; no epoch is selected."""

    epochs: int = 24
    batch: int = 128
    optimizer: str = "adamw"  # adamw, or sgd with Nesterov's momentum 0.9
    lr: float = 0.002  # peak of the one-cycle schedule, start of plateau
    schedule: str = "onecycle"  # onecycle (cosine up and down), or plateau: x 0.5 after 3 epochs without improvement
    warmup: float = 0.15  # onecycle: share of the steps before the peak
    weight_decay: float = 0.05  # of kernels and matrices
    label_smoothing: float = 0.1
    votes_weight: float = 0.0  # weight of the loss of the head for FER+'s vote shares; 0: no such head
    mixup: float = 0.0  # alpha of the Beta distribution that mixes pairs of faces (Zhang et al. 2018); 0: off
    label_voters: float = 0.0  # answers: people; extra votes for FER-2013's label, if at least one person agrees
    comparison_weight: float = 0.4  # answers: people; weight of the loss of the comparison head (FER-2013's labels)
    teacher_weight: float = 0.0  # share of a teacher's probabilities in the targets (Hinton et al. 2015)
    placed_share: float = 0.0  # share of faces that are replaced by the device's crops of them (--crops)
    sharpness: float = 0.0  # radius of sharpness-aware minimisation (Foret et al. 2021); doubles the time; 0: off
    balance: str = "none"  # for rare classes: none, weight (in the loss) or sample (draw them more often)
    balance_power: float = 0.5  # weight of a class = (1 / its share) ** power
    ema_decay: float = 0.998  # per step; validation and export use the averaged weights
    sides: tuple[
        int, ...
    ] = ()  # sides of the faces in equal parts of the run, pixels (small first is faster); () = crop


@dataclass(frozen=True)
class QuantizeConfig:
    """Static int8 quantization."""

    calibration_images: int = 700  # drawn from the training side of the split, in equal parts per class
    method: str = "minmax"  # how ranges are computed from the calibration set: minmax, entropy or percentile


@dataclass(frozen=True)
class RejectConfig:
    """The head for "no face, or no clear expression", trained while all other weights are fixed."""

    negatives: int = 20_000  # generated pictures without a face for training; a quarter as many for validation
    hidden: int = 64
    epochs: int = 12
    false_share: float = 0.02  # share of agreed validation faces that may be rejected; sets the threshold
    uncertain_share: float = 0.1  # share of uncertain validation faces; sets the minimum probability of a label


@dataclass(frozen=True)
class CoveredConfig:
    """The head for "the mouth is covered", trained while all other weights are fixed."""

    faces: int = 5_000  # faces drawn from the training side: each is used plain, painted beside the mouth, and covered
    hidden: int = 64
    epochs: int = 8
    false_share: float = 0.01  # share of agreed validation faces that may be reported as covered; sets the threshold


@dataclass(frozen=True)
class GenerateConfig:
    """The small generator of synthetic faces: a rectified flow. It trains in rounds with a checkpoint after each."""

    side: int = 32  # side of the generated faces, pixels; they are enlarged to 48 afterwards
    widths: tuple[int, ...] = (40, 96, 160)  # channels at side / 2, side / 4 and side / 8
    rounds: int = 80
    steps: int = 50  # of the optimiser in each round
    batch: int = 64
    lr: float = 0.002  # peak of the one-cycle schedule
    balance_power: float = 0.5  # faces are drawn with weight (1 / share of their class) ** power
    drop_class: float = 0.1  # probability that a face is used without its class, for classifier-free guidance
    ema_decay: float = 0.998  # per step; samples come from the averaged weights
    guidance: float = 1.5  # 1: none; higher: more typical of the class and less varied
    sample_steps: int = 25  # from noise to a face


@dataclass(frozen=True)
class Preset:
    """Everything that makes a run reproducible, apart from the data itself."""

    name: str
    seed: int = 2013
    answers: str = "fer2013"  # the head `logits` predicts FER-2013's label, or what most people say (FER+'s votes)
    adjust: str = (
        "none"  # logits for rare classes, before shipping: none, rare (by their share) or hard (disgust, fear)
    )
    data: DataConfig = field(default_factory=DataConfig)
    net: NetConfig = field(default_factory=NetConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    reject: RejectConfig = field(default_factory=RejectConfig)
    covered: CoveredConfig = field(default_factory=CoveredConfig)
    quantize: QuantizeConfig = field(default_factory=QuantizeConfig)
    generate: GenerateConfig = field(default_factory=GenerateConfig)


def load_preset(path: Path) -> Preset:
    """Read and check a preset; raises ConfigError with all mistakes in one line."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read as YAML: {' '.join(str(error).split())}") from error
    mistakes: list[str] = []
    preset = _build(Preset, raw, "", mistakes)
    if not mistakes:
        _check_bounds(preset, mistakes)
    if mistakes:
        raise ConfigError(f"{path}: " + "; ".join(mistakes))
    return preset


def _build(kind: type, raw: Any, path: str, mistakes: list[str]) -> Any:
    if not isinstance(raw, dict):
        mistakes.append(f"{path or 'file'}: expected keys and values, got {raw!r}")
        return None
    fields = {f.name: f for f in dataclasses.fields(kind)}
    types = get_type_hints(kind)
    mistakes += [f"{path}{key}: unknown key, expected one of {', '.join(fields)}" for key in raw if key not in fields]
    if "name" in fields and "name" not in raw:
        mistakes.append("name: missing")
    values = {key: _convert(types[key], value, f"{path}{key}", mistakes) for key, value in raw.items() if key in fields}
    return None if mistakes else kind(**values)


def _convert(kind: Any, value: Any, path: str, mistakes: list[str]) -> Any:
    if dataclasses.is_dataclass(kind):
        return _build(kind, value, path + ".", mistakes)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind == tuple[int, ...]:
        if isinstance(value, list) and all(type(item) is int and item > 0 for item in value):
            return tuple(value)
        mistakes.append(f"{path}: expected a list of positive whole numbers, got {value!r}")
    elif type(value) is not kind:
        mistakes.append(f"{path}: expected {kind.__name__}, got {value!r}")
    return value


def _check_bounds(preset: Preset, mistakes: list[str]) -> None:
    def expect(holds: bool, path: str, expected: str) -> None:
        if not holds:
            group, _, key = path.rpartition(".")
            owner = getattr(preset, group) if group else preset
            mistakes.append(f"{path}: expected {expected}, got {getattr(owner, key)!r}")

    expect(preset.adjust in ("none", "rare", "hard"), "adjust", "none, rare or hard")
    expect(preset.answers in ANSWERS, "answers", " or ".join(ANSWERS))
    if preset.answers == "people":
        expect(
            preset.adjust == "none", "adjust", "none: a network that answers for people has operating points instead"
        )
        expect(preset.train.votes_weight == 0, "train.votes_weight", "0: the votes are the answer of the network")
    expect(0 <= preset.data.max_bad_share < 1, "data.max_bad_share", "0 <= share < 1")
    expect(0 < preset.data.validation_share < 0.5, "data.validation_share", "0 < share < 0.5")
    expect(preset.net.kind in KINDS, "net.kind", " or ".join(KINDS))
    if preset.net.kind == "simple":
        expect(len(preset.net.kernels) == len(preset.net.widths), "net.kernels", "as many as net.widths")
        expect(all(k % 2 for k in preset.net.kernels), "net.kernels", "odd sides")
        expect(not preset.train.sides, "train.sides", "none: the simple network's dense layer has a fixed input size")
    if preset.net.kind == "vgg":
        halvings = len(preset.net.widths)
        same = all(side >> halvings == preset.net.crop >> halvings for side in preset.train.sides)
        expect(same, "train.sides", f"sides with the same result as net.crop after halving {halvings} times")
    if preset.net.kind == "residual":
        expect(len(preset.net.strides) == len(preset.net.widths) - 1, "net.strides", "one fewer than net.widths")
    expect(0 <= preset.net.dropout < 1, "net.dropout", "0 <= share < 1")
    expect(16 <= preset.net.crop <= 48 and preset.net.crop % 2 == 0, "net.crop", "an even side of 16 to 48")
    for key in ("flip", "erase"):
        expect(0 <= getattr(preset.augment, key) <= 1, f"augment.{key}", "a probability")
    for key in ("shift", "scale", "light"):
        expect(0 <= getattr(preset.augment, key) < 1, f"augment.{key}", "0 <= share < 1")
    for key in ("epochs", "batch", "lr"):
        expect(getattr(preset.train, key) > 0, f"train.{key}", "more than 0")
    expect(0 < preset.train.warmup < 1, "train.warmup", "0 < share < 1")
    for key in ("votes_weight", "label_voters", "comparison_weight", "mixup", "sharpness", "balance_power"):
        expect(getattr(preset.train, key) >= 0, f"train.{key}", "0 or more")
    expect(0 <= preset.train.label_smoothing < 1, "train.label_smoothing", "0 <= share < 1")
    expect(0 <= preset.train.teacher_weight <= 1, "train.teacher_weight", "a share")
    expect(0 <= preset.train.placed_share <= 1, "train.placed_share", "a share")
    expect(preset.train.optimizer in ("adamw", "sgd"), "train.optimizer", "adamw or sgd")
    expect(preset.train.schedule in ("onecycle", "plateau"), "train.schedule", "onecycle or plateau")
    expect(preset.train.balance in ("none", "weight", "sample"), "train.balance", "none, weight or sample")
    expect(all(16 <= side <= 48 for side in preset.train.sides), "train.sides", "sides of 16 to 48")
    expect(0 <= preset.train.ema_decay < 1, "train.ema_decay", "0 <= decay < 1")
    for key in ("negatives", "hidden", "epochs"):
        expect(getattr(preset.reject, key) > 0, f"reject.{key}", "more than 0")
    for key in ("faces", "hidden", "epochs"):
        expect(getattr(preset.covered, key) > 0, f"covered.{key}", "more than 0")
    expect(0 <= preset.covered.false_share < 1, "covered.false_share", "0 <= share < 1")
    for key in ("false_share", "uncertain_share"):
        expect(0 <= getattr(preset.reject, key) < 1, f"reject.{key}", "0 <= share < 1")
    expect(16 <= preset.generate.side <= 48 and preset.generate.side % 8 == 0, "generate.side", "16 to 48, in eights")
    three = len(preset.generate.widths) == 3 and all(width % 8 == 0 for width in preset.generate.widths)
    expect(three, "generate.widths", "three multiples of 8")
    for key in ("rounds", "steps", "batch", "lr", "sample_steps"):
        expect(getattr(preset.generate, key) > 0, f"generate.{key}", "more than 0")
    for key in ("balance_power", "guidance"):
        expect(getattr(preset.generate, key) >= 0, f"generate.{key}", "0 or more")
    for key in ("drop_class", "ema_decay"):
        expect(0 <= getattr(preset.generate, key) < 1, f"generate.{key}", "0 <= share < 1")
    expect(preset.quantize.calibration_images >= 7, "quantize.calibration_images", "at least 7")
    expect(
        preset.quantize.method in ("minmax", "entropy", "percentile"),
        "quantize.method",
        "minmax, entropy or percentile",
    )

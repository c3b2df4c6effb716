"""Train one preset: `python -m mien_training.train configs/simple-cnn.yaml --data fer2013.zip`.

On several GPUs or machines: `torchrun --nproc-per-node 4 -m mien_training.train ...`, the same arguments.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import datetime
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from .augment import augment
from .by_face import load_by_face
from .calibrate import compute_loss
from .checkpoint import CheckpointError, load_checkpoint, load_device_net, save_checkpoint
from .config import Preset, TrainConfig, load_preset
from .data import LABELS, DataError, Faces
from .errors import in_one_line
from .evaluate import predict, score
from .generate import describe_synthetic, load_synthetic
from .nets import DeviceNet, ExpressionNet, count_parameters, normalise
from .placed import Placed, load_placed
from .split import Split, prepare

PARTS = ("net", "optimizer", "schedule")
SAVE_EVERY = 20.0  # seconds at least between two checkpoints: on a GPU an epoch takes less than writing one


@dataclass(frozen=True)
class Workers:
    """The processes that train together: one, or as many as torchrun started."""

    rank: int
    count: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this one writes the checkpoint and the log."""
        return self.rank == 0


class Run:
    """All that changes while training, so that one checkpoint holds it all and a resumed run continues exactly."""

    def __init__(self, preset: Preset, steps_per_epoch: int, device: torch.device) -> None:
        """Build the network, its running average, the optimiser and the schedule, all from the preset's seed."""
        torch.manual_seed(preset.seed)
        config = preset.train
        self.net = ExpressionNet(preset.net, votes=config.votes_weight > 0)
        self.net.to(device, memory_format=torch.channels_last)
        self.average = AveragedModel(self.net, multi_avg_fn=get_ema_multi_avg_fn(config.ema_decay), use_buffers=True)
        self.optimizer = build_optimizer(self.net, config)
        self.schedule = build_schedule(self.optimizer, config, config.epochs * steps_per_epoch)
        self.log: list[dict[str, float]] = []
        self.origin = describe_origin()

    def start_from(self, checkpoint: Path) -> None:
        """Take the averaged weights of another run of the same network."""
        added = ("heads.reject", "heads.covered")
        weights = {key: v for key, v in load_checkpoint(checkpoint)["average"].items() if not key.startswith(added)}
        for net in (self.net, self.average.module):
            try:
                net.load_state_dict(weights)
            except RuntimeError as error:
                raise CheckpointError(
                    f"{checkpoint}: holds another kind or size of network than this preset"
                ) from error

    def state(self) -> dict:
        """Everything that a later start needs."""
        parts = {key: getattr(self, key).state_dict() for key in PARTS}
        average = {"average": self.average.module.state_dict(), "averaged": int(self.average.n_averaged)}
        return parts | average | {"log": self.log, "origin": self.origin}

    def load(self, state: dict) -> None:
        """Go back to a saved state."""
        for key in PARTS:
            getattr(self, key).load_state_dict(state[key])
        self.average.module.load_state_dict(state["average"])
        self.average.n_averaged.fill_(state["averaged"])
        self.log, self.origin = state["log"], state["origin"]


def build_optimizer(net: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW or SGD; weight decay for kernels and matrices only, biases and batch norms are left free."""
    groups = [
        {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in net.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=config.lr, momentum=0.9, nesterov=True, fused=True)
    return torch.optim.AdamW(groups, lr=config.lr, fused=True)


def build_schedule(optimizer: torch.optim.Optimizer, config: TrainConfig, steps: int):
    """One cycle over all steps, or halving where the validation loss stands still."""
    if config.schedule == "plateau":
        return lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=3)
    return lr_scheduler.OneCycleLR(
        optimizer, config.lr, total_steps=steps, pct_start=config.warmup, cycle_momentum=False
    )


def describe_origin() -> dict[str, str | bool]:
    """Commit and date of the code that trains; `modified` says that this folder had changes that no commit holds."""

    def git(*words: str) -> str:
        folder = Path(__file__).parent
        try:
            return subprocess.run(
                ["git", *words], cwd=folder, capture_output=True, text=True, check=True
            ).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return ""

    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    modified = bool(git("status", "--porcelain", "--", ".", "../configs"))
    return {"commit": git("rev-parse", "HEAD") or "unknown", "modified": modified, "date": date}


@dataclass(frozen=True)
class Material:
    """The training side on the device that trains."""

    images: Tensor  # uint8 [N, 1, 48, 48]
    labels: Tensor  # int64 [N]
    targets: dict[str, Tensor]  # probabilities by head: logits [N, 7], votes [N, 10] (rows of zeros where unknown)
    weights: Tensor  # float [N], mean 1: of the loss, or of being drawn
    placed: Placed | None = None


def prepare_material(
    faces: Faces, preset: Preset, device: torch.device, lessons: dict | None, synthetic: Faces | None = None
) -> Material:
    """Targets and weights as the preset wants them; `lessons` are a teacher's probabilities by face and head.

    Synthetic faces come after the others. They have no votes and no lessons: their label is all that is said of them.
    """
    config, real = preset.train, len(faces)
    if faces.votes is None and config.votes_weight > 0:
        raise DataError("train.votes_weight is above 0, so FER+'s votes are needed: give --votes fer2013new.csv")
    if synthetic is not None:
        faces = faces.and_then(synthetic)
    smooth = config.label_smoothing
    targets = {"logits": np.eye(len(LABELS))[faces.labels] * (1 - smooth) + smooth / len(LABELS)}
    if config.votes_weight > 0:
        targets["votes"] = faces.votes / np.maximum(faces.votes.sum(axis=1, keepdims=True), 1)
    if lessons is not None:
        share = config.teacher_weight
        for head, own in targets.items():
            own[:real] = (1 - share) * own[:real] + share * lessons[head]
    counts = np.bincount(faces.labels, minlength=len(LABELS))
    weights = (len(faces) / counts[faces.labels]) ** (0 if config.balance == "none" else config.balance_power)
    return Material(
        torch.from_numpy(faces.images[:, None]).to(device),
        torch.from_numpy(faces.labels).to(device),
        {head: torch.from_numpy(values).float().to(device) for head, values in targets.items()},
        torch.from_numpy(weights / weights.mean()).float().to(device),
    )


class Panel:
    """Trained networks that look at the very face that the pupil sees, changed and mixed, and say what it should say.

    A patient and consistent teacher (Beyer et al. 2022). What networks said once of the unchanged faces
    (mien_training.teach) is close to the labels that they learned, and so says less.
    """

    def __init__(self, checkpoints: list[Path], crop: int, device: torch.device) -> None:
        """Read the networks; raises CheckpointError where one sees another part of the face than the pupil does."""
        nets = {path: load_device_net(path) for path in checkpoints}
        for path, net in nets.items():
            if net.crop != crop:
                raise CheckpointError(
                    f"{path}: sees the {net.crop} central pixels, and the pupil {crop}; set net.crop alike"
                )
        self.nets = [net.net.to(device, memory_format=torch.channels_last) for net in nets.values()]
        self.heads = set.intersection(*(set(net.heads) for net in self.nets)) - {"reject", "covered"}

    @torch.no_grad()
    def say(self, faces: Tensor) -> dict[str, Tensor]:
        """The mean of their probabilities, by head, for normalised crops float [N, 1, side, side]."""
        said = [net(faces) for net in self.nets]
        return {head: torch.stack([each[head].float().softmax(1) for each in said]).mean(0) for head in self.heads}


def train(
    preset: Preset,
    split: Split,
    run_dir: Path,
    workers: Workers,
    *,
    lessons: dict | None = None,
    panel: Panel | None = None,
    synthetic: Faces | None = None,
    crops: Path | None = None,
    start: Path | None = None,
    resume: bool = False,
    stop_after: int | None = None,
) -> Path:
    """Train to the end (or, like a cut, until `stop_after` epochs exist) and return the checkpoint's path.

    The checkpoint is replaced after every epoch of SAVE_EVERY and more, and at the end. The log stands beside it as
    log.csv, curve.png and for TensorBoard. `lessons` and `panel` are two ways to be taught, see `--teacher`.
    """
    if preset.train.placed_share > 0 and crops is None:
        raise DataError("train.placed_share is above 0, so the device's crops are needed: give --crops")
    if preset.train.teacher_weight > 0 and lessons is None and panel is None:
        raise DataError("train.teacher_weight is above 0, so a teacher is needed: give --teacher")
    torch.set_flush_denormal(True)  # late in a run tiny numbers would slow the CPU down several times
    added = 0 if synthetic is None else len(synthetic)
    run = Run(preset, count_steps(preset, len(split.train) + added), workers.device)
    checkpoint = run_dir / "checkpoint.pt"
    run_dir.mkdir(parents=True, exist_ok=True)
    if resume:
        state = load_checkpoint(checkpoint)
        if describe_recipe(state["preset"]) != describe_recipe(dataclasses.asdict(preset)):
            raise CheckpointError(f"{checkpoint}: was made by another preset; start afresh or restore the preset")
        if state.get("synthetic", "") != describe_synthetic(synthetic):
            raise CheckpointError(f"{checkpoint}: was made with other synthetic faces, or with none; give the same")
        run.load(state)
    elif checkpoint.exists():
        raise CheckpointError(f"{checkpoint}: exists; continue it with --resume, or remove it to start afresh")
    elif start:
        run.start_from(start)
    material = prepare_material(split.train, preset, workers.device, lessons, synthetic)
    if crops:
        placed = load_placed(crops, split.train, preset.train.placed_share, workers.device, added)
        material = dataclasses.replace(material, placed=placed)
    if workers.leads:
        count, where = count_parameters(run.net), f"{workers.count} x {workers.device.type}"
        more = f" and {added} synthetic ones" if added else ""
        print(f"{preset.name}: {count:,} parameters, {len(split.train)} faces{more} to train on, {where}")
    net = DistributedDataParallel(run.net) if workers.count > 1 else run.net
    last = min(preset.train.epochs, stop_after or preset.train.epochs)
    saved, noted = time.monotonic(), len(run.log)
    for epoch in range(len(run.log), last):
        started = time.monotonic()
        entry = train_epoch(run, net, preset, material, epoch, workers, panel)
        entry |= validate(run, preset, split.validation)
        if preset.train.schedule == "plateau":
            run.schedule.step(entry["validation_loss"])
        run.log.append(entry | {"seconds": round(time.monotonic() - started, 1)})
        if workers.leads and (epoch + 1 == last or time.monotonic() - saved >= SAVE_EVERY):
            made_of = {"preset": dataclasses.asdict(preset), "synthetic": describe_synthetic(synthetic)}
            save_checkpoint(checkpoint, made_of | run.state())
            write_log(run_dir, run.log, noted)
            noted = len(run.log)
            saved = time.monotonic()
    if workers.leads:
        draw_curve(run_dir / "curve.png", run.log)
    return checkpoint


def describe_recipe(preset: dict) -> dict:
    """What of a preset a run depends on; what comes after training may change between two starts."""
    return {key: preset[key] for key in ("name", "seed", "data", "net", "augment", "train")}


def count_steps(preset: Preset, faces: int) -> int:
    """Steps in one epoch; the last, incomplete batch is left out, for batch norm needs full ones."""
    if faces < preset.train.batch:
        raise DataError(f"train has {faces} faces, fewer than one batch of {preset.train.batch} (train.batch)")
    return faces // preset.train.batch


def train_epoch(
    run: Run,
    net: nn.Module,
    preset: Preset,
    material: Material,
    epoch: int,
    workers: Workers,
    panel: Panel | None = None,
) -> dict[str, float]:
    """One pass in random order. Everything random follows from seed and epoch, so a resumed run repeats nothing.

    Several workers draw the same order, and each takes its part of every batch.
    """
    config, device = preset.train, workers.device
    side = choose_side(preset, epoch)
    shared = torch.Generator(device).manual_seed(preset.seed * 100_003 + epoch)
    order = draw_order(material, config, shared)
    own_seed = preset.seed * 100_003 + epoch + 10_007 * workers.rank
    torch.manual_seed(own_seed)  # dropout and mixup
    generator = torch.Generator(device).manual_seed(own_seed)
    losses, hits, seen = torch.zeros((), device=device), torch.zeros((), device=device), 0
    net.train()
    steps = range(count_steps(preset, len(material.labels)))
    name = f"{preset.name} {epoch + 1}/{config.epochs}"
    for step in tqdm(steps, desc=name, leave=False, mininterval=2, disable=None if workers.leads else True):
        index = order[step * config.batch : (step + 1) * config.batch][workers.rank :: workers.count]
        images = material.images[index]
        if material.placed:  # two channels: what the pupil sees, and the face itself, changed alike
            images = torch.cat([material.placed.replace(images, index, generator), images], dim=1)
        faces = normalise(augment(images, preset.augment, preset.net.crop, side, generator))
        targets = {head: values[index] for head, values in material.targets.items()}
        weights = material.weights[index] if config.balance == "weight" else torch.ones((), device=device)
        faces, targets = mix(faces, targets, config.mixup)
        faces, itself = (faces[:, [channel]].contiguous(memory_format=torch.channels_last) for channel in (0, -1))
        with torch.autocast(device.type, torch.bfloat16, enabled=has_bfloat16(device)):
            if panel:
                targets = blend(targets, panel.say(itself), config.teacher_weight)
            loss, logits = measure(net, faces, targets, weights, config.votes_weight)
        run.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if config.sharpness > 0:
            with climb(net, config.sharpness), torch.autocast(device.type, torch.bfloat16, has_bfloat16(device)):
                measure(net, faces, targets, weights, config.votes_weight)[0].backward()
        run.optimizer.step()
        if config.schedule == "onecycle":
            run.schedule.step()
        run.average.update_parameters(run.net)
        losses += loss.detach()
        hits += (logits.argmax(1) == material.labels[index]).sum()
        seen += len(index)
    return {"epoch": epoch + 1, "loss": losses.item() / len(steps), "accuracy": hits.item() / seen}


def measure(
    net: nn.Module, faces: Tensor, targets: dict[str, Tensor], weights: Tensor, votes_weight: float
) -> tuple[Tensor, Tensor]:
    """The loss of both heads, and the logits."""
    outputs = net(faces)
    loss = (weights * F.cross_entropy(outputs["logits"], targets["logits"], reduction="none")).mean()
    if "votes" in outputs:
        loss = loss + votes_weight * F.cross_entropy(outputs["votes"], targets["votes"])
    return loss, outputs["logits"].detach()


def blend(own: dict[str, Tensor], said: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Targets of which `share` is what teachers said, where they said something of that head."""
    return {head: torch.lerp(values, said.get(head, values), share) for head, values in own.items()}


@contextmanager
def climb(net: nn.Module, radius: float) -> Iterator[None]:
    """Stand where, within `radius`, the loss is about the largest; the gradients found there are those that count.

    Sharpness-aware minimisation (Foret et al. 2021). The weights come back afterwards.
    """
    parameters = [parameter for parameter in net.parameters() if parameter.grad is not None]
    scale = radius / (torch.nn.utils.get_total_norm([parameter.grad for parameter in parameters]) + 1e-12)
    steps = [parameter.grad * scale for parameter in parameters]
    with torch.no_grad():
        for parameter, step in zip(parameters, steps, strict=True):
            parameter.add_(step)
            parameter.grad = None
    yield
    with torch.no_grad():
        for parameter, step in zip(parameters, steps, strict=True):
            parameter.sub_(step)


def choose_side(preset: Preset, epoch: int) -> int:
    """Pixels of a face's side in this epoch: `train.sides` share the epochs equally, small ones first as they stand."""
    sides = preset.train.sides or (preset.net.crop,)
    return sides[epoch * len(sides) // preset.train.epochs]


def draw_order(material: Material, config: TrainConfig, generator: torch.Generator) -> Tensor:
    """Positions of the faces of one epoch: each once, or drawn by weight with replacement."""
    count = len(material.labels)
    if config.balance == "sample":
        return torch.multinomial(material.weights, count, replacement=True, generator=generator)
    return torch.randperm(count, generator=generator, device=material.labels.device)


def mix(faces: Tensor, targets: dict[str, Tensor], alpha: float) -> tuple[Tensor, dict[str, Tensor]]:
    """Blend every face, and its targets, with those of another one (mixup, Zhang et al. 2018)."""
    if alpha == 0:
        return faces, targets
    share = torch.distributions.Beta(alpha, alpha).sample().item()
    other = torch.randperm(len(faces), device=faces.device)
    return torch.lerp(faces[other], faces, share), {
        head: torch.lerp(values[other], values, share) for head, values in targets.items()
    }


def has_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is faster here than float32; on older processors it is emulated, and slower.

    By what the processor says and not by a measurement, for a run must come out the same each time. One with AVX-512's
    float16 and no AMX is a Sapphire Rapids or later whose AMX is hidden from a virtual machine: it has bfloat16, and
    takes 1.4 times as long with it as with float32, where an EPYC without that takes a fifth.
    """
    if device.type == "cuda":
        return True
    has = torch.cpu.get_capabilities()
    return bool(has.get("amx_bf16") or (has.get("avx512_bf16") and not has.get("avx512_fp16")))


def validate(run: Run, preset: Preset, faces: Faces) -> dict[str, float]:
    """Scores of the averaged weights on the validation side, at the size that ships."""
    logits = predict(DeviceNet(run.average.module, preset.net.crop), faces.images)["logits"]
    result = score(faces.labels, logits)
    return {
        "validation_accuracy": result["accuracy"],
        "validation_macro_f1": result["macroF1"],
        "validation_loss": compute_loss(logits, faces.labels, 1.0),
    }


def write_log(run_dir: Path, log: list[dict[str, float]], noted: int) -> None:
    """log.csv with one row per epoch, and for TensorBoard those that come after the first `noted`."""
    from torch.utils.tensorboard import SummaryWriter  # takes seconds to import

    with (run_dir / "log.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, log[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: round(v, 4) for k, v in entry.items()} for entry in log)
    with SummaryWriter(str(run_dir / "tensorboard")) as board:
        for entry in log[noted:]:
            for key in entry.keys() - {"epoch"}:
                board.add_scalar(key, entry[key], int(entry["epoch"]))


def draw_curve(path: Path, log: list[dict[str, float]]) -> None:
    """Accuracy over epochs, small enough to keep in the repository."""
    from matplotlib.figure import Figure  # takes seconds to import

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    epochs = np.array([entry["epoch"] for entry in log])
    for key, name in (
        ("accuracy", "training accuracy (augmented)"),
        ("validation_accuracy", "validation accuracy (average of weights)"),
        ("validation_macro_f1", "validation macro-F1"),
    ):
        axes.plot(epochs, [100 * entry[key] for entry in log], label=name, marker=".")
    axes.set(xlabel="epoch", ylabel="%")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=80)


def join_workers() -> Workers:
    """What torchrun says in the environment, or one process; GPUs where there are any."""
    rank, count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    cuda = torch.cuda.is_available()
    torch.backends.cudnn.benchmark = True  # the sizes of faces and batches stay as they are
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    if count > 1:
        torch.distributed.init_process_group("nccl" if cuda else "gloo")
    return Workers(rank, count, device)


def choose_teachers(paths: list[Path], preset: Preset, split: Split, device: torch.device) -> dict:
    """What `--teacher` names: one file of mien_training.teach, or any number of checkpoints."""
    kept = [path for path in paths if path.suffix == ".npz"]
    if kept and len(paths) > 1:
        raise DataError(f"--teacher: expected checkpoints or one .npz, got {' '.join(map(str, paths))}")
    if kept:
        return {"lessons": load_by_face(kept[0], split.train)}
    return {"panel": Panel(paths, preset.net.crop, device)} if paths else {}


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.train", description=__doc__)
    parser.add_argument("preset", type=Path, help="configs/*.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv, for presets with train.votes_weight")
    teacher = (
        "for train.teacher_weight: checkpoints, which see each face as the pupil does, or mien_training.teach's .npz"
    )
    parser.add_argument("--seed", type=int, help="another than the preset's; the run is then named <preset>-<seed>")
    parser.add_argument("--teacher", type=Path, nargs="+", default=[], help=teacher)
    parser.add_argument("--synthetic", type=Path, help="more faces, from mien_training.generate sample")
    crops = "for train.placed_share: what `mien evaluate .../train --through-detection --crops DIR/train` wrote"
    parser.add_argument("--crops", type=Path, metavar="DIR", help=crops)
    parser.add_argument("--out", type=Path, help="folder for checkpoint and log (default: runs/<name of the preset>)")
    parser.add_argument("--start", type=Path, metavar="CHECKPOINT", help="begin with the weights of another run")
    parser.add_argument("--resume", action="store_true", help="continue the run that stands there")
    parser.add_argument("--stop-after", type=int, metavar="EPOCHS", help="stop early, to be resumed later")
    parser.add_argument("--threads", type=int, help="threads of this process (default: one per core)")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    workers = join_workers()
    try:
        preset = load_preset(options.preset)
        if options.seed is not None:
            preset = dataclasses.replace(preset, name=f"{preset.name}-{options.seed}", seed=options.seed)
        split = prepare(preset, options.data, options.votes)
        teachers = choose_teachers(options.teacher, preset, split, workers.device)
        run_dir = options.out or Path("runs") / preset.name
        more = {
            "crops": options.crops,
            "synthetic": load_synthetic(options.synthetic, preset.data) if options.synthetic else None,
        }
        choices = {"start": options.start, "resume": options.resume, "stop_after": options.stop_after}
        path = train(preset, split, run_dir, workers, **teachers, **more, **choices)
    finally:
        if workers.count > 1:
            torch.distributed.destroy_process_group()
    if workers.leads:
        print(f"dropped {split.copies_dropped} training faces that are exact copies of test faces")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())

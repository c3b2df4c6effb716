"""Train one preset: `python -m mien_training.train configs/simple-cnn.yaml --data fer2013.zip`."""

from __future__ import annotations

import argparse
import copy
import csv
import dataclasses
import datetime
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from .augment import augment
from .checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from .config import ConfigError, Preset, load_preset
from .data import VOTE_COLUMNS, DataError, Faces
from .evaluate import predict, score
from .nets import DeviceNet, SimpleCnn, count_parameters, normalise
from .split import Split, prepare

PARTS = ("net", "average", "votes", "optimizer", "schedule")


class Run:
    """All that changes while training, so that one checkpoint holds it all and a resumed run continues exactly."""

    def __init__(self, preset: Preset, steps_per_epoch: int, device: torch.device) -> None:
        """Build the network, its running average, the optimiser and the schedule, all from the preset's seed."""
        torch.manual_seed(preset.seed)
        config = preset.train
        self.net = SimpleCnn(preset.net).to(device, memory_format=torch.channels_last)
        self.average = AveragedModel(self.net, multi_avg_fn=get_ema_multi_avg_fn(config.ema_decay), use_buffers=True)
        self.votes = nn.Linear(preset.net.hidden, len(VOTE_COLUMNS)).to(device)
        self.optimizer = torch.optim.AdamW(
            group_by_decay(nn.ModuleList([self.net, self.votes]), config.weight_decay), lr=config.lr, fused=True
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer,
            config.lr,
            total_steps=config.epochs * steps_per_epoch,
            pct_start=config.warmup,
            cycle_momentum=False,
        )
        self.log: list[dict[str, float]] = []
        self.best: dict[str, Tensor] = {}
        self.origin = describe_origin()

    def state(self) -> dict:
        """Everything that a later start needs."""
        parts = {key: getattr(self, key).state_dict() for key in PARTS}
        return parts | {"log": self.log, "best": self.best, "origin": self.origin}

    def load(self, state: dict) -> None:
        """Go back to a saved state."""
        for key in PARTS:
            getattr(self, key).load_state_dict(state[key])
        self.log, self.best, self.origin = state["log"], state["best"], state["origin"]


def group_by_decay(net: nn.Module, weight_decay: float) -> list[dict]:
    """Weight decay for kernels and matrices only; biases and batch norms are left free."""
    decayed = [p for p in net.parameters() if p.ndim > 1]
    free = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


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


def train(preset: Preset, split: Split, run_dir: Path, *, resume: bool = False, stop_after: int | None = None) -> Path:
    """Train to the end (or, like a cut, until `stop_after` epochs exist) and return the checkpoint's path.

    The checkpoint is replaced after every epoch. Its `best` weights are the running average of the epoch with the
    highest validation accuracy. The log stands beside it as log.csv and curve.png.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_flush_denormal(True)  # late in a run tiny numbers would slow the CPU down several times
    run = Run(preset, count_steps(preset, len(split.train)), device)
    checkpoint = run_dir / "checkpoint.pt"
    run_dir.mkdir(parents=True, exist_ok=True)
    if resume:
        state = load_checkpoint(checkpoint)
        if state["preset"] != dataclasses.asdict(preset):
            raise CheckpointError(f"{checkpoint}: was made by another preset; start afresh or restore the preset")
        run.load(state)
    elif checkpoint.exists():
        raise CheckpointError(f"{checkpoint}: exists; continue it with --resume, or remove it to start afresh")
    tensors = load_tensors(split.train, preset, device)
    print(f"{preset.name}: {count_parameters(run.net):,} parameters, {len(split.train)} faces to train on, {device}")
    for epoch in range(len(run.log), min(preset.train.epochs, stop_after or preset.train.epochs)):
        started = time.monotonic()
        entry = train_epoch(run, preset, tensors, epoch)
        entry |= validate(run, preset, split.validation)
        if entry["validation_accuracy"] > max((e["validation_accuracy"] for e in run.log), default=-1):
            run.best = copy.deepcopy(run.average.module.state_dict())
        run.log.append(entry | {"seconds": round(time.monotonic() - started, 1)})
        save_checkpoint(checkpoint, {"preset": dataclasses.asdict(preset)} | run.state())
        write_log(run_dir / "log.csv", run.log)
    draw_curve(run_dir / "curve.png", run.log)
    return checkpoint


def count_steps(preset: Preset, faces: int) -> int:
    """Steps in one epoch; the last, incomplete batch is left out, for batch norm needs full ones."""
    if faces < preset.train.batch:
        raise DataError(f"train has {faces} faces, fewer than one batch of {preset.train.batch} (train.batch)")
    return faces // preset.train.batch


def load_tensors(faces: Faces, preset: Preset, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Images uint8 [N, 1, 48, 48], labels int64 [N] and shares of FER+'s votes float [N, 10], zeros where unknown."""
    if faces.votes is None and preset.train.votes_weight > 0:
        raise DataError("train.votes_weight is above 0, so FER+'s votes are needed: give --votes fer2013new.csv")
    votes = np.zeros((len(faces), len(VOTE_COLUMNS)), np.float32) if faces.votes is None else faces.votes
    shares = (votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)).astype(np.float32)
    arrays = (faces.images[:, None], faces.labels, shares)
    return tuple(torch.from_numpy(array).to(device) for array in arrays)


def train_epoch(run: Run, preset: Preset, tensors: tuple[Tensor, Tensor, Tensor], epoch: int) -> dict[str, float]:
    """One pass in random order. Everything random follows from seed and epoch, so a resumed run repeats nothing."""
    images, labels, shares = tensors
    device, batch = images.device, preset.train.batch
    torch.manual_seed(preset.seed * 100_003 + epoch)  # dropout
    generator = torch.Generator(device).manual_seed(preset.seed * 100_003 + epoch)
    loss_of = nn.CrossEntropyLoss(label_smoothing=preset.train.label_smoothing)
    order = torch.randperm(len(labels), generator=generator, device=device)
    losses, hits = torch.zeros((), device=device), torch.zeros((), device=device)
    run.net.train()
    steps = range(count_steps(preset, len(labels)))
    for step in tqdm(steps, desc=f"epoch {epoch + 1}/{preset.train.epochs}", leave=False, mininterval=2):
        index = order[step * batch : (step + 1) * batch]
        faces = normalise(augment(images[index], preset.augment, preset.net.crop, generator))
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            seen = run.net.embed(faces.contiguous(memory_format=torch.channels_last))
            logits = run.net.classify(seen)
            loss = loss_of(logits, labels[index])
            if preset.train.votes_weight > 0:
                loss = loss + preset.train.votes_weight * F.cross_entropy(run.votes(seen), shares[index])
        run.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        run.optimizer.step()
        run.schedule.step()
        run.average.update_parameters(run.net)
        losses += loss.detach()
        hits += (logits.argmax(1) == labels[index]).sum()
    count = len(steps)
    return {"epoch": epoch + 1, "loss": losses.item() / count, "accuracy": hits.item() / (count * batch)}


def validate(run: Run, preset: Preset, faces: Faces) -> dict[str, float]:
    """Accuracy and macro-F1 of the averaged weights on the validation side."""
    found = predict(DeviceNet(run.average.module, preset.net.crop), faces.images)
    result = score(faces.labels, found["logits"])
    return {"validation_accuracy": result["accuracy"], "validation_macro_f1": result["macroF1"]}


def write_log(path: Path, log: list[dict[str, float]]) -> None:
    """One row per epoch."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, log[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: round(v, 4) for k, v in entry.items()} for entry in log)


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


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.train", description=__doc__)
    parser.add_argument("preset", type=Path, help="configs/*.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument("--votes", type=Path, help="FER+'s fer2013new.csv, for presets with train.votes_weight")
    parser.add_argument("--run", type=Path, help="folder for checkpoint and log (default: runs/<name of the preset>)")
    parser.add_argument("--resume", action="store_true", help="continue the run that stands there")
    parser.add_argument("--stop-after", type=int, metavar="EPOCHS", help="stop early, to be resumed later")
    options = parser.parse_args(arguments)
    try:
        preset = load_preset(options.preset)
        split = prepare(preset, options.data, options.votes)
        print(f"dropped {split.copies_dropped} training faces that are exact copies of test faces")
        run_dir = options.run or Path("runs") / preset.name
        print(train(preset, split, run_dir, resume=options.resume, stop_after=options.stop_after))
    except (ConfigError, DataError, CheckpointError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

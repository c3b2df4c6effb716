"""Synthetic faces by apparent expression: `python -m mien_training.generate train|sample`.

A small generator learns the faces of the training side and draws new faces of rare classes. They have neither votes of
FER+ nor soft targets. `train --synthetic FILE` adds them to the training set.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from .checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from .config import DataConfig, GenerateConfig, Preset, load_preset
from .data import LABELS, SIDE, DataError, Faces
from .errors import in_one_line
from .flow import FlowNet, compute_flow_loss, draw_faces
from .neighbours import draw_sheet, find_nearest, report_copies
from .nets import count_parameters, normalise
from .split import prepare

PARTS = ("net", "optimizer", "schedule")


class GeneratorRun:
    """All state that training changes. One checkpoint holds it, so a resumed run continues exactly."""

    def __init__(self, preset: Preset, device: torch.device) -> None:
        """Build the network, its running average, the optimizer and the schedule from the preset's seed."""
        torch.manual_seed(preset.seed)
        config = preset.generate
        self.net = FlowNet(config).to(device, memory_format=torch.channels_last)
        self.average = AveragedModel(self.net, multi_avg_fn=get_ema_multi_avg_fn(config.ema_decay), use_buffers=True)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=config.lr, weight_decay=0.01, fused=True)
        self.schedule = lr_scheduler.OneCycleLR(
            self.optimizer, config.lr, total_steps=config.rounds * config.steps, pct_start=0.1, cycle_momentum=False
        )
        self.log: list[dict[str, float]] = []

    def state(self) -> dict:
        """Everything that `load` needs."""
        parts = {key: getattr(self, key).state_dict() for key in PARTS}
        average = {"average": self.average.module.state_dict(), "averaged": int(self.average.n_averaged)}
        return parts | average | {"log": self.log}

    def load(self, state: dict) -> None:
        """Restore a saved state."""
        for key in PARTS:
            getattr(self, key).load_state_dict(state[key])
        self.average.module.load_state_dict(state["average"])
        self.average.n_averaged.fill_(state["averaged"])
        self.log = state["log"]


def train_generator(
    preset: Preset,
    faces: Faces,
    run_dir: Path,
    device: torch.device,
    *,
    resume: bool = False,
    stop_after: int | None = None,
) -> Path:
    """Train to the end, or until `stop_after` rounds exist, and return the path of the checkpoint."""
    torch.set_flush_denormal(True)
    run, config, checkpoint = GeneratorRun(preset, device), preset.generate, run_dir / "generator.pt"
    run_dir.mkdir(parents=True, exist_ok=True)
    if resume:
        state = load_checkpoint(checkpoint)
        check_recipe(checkpoint, state, preset)
        run.load(state)
    elif checkpoint.exists():
        raise CheckpointError(f"{checkpoint}: exists; continue it with --resume, or remove it to start a new run")
    images = shrink(faces.images, config.side).to(device)
    labels = torch.from_numpy(faces.labels).to(device)
    print(f"{preset.name} generator: {count_parameters(run.net):,} parameters, {len(faces)} faces, {device.type}")
    for index in range(len(run.log), min(config.rounds, stop_after or config.rounds)):
        run.log.append(train_round(run, preset, images, labels, index))
        save_checkpoint(checkpoint, {"preset": dataclasses.asdict(preset)} | run.state())
        print(json.dumps(run.log[-1]), flush=True)
    return checkpoint


def check_recipe(path: Path, state: dict, preset: Preset) -> None:
    """Raise CheckpointError if the generator was trained with another preset."""
    if describe_recipe(state["preset"]) != describe_recipe(dataclasses.asdict(preset)):
        raise CheckpointError(f"{path}: was written with another preset; restore the preset or start a new run")


def describe_recipe(preset: dict) -> dict:
    """The parts of a preset that a generator depends on; settings of sampling may change later."""
    of_sampling = ("guidance", "sample_steps")
    own = {key: value for key, value in preset["generate"].items() if key not in of_sampling}
    return {"seed": preset["seed"], "data": preset["data"], "generate": own}


def shrink(images: np.ndarray, side: int) -> Tensor:
    """Uint8 [N, 48, 48] to float [N, 1, side, side], normalised."""
    return normalise(F.interpolate(torch.from_numpy(images[:, None]).float(), (side, side), mode="area"))


def train_round(run: GeneratorRun, preset: Preset, images: Tensor, labels: Tensor, index: int) -> dict[str, float]:
    """Train some steps on faces drawn by class. All randomness is seeded by preset and round."""
    config, device, started = preset.generate, images.device, time.monotonic()
    generator = torch.Generator(device).manual_seed(preset.seed * 100_003 + index)
    weights = (len(labels) / torch.bincount(labels, minlength=len(LABELS)))[labels] ** config.balance_power
    order = torch.multinomial(weights, config.steps * config.batch, replacement=True, generator=generator)
    total = torch.zeros((), device=device)
    run.net.train()
    name = f"round {index + 1}/{config.rounds}"
    for some in tqdm(order.split(config.batch), desc=name, leave=False, mininterval=2, disable=None):
        faces = images[some]
        mirrored = torch.rand((len(some), 1, 1, 1), generator=generator, device=device) < 0.5
        faces = torch.where(mirrored, faces.flip(3), faces).contiguous(memory_format=torch.channels_last)
        loss = compute_flow_loss(run.net, faces, labels[some], config.drop_class, generator)
        run.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(run.net.parameters(), 1.0)
        run.optimizer.step()
        run.schedule.step()
        run.average.update_parameters(run.net)
        total += loss.detach()
    return {
        "round": index + 1,
        "loss": round(total.item() / config.steps, 5),
        "seconds": round(time.monotonic() - started, 1),
    }


def load_generator(path: Path) -> tuple[FlowNet, GenerateConfig]:
    """Load the averaged weights in evaluation mode, and the configuration of their training."""
    state = load_checkpoint(path)
    try:
        config = GenerateConfig(**state["preset"]["generate"])
        net = FlowNet(config)
        net.load_state_dict(state["average"])
    except (KeyError, RuntimeError) as error:
        raise CheckpointError(f"{path}: is not a generator of mien_training.generate") from error
    return net.eval(), config


def sample(path: Path, counts: dict[str, int], seed: int, device: torch.device, guidance: float | None = None) -> Faces:
    """Draw the given number of faces of each class."""
    net, config = load_generator(path)
    if guidance is not None:
        config = dataclasses.replace(config, guidance=guidance)
    labels = np.repeat([LABELS.index(name) for name in counts], list(counts.values())).astype(np.int64)
    drawn = draw_faces(net.to(device), torch.from_numpy(labels).to(device), config, seed).cpu()
    large = F.interpolate(drawn, (SIDE, SIDE), mode="bicubic", align_corners=False)
    images = (large * 64 + 128).round().clamp(0, 255).to(torch.uint8).numpy()[:, 0]
    return name_synthetic(images, labels)


def name_synthetic(images: np.ndarray, labels: np.ndarray) -> Faces:
    """Wrap generated images as faces without votes."""
    return Faces(images, labels, tuple(f"synthetic{index:07d}" for index in range(len(labels))))


def save_synthetic(path: Path, faces: Faces, data: DataConfig) -> None:
    """Write one .npz: images, labels, and the split whose training side the generator learned."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, images=faces.images, labels=faces.labels, split=describe_split(data))


def describe_split(data: DataConfig) -> np.ndarray:
    """The settings that determine the rows of each side, float64 [2]."""
    return np.array([data.validation_share, data.split_seed], dtype=np.float64)


def load_synthetic(path: Path, data: DataConfig) -> Faces:
    """Read the .npz that `sample` wrote; raises DataError with one line.

    The split must be the same, because the generator must not know faces of this preset's validation side.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            images, labels, split = file["images"], file["labels"], file["split"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise DataError(f"{path}: holds no synthetic faces; write it with mien_training.generate sample") from error
    if images.dtype != np.uint8 or images.shape != (len(labels), SIDE, SIDE):
        raise DataError(f"{path}: expected images uint8 [{len(labels)}, 48, 48], got {images.dtype} {images.shape}")
    if not np.issubdtype(labels.dtype, np.integer) or not np.isin(labels, range(len(LABELS))).all():
        raise DataError(f"{path}: expected labels as whole numbers from 0 to {len(LABELS) - 1}")
    if not np.array_equal(split, describe_split(data)):
        raise DataError(
            f"{path}: its generator learned another split; use the same data.validation_share and data.split_seed"
        )
    return name_synthetic(images, labels.astype(np.int64))


def describe_synthetic(faces: Faces | None) -> str:
    """Hash of these faces in this order; "" for none."""
    return "" if faces is None else hashlib.sha256(faces.images.tobytes() + faces.labels.tobytes()).hexdigest()


def parse_counts(words: list[str]) -> dict[str, int]:
    """Parse words like `disgust=1500`."""
    counts = {}
    for word in words:
        name, _, count = word.partition("=")
        if name not in LABELS or not count.isdecimal() or int(count) == 0:
            raise DataError(f"--counts {word}: expected <class>=<count>, the class one of {', '.join(LABELS)}")
        counts[name] = int(count)
    return counts


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    options = parse_arguments(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    preset = load_preset(options.preset)
    split = prepare(preset, options.data)
    if options.job == "train":
        resume, stop_after = options.resume, options.stop_after
        print(train_generator(preset, split.train, options.out, device, resume=resume, stop_after=stop_after))
        return 0
    check_recipe(options.checkpoint, load_checkpoint(options.checkpoint), preset)
    made = sample(options.checkpoint, parse_counts(options.counts), options.seed, device, options.guidance)
    save_synthetic(options.out, made, preset.data)
    nearest = find_nearest(made.images, split.train.images)
    copies = report_copies(nearest, find_nearest(split.validation.images, split.train.images))
    if options.sheet:
        draw_sheet(options.sheet, made, split.train, nearest)
    print(json.dumps({"file": str(options.out), "faces": len(made)} | copies))
    return 0


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """The two jobs and their common arguments."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.generate", description=__doc__)
    jobs = parser.add_subparsers(dest="job", required=True)
    learn = jobs.add_parser("train", help="learn the faces of the training side")
    draw = jobs.add_parser("sample", help="draw new faces, and measure their similarity to faces of the training side")
    for job in (learn, draw):
        job.add_argument("--preset", type=Path, required=True, help="configs/*.yaml; its data and generate are used")
        job.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
        job.add_argument("--threads", type=int, help="threads of this process (default: one per core)")
    learn.add_argument("--out", type=Path, default=Path("runs/generator"), help="folder for generator.pt")
    learn.add_argument("--resume", action="store_true", help="continue the run in --out")
    learn.add_argument(
        "--stop-after", type=int, metavar="ROUNDS", help="stop after this many rounds; --resume continues"
    )
    draw.add_argument("checkpoint", type=Path, help="generator.pt")
    draw.add_argument("--counts", nargs="+", default=["disgust=1500", "fear=1500"], metavar="CLASS=COUNT")
    draw.add_argument("--seed", type=int, default=1)
    draw.add_argument("--guidance", type=float, help="replaces the preset's generate.guidance")
    draw.add_argument("--out", type=Path, required=True, help="the .npz to write")
    draw.add_argument("--sheet", type=Path, help="write a picture of some faces, each above its nearest training face")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

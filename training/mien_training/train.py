"""Train one preset: `python -m mien_training.train configs/simple-cnn.yaml --data fer2013.zip`.

On several GPUs or machines: `torchrun --nproc-per-node 4 -m mien_training.train ...` with the same arguments.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path

import torch
from torch.nn.parallel import DistributedDataParallel

from .checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from .config import Preset, load_preset
from .data import DataError, Faces
from .errors import in_one_line
from .generate import describe_synthetic, load_synthetic
from .nets import count_parameters
from .placed import load_placed
from .split import Split, prepare
from .trainer.epoch import train_epoch, validate
from .trainer.log import draw_curve, write_log
from .trainer.run import Run, describe_recipe
from .trainer.teachers import TeacherEnsemble, choose_teachers
from .trainer.training_set import count_steps, prepare_training_set
from .trainer.workers import Workers, join_workers

SAVE_EVERY = 20.0  # minimum seconds between two checkpoints; on a GPU an epoch is shorter than writing one


def train(
    preset: Preset,
    split: Split,
    run_dir: Path,
    workers: Workers,
    *,
    soft_targets: dict | None = None,
    ensemble: TeacherEnsemble | None = None,
    synthetic: Faces | None = None,
    crops: Path | None = None,
    start: Path | None = None,
    resume: bool = False,
    stop_after: int | None = None,
) -> Path:
    """Train to the end, or until `stop_after` epochs exist, and return the path of the checkpoint.

    The checkpoint is replaced at most every SAVE_EVERY seconds, and at the end. The log is written beside it: log.csv,
    curve.png and TensorBoard. `soft_targets` and `ensemble` are the two kinds of teacher; see `--teacher`.
    """
    if preset.train.placed_share > 0 and crops is None:
        raise DataError("train.placed_share is above 0 and needs the device's crops: give --crops")
    if preset.train.teacher_weight > 0 and soft_targets is None and ensemble is None:
        raise DataError("train.teacher_weight is above 0 and needs a teacher: give --teacher")
    torch.set_flush_denormal(True)  # denormal numbers slow the CPU down several times late in a run
    added = 0 if synthetic is None else len(synthetic)
    run = Run(preset, count_steps(preset, len(split.train) + added), workers.device)
    checkpoint = run_dir / "checkpoint.pt"
    run_dir.mkdir(parents=True, exist_ok=True)
    if resume:
        state = load_checkpoint(checkpoint)
        if describe_recipe(state["preset"]) != describe_recipe(dataclasses.asdict(preset)):
            raise CheckpointError(
                f"{checkpoint}: was written with another preset; restore the preset or start a new run"
            )
        if state.get("synthetic", "") != describe_synthetic(synthetic):
            raise CheckpointError(f"{checkpoint}: was written with other synthetic faces or none; give the same file")
        run.load(state)
    elif checkpoint.exists():
        raise CheckpointError(f"{checkpoint}: exists; continue it with --resume, or remove it to start a new run")
    elif start:
        run.start_from(start)
    training_set = prepare_training_set(split.train, preset, workers.device, soft_targets, synthetic)
    if crops:
        placed = load_placed(crops, split.train, preset.train.placed_share, workers.device, added)
        training_set = dataclasses.replace(training_set, placed=placed)
    if workers.leads:
        count, where = count_parameters(run.net), f"{workers.count} x {workers.device.type}"
        more = f" and {added} synthetic ones" if added else ""
        print(f"{preset.name}: {count:,} parameters, {len(split.train)} faces{more} to train on, {where}")
    net = DistributedDataParallel(run.net) if workers.count > 1 else run.net
    last = min(preset.train.epochs, stop_after or preset.train.epochs)
    saved, logged = time.monotonic(), len(run.log)
    for epoch in range(len(run.log), last):
        started = time.monotonic()
        entry = train_epoch(run, net, preset, training_set, epoch, workers, ensemble)
        entry |= validate(run, preset, split.validation)
        if preset.train.schedule == "plateau":
            run.schedule.step(entry["validation_loss"])
        run.log.append(entry | {"seconds": round(time.monotonic() - started, 1)})
        if workers.leads and (epoch + 1 == last or time.monotonic() - saved >= SAVE_EVERY):
            made_of = {"preset": dataclasses.asdict(preset), "synthetic": describe_synthetic(synthetic)}
            save_checkpoint(checkpoint, made_of | run.state())
            write_log(run_dir, run.log, logged)
            logged = len(run.log)
            saved = time.monotonic()
    if workers.leads:
        draw_curve(run_dir / "curve.png", run.log)
    return checkpoint


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.train", description=__doc__)
    parser.add_argument("preset", type=Path, help="configs/*.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    parser.add_argument(
        "--votes", type=Path, help="FER+'s fer2013new.csv, for presets with train.votes_weight or answers: people"
    )
    teacher = "for train.teacher_weight: checkpoints (they see the augmented faces), or one .npz of mien_training.teach"
    parser.add_argument("--seed", type=int, help="replaces the preset's seed; the run is then named <preset>-<seed>")
    parser.add_argument("--teacher", type=Path, nargs="+", default=[], help=teacher)
    parser.add_argument("--synthetic", type=Path, help="additional faces, written by mien_training.generate sample")
    crops = "for train.placed_share: the output of `mien evaluate .../train --through-detection --crops DIR/train`"
    parser.add_argument("--crops", type=Path, metavar="DIR", help=crops)
    parser.add_argument("--out", type=Path, help="folder for checkpoint and log (default: runs/<name of the preset>)")
    parser.add_argument("--start", type=Path, metavar="CHECKPOINT", help="initial weights, from another run")
    parser.add_argument("--resume", action="store_true", help="continue the run in --out")
    parser.add_argument(
        "--stop-after", type=int, metavar="EPOCHS", help="stop after this many epochs; --resume continues the run"
    )
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

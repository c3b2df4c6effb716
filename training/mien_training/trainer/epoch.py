"""One epoch: the pass over the training set, and the scores on the validation side after it."""

from __future__ import annotations

import dataclasses

import torch
from torch import nn
from tqdm import tqdm

from ..augment import augment
from ..calibrate import compute_loss
from ..config import Preset
from ..data import Faces
from ..evaluate import find_strict_majority, predict, score
from ..nets import DeviceNet, normalise
from .loss import blend_targets, compute_losses, mix_up, perturb_weights
from .run import Run
from .teachers import TeacherEnsemble
from .training_set import TrainingSet, count_steps, draw_order
from .workers import Workers


def train_epoch(
    run: Run,
    net: nn.Module,
    preset: Preset,
    training_set: TrainingSet,
    epoch: int,
    workers: Workers,
    ensemble: TeacherEnsemble | None = None,
) -> dict[str, float]:
    """One pass in random order. All randomness is seeded by preset and epoch, so a resumed run gives the same result.

    All workers draw the same order, and each takes its part of every batch.
    """
    config, device = preset.train, workers.device
    side = choose_side(preset, epoch)
    shared = torch.Generator(device).manual_seed(preset.seed * 100_003 + epoch)
    order = draw_order(training_set, config, shared)
    own_seed = preset.seed * 100_003 + epoch + 10_007 * workers.rank
    torch.manual_seed(own_seed)  # for dropout and mixup
    generator = torch.Generator(device).manual_seed(own_seed)
    losses, hits, seen = torch.zeros((), device=device), torch.zeros((), device=device), 0
    net.train()
    steps = range(count_steps(preset, len(training_set.labels)))
    name = f"{preset.name} {epoch + 1}/{config.epochs}"
    for step in tqdm(steps, desc=name, leave=False, mininterval=2, disable=None if workers.leads else True):
        index = order[step * config.batch : (step + 1) * config.batch][workers.rank :: workers.count]
        images = training_set.images[index]
        if training_set.placed:
            # Two channels, augmented alike: the student's crop, and the original face for the teachers.
            images = torch.cat([training_set.placed.replace(images, index, generator), images], dim=1)
        faces = normalise(augment(images, preset.augment, preset.net.crop, side, generator))
        targets = {head: values[index] for head, values in training_set.targets.items()}
        by_face = config.balance == "weight" and preset.answers != "people"  # for people the targets carry the weights
        weights = training_set.weights[index] if by_face else torch.ones((), device=device)
        faces, targets = mix_up(faces, targets, config.mixup)
        faces, originals = (faces[:, [channel]].contiguous(memory_format=torch.channels_last) for channel in (0, -1))
        with torch.autocast(device.type, torch.bfloat16, enabled=has_bfloat16(device)):
            if ensemble:
                targets = blend_targets(targets, ensemble.predict(originals), config.teacher_weight)
            loss, logits = compute_losses(net, faces, targets, weights, config)
        run.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if config.sharpness > 0:
            with (
                perturb_weights(net, config.sharpness),
                torch.autocast(device.type, torch.bfloat16, has_bfloat16(device)),
            ):
                compute_losses(net, faces, targets, weights, config)[0].backward()
        run.optimizer.step()
        if config.schedule == "onecycle":
            run.schedule.step()
        run.average.update_parameters(run.net)
        losses += loss.detach()
        hits += (logits.argmax(1) == training_set.labels[index]).sum()
        seen += len(index)
    return {"epoch": epoch + 1, "loss": losses.item() / len(steps), "accuracy": hits.item() / seen}


def choose_side(preset: Preset, epoch: int) -> int:
    """Side of the faces in this epoch, in pixels: `train.sides` divide the epochs into equal parts, in their order."""
    sides = preset.train.sides or (preset.net.crop,)
    return sides[epoch * len(sides) // preset.train.epochs]


def has_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is faster here than float32; older processors emulate it and are slower.

    The processor's features decide, not a measurement, because a run must be reproducible. A processor with AVX-512's
    float16 and without AMX is a Sapphire Rapids or later whose AMX is hidden from a virtual machine. It has bfloat16,
    but takes 1.4 times as long with it as with float32. An EPYC with bfloat16 takes a fifth of the time.
    """
    if device.type == "cuda":
        return True
    has = torch.cpu.get_capabilities()
    return bool(has.get("amx_bf16") or (has.get("avx512_bf16") and not has.get("avx512_fp16")))


def validate(run: Run, preset: Preset, faces: Faces) -> dict[str, float]:
    """Scores of the averaged weights on the validation side, at the shipped size, for the network's question."""
    logits = predict(DeviceNet(run.average.module, preset.net.crop), faces.images)["logits"]
    if preset.answers == "people":
        labels, agreed = find_strict_majority(faces.votes)
        faces, logits = dataclasses.replace(faces.take(agreed), labels=labels[agreed]), logits[agreed]
    result = score(faces.labels, logits)
    return {
        "validation_accuracy": result["accuracy"],
        "validation_macro_f1": result["macroF1"],
        "validation_loss": compute_loss(logits, faces.labels, 1.0),
    }

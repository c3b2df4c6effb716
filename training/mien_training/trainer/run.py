"""The state of a training run, which one checkpoint holds completely."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ..checkpoint import CheckpointError, load_checkpoint
from ..config import Preset
from ..evaluate import VOTE_OF_LABEL
from ..nets import ExpressionNet
from .optimizer import build_optimizer, build_schedule

PARTS = ("net", "optimizer", "schedule")


class Run:
    """All state that training changes. One checkpoint holds it, so a resumed run continues exactly."""

    def __init__(self, preset: Preset, steps_per_epoch: int, device: torch.device) -> None:
        """Build the network, its running average, the optimizer and the schedule from the preset's seed."""
        torch.manual_seed(preset.seed)
        config = preset.train
        self.net = ExpressionNet(preset.net, votes=config.votes_weight > 0, fer2013=preset.answers == "people")
        self.net.to(device, memory_format=torch.channels_last)
        self.average = AveragedModel(self.net, multi_avg_fn=get_ema_multi_avg_fn(config.ema_decay), use_buffers=True)
        self.optimizer = build_optimizer(self.net, config)
        self.schedule = build_schedule(self.optimizer, config, config.epochs * steps_per_epoch)
        self.log: list[dict[str, float]] = []
        self.origin = describe_origin()

    def start_from(self, checkpoint: Path) -> None:
        """Start from the averaged weights of another run of the same network, whichever question it answers."""
        added = ("heads.reject", "heads.covered")
        weights = {key: v for key, v in load_checkpoint(checkpoint)["average"].items() if not key.startswith(added)}
        if "fer2013" in self.net.heads and "heads.fer2013.weight" not in weights:
            weights = answer_for_people(weights)
        for net in (self.net, self.average.module):
            try:
                net.load_state_dict(weights)
            except RuntimeError as error:
                raise CheckpointError(
                    f"{checkpoint}: holds another kind or size of network than the preset describes"
                ) from error

    def state(self) -> dict:
        """Everything that `load` needs."""
        parts = {key: getattr(self, key).state_dict() for key in PARTS}
        average = {"average": self.average.module.state_dict(), "averaged": int(self.average.n_averaged)}
        return parts | average | {"log": self.log, "origin": self.origin}

    def load(self, state: dict) -> None:
        """Restore a saved state."""
        for key in PARTS:
            getattr(self, key).load_state_dict(state[key])
        self.average.module.load_state_dict(state["average"])
        self.average.n_averaged.fill_(state["averaged"])
        self.log, self.origin = state["log"], state["origin"]


def answer_for_people(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Convert the weights of a network that answers with FER-2013's labels for one that answers for people.

    The old answer becomes the comparison head. The new answer starts from seven columns of the head for FER+'s votes.
    """
    columns = torch.tensor(VOTE_OF_LABEL)
    arranged = {key: v for key, v in weights.items() if not key.startswith("heads.")}
    for part in ("weight", "bias"):
        own, votes = weights[f"heads.logits.{part}"], weights.get(f"heads.votes.{part}")
        arranged[f"heads.fer2013.{part}"] = own
        arranged[f"heads.logits.{part}"] = own if votes is None else votes[columns]
    return arranged


def describe_origin() -> dict[str, str | bool]:
    """Commit and date of the training code; `modified` means that its folder has uncommitted changes."""

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


def describe_recipe(preset: dict) -> dict:
    """The parts of a preset that a run depends on; later steps may change between two starts."""
    return {key: preset[key] for key in ("name", "seed", "data", "net", "augment", "train")}

"""Checkpoints: written whole or not at all, read without running code that somebody put into them."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from .config import NetConfig
from .errors import UserError
from .nets import DeviceNet, ExpressionNet


class CheckpointError(UserError):
    """A checkpoint that does not belong to this run or cannot be read."""


def save_checkpoint(path: Path, state: dict) -> None:
    """Replace the checkpoint at once, so that a cut leaves the old one or the new one, never half of one."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def save_weights(checkpoint: Path, path: Path) -> None:
    """The averaged weights alone, a tenth of the bytes: kernels and matrices float16; for `--start`."""
    state = load_checkpoint(checkpoint)
    weights = {key: v.half() if v.ndim > 1 else v for key, v in state["average"].items()}
    save_checkpoint(path, {"preset": state["preset"], "average": weights})


def load_checkpoint(path: Path) -> dict:
    """Read a checkpoint onto the CPU; raises CheckpointError with one line."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: no such checkpoint; train first") from error
    except Exception as error:  # unpickling foreign bytes can raise nearly anything
        raise CheckpointError(f"{path}: cannot be read as a checkpoint") from error
    if not isinstance(state, dict) or "preset" not in state:
        raise CheckpointError(f"{path}: is not a checkpoint of this program")
    return state


def load_device_net(path: Path) -> DeviceNet:
    """The network that a run would ship: its averaged weights, in evaluation mode."""
    state = load_checkpoint(path)
    config = NetConfig(**state["preset"]["net"])
    weights = state["average"]
    hidden = {f"{head}_hidden": len(weights.get(f"heads.{head}.0.bias", ())) for head in ("reject", "covered")}
    net = ExpressionNet(config, votes="heads.votes.weight" in weights, **hidden)
    net.load_state_dict(weights)
    return DeviceNet(net, config.crop).eval()

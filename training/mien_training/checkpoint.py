"""Checkpoints: written atomically, and read without executing code that they contain."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from .config import NetConfig
from .errors import UserError
from .nets import DeviceNet, ExpressionNet


class CheckpointError(UserError):
    """A checkpoint that belongs to another run or cannot be read."""


def save_checkpoint(path: Path, state: dict) -> None:
    """Replace the checkpoint atomically, so that an interruption leaves the old or the new file, never half a file."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def save_weights(checkpoint: Path, path: Path) -> None:
    """Write only the averaged weights, for `--start`; kernels and matrices as float16, a tenth of the size."""
    state = load_checkpoint(checkpoint)
    weights = {key: v.half() if v.ndim > 1 else v for key, v in state["average"].items()}
    save_checkpoint(path, {"preset": state["preset"], "average": weights})


def load_checkpoint(path: Path) -> dict:
    """Read a checkpoint onto the CPU; raises CheckpointError with one line."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: no such checkpoint; train first") from error
    except Exception as error:  # unpickling arbitrary bytes can raise any exception
        raise CheckpointError(f"{path}: cannot be read as a checkpoint") from error
    if not isinstance(state, dict) or "preset" not in state:
        raise CheckpointError(f"{path}: is not a checkpoint of mien_training")
    return state


def load_device_net(path: Path) -> DeviceNet:
    """The network that a run would ship: its averaged weights, in evaluation mode."""
    state = load_checkpoint(path)
    config = NetConfig(**state["preset"]["net"])
    weights = state["average"]
    hidden = {f"{head}_hidden": len(weights.get(f"heads.{head}.0.bias", ())) for head in ("reject", "covered")}
    heads = {name: f"heads.{name}.weight" in weights for name in ("votes", "fer2013")}
    net = ExpressionNet(config, **heads, **hidden)
    net.load_state_dict(weights)
    return DeviceNet(net, config.crop).eval()

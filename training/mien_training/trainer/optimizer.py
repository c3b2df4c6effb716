"""The optimizer and the learning-rate schedule of a preset."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim import lr_scheduler

from ..config import TrainConfig


def build_optimizer(net: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW or SGD. Weight decay applies to kernels and matrices only, not to biases and batch norms."""
    groups = [
        {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in net.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=config.lr, momentum=0.9, nesterov=True, fused=True)
    return torch.optim.AdamW(groups, lr=config.lr, fused=True)


def build_schedule(optimizer: torch.optim.Optimizer, config: TrainConfig, steps: int):
    """One cycle over all steps, or halving when the validation loss stops falling."""
    if config.schedule == "plateau":
        return lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=3)
    return lr_scheduler.OneCycleLR(
        optimizer, config.lr, total_steps=steps, pct_start=config.warmup, cycle_momentum=False
    )

"""The loss, and what shapes it: mixup, soft targets of teachers, sharpness-aware minimisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import TrainConfig


def compute_losses(
    net: nn.Module, faces: Tensor, targets: dict[str, Tensor], weights: Tensor, config: TrainConfig
) -> tuple[Tensor, Tensor]:
    """The weighted loss of all heads, and the logits."""
    outputs = net(faces)
    loss = (weights * F.cross_entropy(outputs["logits"], targets["logits"], reduction="none")).mean()
    for head, weight in (("votes", config.votes_weight), ("fer2013", config.comparison_weight)):
        if head in outputs:
            loss = loss + weight * F.cross_entropy(outputs[head], targets[head])
    return loss, outputs["logits"].detach()


def blend_targets(own: dict[str, Tensor], taught: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Mix targets with a teacher's probabilities by `share`, for the heads that the teacher has."""
    return {head: torch.lerp(values, taught.get(head, values), share) for head, values in own.items()}


def mix_up(faces: Tensor, targets: dict[str, Tensor], alpha: float) -> tuple[Tensor, dict[str, Tensor]]:
    """Blend each face and its targets with another face and its targets (mixup, Zhang et al. 2018)."""
    if alpha == 0:
        return faces, targets
    share = torch.distributions.Beta(alpha, alpha).sample().item()
    other = torch.randperm(len(faces), device=faces.device)
    return torch.lerp(faces[other], faces, share), {
        head: torch.lerp(values[other], values, share) for head, values in targets.items()
    }


@contextmanager
def perturb_weights(net: nn.Module, radius: float) -> Iterator[None]:
    """Move the weights uphill by `radius` inside the block, so that gradients are computed there.

    Sharpness-aware minimisation (Foret et al. 2021). The weights are restored at the end of the block.
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

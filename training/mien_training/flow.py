"""A rectified flow (Liu et al. 2023) over small grey faces: the network, its loss, and the path from noise to a face.

A point on the path is (1 - t) noise + t face, and the network predicts the velocity face - noise. A GAN is unstable
with so little training. A variational autoencoder blurs mouths and eyes, which carry the expression.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from .config import GenerateConfig
from .data import LABELS

NO_CLASS = len(LABELS)  # class number of a face without its class
CONDITION = 128  # features of time and class, input of each block


class FlowNet(nn.Module):
    """A U-Net over the face with 2x2 pixels folded into channels: the full resolution costs most and improves least."""

    def __init__(self, config: GenerateConfig) -> None:
        """Build the layers; the last one starts at zero."""
        super().__init__()
        high, middle, low = config.widths
        self.classes = nn.Embedding(len(LABELS) + 1, CONDITION)
        self.time = nn.Sequential(nn.Linear(CONDITION, CONDITION), nn.SiLU(), nn.Linear(CONDITION, CONDITION))
        self.enter = nn.Conv2d(4, high, 3, padding=1)
        self.down = nn.ModuleList([FlowBlock(high, high), FlowBlock(high, middle, 2), FlowBlock(middle, low, 2)])
        self.bottom = FlowBlock(low, low)
        self.lift = nn.ModuleList([nn.Conv2d(low, middle, 1), nn.Conv2d(middle, high, 1)])
        self.up = nn.ModuleList([FlowBlock(middle, middle), FlowBlock(high, high)])
        self.leave = nn.Sequential(nn.GroupNorm(8, high), nn.SiLU(), nn.Conv2d(high, 4, 3, padding=1))
        nn.init.zeros_(self.leave[-1].weight)
        nn.init.zeros_(self.leave[-1].bias)

    def forward(self, faces: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """Velocity float [N, 1, side, side] at float [N, 1, side, side], time 0..1 [N] and int64 class [N]."""
        condition = F.silu(self.time(describe_time(times)) + self.classes(labels))
        seen = self.enter(F.pixel_unshuffle(faces, 2))
        kept = []
        for block in self.down:
            seen = block(seen, condition)
            kept.append(seen)
        seen = self.bottom(kept.pop(), condition)
        for lift, block in zip(self.lift, self.up, strict=True):
            seen = block(F.interpolate(lift(seen), scale_factor=2.0) + kept.pop(), condition)
        return F.pixel_shuffle(self.leave(seen), 2)


class FlowBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut; time and class scale and shift the input of the second."""

    def __init__(self, channels: int, width: int, stride: int = 1) -> None:
        """Build both paths; the shortcut has a 1x1 convolution only where the shape changes."""
        super().__init__()
        self.first = nn.Sequential(nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, width, 3, stride, 1))
        self.modulate = nn.Linear(CONDITION, 2 * width)
        self.norm = nn.GroupNorm(8, width)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        same = channels == width and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(channels, width, 1, stride)

    def forward(self, faces: Tensor, condition: Tensor) -> Tensor:
        """Float [N, channels, H, W] and [N, CONDITION] to [N, width, H / stride, W / stride]."""
        scale, shift = self.modulate(condition)[:, :, None, None].chunk(2, dim=1)
        inner = torch.addcmul(shift, self.norm(self.first(faces)), 1 + scale)
        return self.shortcut(faces) + self.second(F.silu(inner))


def describe_time(times: Tensor) -> Tensor:
    """Sines and cosines of time 0..1 at rising frequencies: float [N] to [N, CONDITION]."""
    rates = torch.exp(torch.linspace(0, math.log(1000), CONDITION // 2, device=times.device))
    angles = times[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def compute_flow_loss(net: nn.Module, faces: Tensor, labels: Tensor, drop_class: float, generator: torch.Generator):
    """Mean squared error of the velocity at one random time per face, mostly near the middle (Esser et al. 2024)."""
    count, device = len(faces), faces.device
    times = torch.sigmoid(torch.randn(count, generator=generator, device=device))
    noise = torch.randn(faces.shape, generator=generator, device=device)
    dropped = torch.rand(count, generator=generator, device=device) < drop_class
    at = torch.lerp(noise, faces, times.view(-1, 1, 1, 1))
    return F.mse_loss(net(at, times, torch.where(dropped, NO_CLASS, labels)), faces - noise)


@torch.inference_mode()
def draw_faces(net: nn.Module, labels: Tensor, config: GenerateConfig, seed: int, batch: int = 128) -> Tensor:
    """Faces float [N, 1, side, side], normalised, one of each class in `labels` int64 [N]; seeded."""
    generator = torch.Generator(labels.device).manual_seed(seed)
    shape = (1, config.side, config.side)
    parts = []
    for some in tqdm(labels.split(batch), desc="drawing faces", leave=False, disable=None):
        faces = torch.randn((len(some), *shape), generator=generator, device=labels.device)
        parts.append(follow_flow(net, faces, some, config))
    return torch.cat(parts)


def follow_flow(net: nn.Module, faces: Tensor, labels: Tensor, config: GenerateConfig) -> Tensor:
    """Integrate from noise at time 0 to faces at time 1 in equal steps, classifier-free guidance (Ho, Salimans)."""
    nothing = torch.full_like(labels, NO_CLASS)
    for step in range(config.sample_steps):
        times = torch.full((len(faces),), step / config.sample_steps, device=faces.device)
        velocity = net(faces, times, labels)
        if config.guidance != 1:
            velocity = torch.lerp(net(faces, times, nothing), velocity, config.guidance)
        faces = faces + velocity / config.sample_steps
    return faces

"""Random changes of whole batches, as strong as the variation of position and size in FER-2013."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from .config import AugmentConfig


def augment(images: Tensor, config: AugmentConfig, crop: int, side: int, generator: torch.Generator) -> Tensor:
    """Change each image independently, its channels alike: uint8 [N, C, 48, 48] to float [N, C, side, side], 0..255.

    The result shows the `crop` central pixels of the changed face, at `side` pixels.
    """
    faces = warp(images.float(), config, crop, side, generator)
    faces = change_light(faces, config.light, generator)
    return erase(faces, config.erase, generator)


def warp(images: Tensor, config: AugmentConfig, crop: int, side: int, generator: torch.Generator) -> Tensor:
    """Flip, shift, rotate, scale and crop at once; strengths 0 and side = crop give the exact central crop."""
    count, whole = len(images), images.shape[-1]
    device = images.device

    def spread(limit: float) -> Tensor:
        return (torch.rand(count, generator=generator, device=device) * 2 - 1) * limit

    angle = spread(math.radians(config.rotation))
    zoom = torch.exp(spread(math.log1p(config.scale))) * (crop / whole)
    mirror = 1 - 2 * (torch.rand(count, generator=generator, device=device) < config.flip).float()
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    theta = torch.stack(
        [
            torch.stack([cos * mirror, -sin, spread(2 * config.shift)], dim=1),
            torch.stack([sin * mirror, cos, spread(2 * config.shift)], dim=1),
        ],
        dim=1,
    )
    grid = F.affine_grid(theta, [count, 1, side, side], align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)


def change_light(faces: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Scale the contrast around each image's mean and change its brightness, within 0..255."""
    if strength == 0:
        return faces
    shape = (len(faces), 1, 1, 1)
    noise = torch.rand((2, *shape), generator=generator, device=faces.device) * 2 - 1
    mean = faces.mean(dim=(1, 2, 3), keepdim=True)
    return ((faces - mean) * (1 + noise[0] * strength) + mean + noise[1] * strength * 127.5).clamp(0, 255)


def erase(faces: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Cover one rectangle of 2 to 20 % of the area with noise, in that share of the images (Zhong et al. 2017)."""
    if probability == 0:
        return faces
    count, side, device = len(faces), faces.shape[-1], faces.device
    pick, area, aspect, x, y = torch.rand((5, count, 1, 1, 1), generator=generator, device=device)
    area = (0.02 + 0.18 * area) * side * side
    aspect = torch.exp((aspect * 2 - 1) * math.log(3))
    height, width = (area * aspect).sqrt(), (area / aspect).sqrt()
    top, left = y * (side - height), x * (side - width)
    row = torch.arange(side, device=device).view(1, 1, -1, 1)
    column = torch.arange(side, device=device).view(1, 1, 1, -1)
    inside = (row >= top) & (row < top + height) & (column >= left) & (column < left + width)
    noise = torch.rand(faces.shape, generator=generator, device=device) * 255
    return torch.where(inside & (pick < probability), noise, faces)

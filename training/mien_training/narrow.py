"""Narrow the residual blocks of a trained network between their two convolutions, and say the same with fewer channels.

Structured pruning by the optimal brain surgeon (Hassibi and Stork 1993; of whole channels as Kurtic et al. 2023 do,
"ZipLM"). Channel by channel the one goes without which the second convolution, its other weights fitted anew by least
squares, comes closest to what it said of some training faces. Neither labels nor gradients are needed, and the widths
between blocks stay. Nearly all of a small network's time is in these convolutions.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .augment import augment
from .checkpoint import load_checkpoint, load_device_net, save_checkpoint
from .config import Preset
from .data import Faces
from .nets import Block, ExpressionNet, normalise

FACES = 6_000  # of the training side, to fit on; of 2,000 the validation side lost half a point more
BATCH = 100
PATCHES = 8_000  # at most, of each batch: neighbouring ones say nearly the same
DAMPING = 1e-4  # share of the inputs' mean square, so that inputs which are always 0 can be inverted


def narrow_checkpoint(checkpoint: Path, preset: Preset, faces: Faces, out: Path) -> dict[str, list[int]]:
    """Write a copy of the checkpoint with blocks as narrow as `preset.narrow`; returns channels before and after."""
    state, source = load_checkpoint(checkpoint), load_device_net(checkpoint)
    generator = torch.Generator().manual_seed(preset.seed)
    chosen = torch.randperm(len(faces), generator=generator)[:FACES].numpy()
    images = torch.from_numpy(faces.images[chosen][:, None])
    seen = normalise(augment(images, preset.augment, source.crop, source.crop, generator))
    before = [layer.branch[0].out_channels for layer in source.net.trunk if isinstance(layer, Block)]
    narrow(source.net, preset.narrow, seen, generator)
    made_of = dict(state["preset"], net=state["preset"]["net"] | {"middles": preset.narrow})
    channels = {"before": before, "after": list(preset.narrow)}
    average = source.net.state_dict()
    save_checkpoint(out, state | {"preset": made_of, "average": average, "narrowed": channels})
    return channels


@torch.no_grad()
def narrow(net: ExpressionNet, middles: tuple[int, ...], faces: Tensor, generator: torch.Generator) -> None:
    """Leave `middles` channels between the two convolutions of each residual block, in place.

    `faces` are normalised crops, float [N, 1, side, side]. Each block is fitted on what the ones before it say by then.
    """
    net.eval()
    blocks = [layer for layer in net.trunk if isinstance(layer, Block)]
    middle_of = dict(zip(blocks, middles, strict=True))
    seen = faces
    for layer in net.trunk:
        if isinstance(layer, Block):
            narrow_block(layer, middle_of[layer], seen, generator)
        seen = torch.cat([layer(part) for part in seen.split(BATCH)])


def narrow_block(block: Block, middle: int, seen: Tensor, generator: torch.Generator) -> None:
    """Drop all but `middle` channels of one block, whose input was `seen`, float [N, C, H, W]."""
    first, norm, relu, second, last_norm = block.branch
    if middle == second.in_channels:
        return
    gram = gather_gram(nn.Sequential(first, norm, relu), seen, generator)
    scale = last_norm.weight / torch.sqrt(last_norm.running_var + last_norm.eps)
    kept, kernel = drop_channels(second.weight, gram, scale, middle)
    second.weight, second.in_channels = nn.Parameter(kernel[:, kept].contiguous()), middle
    first.weight, first.out_channels = nn.Parameter(first.weight[kept]), middle
    norm.weight, norm.bias, norm.num_features = nn.Parameter(norm.weight[kept]), nn.Parameter(norm.bias[kept]), middle
    norm.running_mean, norm.running_var = norm.running_mean[kept], norm.running_var[kept]


def gather_gram(layers: nn.Module, seen: Tensor, generator: torch.Generator) -> Tensor:
    """Mean products of any two inputs of a 3x3 convolution that follows `layers`, float64 [C * 9, C * 9]."""
    gram, count = torch.zeros(()), 0
    for part in seen.split(BATCH):
        patches = F.unfold(layers(part), 3, padding=1).transpose(1, 2).flatten(0, 1)
        patches = patches[torch.randperm(len(patches), generator=generator)[:PATCHES]]
        gram = gram + (patches.T @ patches).double()
        count += len(patches)
    return gram / count


def drop_channels(kernel: Tensor, gram: Tensor, scale: Tensor, middle: int) -> tuple[Tensor, Tensor]:
    """Which `middle` input channels of `kernel`, float [O, C, k, k], stay, int64 [middle], and the kernel fitted anew.

    `gram` as `gather_gram` gives it; errors count by `scale`, float [O], which is what batch norm makes of each output.
    """
    outputs, channels, *window = kernel.shape
    inverse = torch.linalg.inv(gram + DAMPING * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype))
    weights, taps = kernel.flatten(1).double(), len(gram) // channels
    kept = list(range(channels))
    while len(kept) > middle:
        own = torch.stack([inverse[c * taps : (c + 1) * taps, c * taps : (c + 1) * taps] for c in kept])
        own = torch.linalg.inv(own)
        of_channel = weights.view(outputs, channels, taps)[:, kept] * scale[:, None, None]
        loss = torch.einsum("ocs,cst,oct->c", of_channel, own, of_channel)
        worst = int(loss.argmin())
        channel = slice(kept[worst] * taps, (kept[worst] + 1) * taps)
        weights = weights - weights[:, channel] @ own[worst] @ inverse[channel]
        inverse = inverse - inverse[:, channel] @ own[worst] @ inverse[channel]
        del kept[worst]
    return torch.tensor(kept), weights.view(outputs, channels, *window).to(kernel.dtype)

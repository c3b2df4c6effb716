"""The networks, and the wrapper for the device: raw grey pixels in, logits out."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from .config import NetConfig
from .data import LABELS, SIDE, VOTE_COLUMNS


def normalise(pixels: Tensor) -> Tensor:
    """Map grey 0..255 to about zero mean and unit spread (FER-2013: mean 129, deviation 65); any shape."""
    return (pixels - 128.0) * (1.0 / 64.0)


class ExpressionNet(nn.Module):
    """A trunk, and one linear head per target.

    Input: float [N, 1, side, side], normalised. Output: logits by head.

    - `logits` [N, 7]: the answer: FER-2013's label or, in a network with `fer2013`, what most people say.
    - `fer2013` [N, 7]: FER-2013's label, for comparison.
    - `votes` [N, 10]: shares of FER+'s votes, an auxiliary target of networks that learn labels.

    Labels and votes agree on only two thirds of the pictures, so each target has its own head.
    """

    def __init__(
        self,
        config: NetConfig,
        *,
        votes: bool = False,
        fer2013: bool = False,
        reject_hidden: int = 0,
        covered_hidden: int = 0,
    ) -> None:
        """Build the layers; weights come from PyTorch's default initialisation. `..._hidden` 0: no such head."""
        super().__init__()
        self.trunk, features = TRUNKS[config.kind](config)
        self.dropout = nn.Dropout(config.dropout)
        self.heads = nn.ModuleDict({"logits": nn.Linear(features, len(LABELS))})
        if fer2013:
            self.heads["fer2013"] = nn.Linear(features, len(LABELS))
        if votes:
            self.heads["votes"] = nn.Linear(features, len(VOTE_COLUMNS))
        if reject_hidden:
            self.heads["reject"] = build_reject(features, reject_hidden)
        if covered_hidden:
            self.heads["covered"] = build_reject(features, covered_hidden)

    def forward(self, faces: Tensor) -> dict[str, Tensor]:
        """Classify normalised crops."""
        seen = self.dropout(self.trunk(faces))
        return {name: head(seen) for name, head in self.heads.items()}


def build_simple(config: NetConfig) -> tuple[nn.Module, int]:
    """The student project's simple CNN: blocks of one convolution, ReLU and max pooling, then one dense layer."""
    layers: list[nn.Module] = []
    channels, side = 1, config.crop
    for width, kernel in zip(config.widths, config.kernels, strict=True):
        layers += [*convolve(channels, width, kernel), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        channels, side = width, side // 2
    return nn.Sequential(*layers, *connect(channels * side * side, config.hidden)), config.hidden


def build_vgg(config: NetConfig) -> tuple[nn.Module, int]:
    """The student project's VGG-style CNN: blocks of two 3x3 convolutions and max pooling, then two dense layers.

    After Simonyan and Zisserman 2015, with batch norm.
    """
    layers: list[nn.Module] = []
    channels, side = 1, config.crop
    for width in config.widths:
        for _ in range(2):
            layers += [*convolve(channels, width, 3), nn.ReLU(inplace=True)]
            channels = width
        layers.append(nn.MaxPool2d(2))
        side //= 2
    dense = [*connect(channels * side * side, config.hidden), nn.Dropout(config.dropout)]
    return nn.Sequential(*layers, *dense, *connect(config.hidden, config.hidden)), config.hidden


def build_residual(config: NetConfig) -> tuple[nn.Module, int]:
    """The network that ships: a 3x3 convolution, residual blocks (He et al. 2016), and the mean over all positions."""
    first, *others = config.widths
    layers: list[nn.Module] = [*convolve(1, first, 3), nn.ReLU(inplace=True)]
    channels = first
    for width, stride in zip(others, config.strides, strict=True):
        layers.append(Block(channels, width, stride))
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), channels


TRUNKS = {"simple": build_simple, "vgg": build_vgg, "residual": build_residual}


def build_reject(features: int, hidden: int) -> nn.Sequential:
    """A head of one logit and two layers: `reject`, or `covered`."""
    return nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, 1))


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut.

    The last batch norm of the branch does not start at zero, as in many deeper networks: with that, this shallow
    network learned almost nothing in its first epochs.
    """

    def __init__(self, channels: int, width: int, stride: int) -> None:
        """Build both paths; the shortcut has a 1x1 convolution only where the shape changes."""
        super().__init__()
        self.branch = nn.Sequential(
            *convolve(channels, width, 3, stride), nn.ReLU(inplace=True), *convolve(width, width, 3)
        )
        same = channels == width and stride == 1
        self.shortcut = nn.Identity() if same else nn.Sequential(*convolve(channels, width, 1, stride))

    def forward(self, faces: Tensor) -> Tensor:
        """Float [N, channels, H, W] to [N, width, H / stride, W / stride], sides rounded up."""
        return F.relu(self.branch(faces) + self.shortcut(faces))


def convolve(channels: int, width: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    """Convolution and batch norm, next to each other so that the export can fold them into one."""
    return [nn.Conv2d(channels, width, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(width)]


def connect(features: int, hidden: int) -> list[nn.Module]:
    """A dense layer with batch norm and ReLU on flattened features."""
    return [
        nn.Flatten(),
        nn.Linear(features, hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.ReLU(inplace=True),
    ]


class DeviceNet(nn.Module):
    """The exported module. Input: uint8 [N, 1, 48, 48], grey 0..255. Output: float32 in the order of `outputs`."""

    def __init__(self, net: ExpressionNet, crop: int) -> None:
        """Wrap a network that sees a central crop of `crop` pixels."""
        super().__init__()
        self.net = net
        self.crop = crop
        self.outputs = tuple(net.heads)

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Crop, normalise and classify."""
        edge = (SIDE - self.crop) // 2
        inner = pixels[:, :, edge : edge + self.crop, edge : edge + self.crop]
        seen = self.net(normalise(inner.float()))
        return tuple(seen[name] for name in self.outputs)


def count_parameters(net: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(parameter.numel() for parameter in net.parameters())

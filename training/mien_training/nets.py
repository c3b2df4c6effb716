"""Networks, and the wrapper that turns one into what the device runs: raw grey pixels in, logits out."""

from __future__ import annotations

from torch import Tensor, nn

from .config import NetConfig
from .data import LABELS, SIDE


def normalise(pixels: Tensor) -> Tensor:
    """Map grey 0..255 to about zero mean and unit spread (FER-2013: mean 129, deviation 65); any shape."""
    return (pixels - 128.0) * (1.0 / 64.0)


class SimpleCnn(nn.Module):
    """The student project's simple CNN: blocks of convolution, batch norm, ReLU and max pooling, then dense layers.

    Input: float [N, 1, crop, crop], normalised. Output: logits [N, 7].
    """

    def __init__(self, config: NetConfig) -> None:
        """Build the layers; weights come from PyTorch's default initialisation."""
        super().__init__()
        layers: list[nn.Module] = []
        channels, side = 1, config.crop
        for width, kernel in zip(config.widths, config.kernels, strict=True):
            layers += [
                nn.Conv2d(channels, width, kernel, padding=kernel // 2, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(inplace=True),
                nn.MaxPool2d(2),
            ]
            channels, side = width, side // 2
        self.blocks = nn.Sequential(*layers)
        self.dense = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels * side * side, config.hidden, bias=False),
            nn.BatchNorm1d(config.hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(config.dropout),
        )
        self.classify = nn.Linear(config.hidden, len(LABELS))

    def embed(self, faces: Tensor) -> Tensor:
        """What the last layer sees, float [N, hidden]."""
        return self.dense(self.blocks(faces))

    def forward(self, faces: Tensor) -> Tensor:
        """Classify normalised crops."""
        return self.classify(self.embed(faces))


class DeviceNet(nn.Module):
    """What is exported. Input: uint8 [N, 1, 48, 48], grey 0..255. Output: logits float32 [N, 7]."""

    def __init__(self, net: nn.Module, crop: int) -> None:
        """Wrap a network that sees a central crop of `crop` pixels."""
        super().__init__()
        self.net = net
        self.crop = crop

    def forward(self, pixels: Tensor) -> Tensor:
        """Crop, normalise and classify."""
        edge = (SIDE - self.crop) // 2
        inner = pixels[:, :, edge : edge + self.crop, edge : edge + self.crop]
        return self.net(normalise(inner.float()))


def count_parameters(net: nn.Module) -> int:
    """Count of trained numbers."""
    return sum(parameter.numel() for parameter in net.parameters())

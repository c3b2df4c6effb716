"""Write a run's weights as fp32 ONNX: `python -m mien_training.export runs/simple-cnn/checkpoint.pt FILE`."""

from __future__ import annotations

import argparse
import copy
import io
import sys
import warnings
from pathlib import Path

import onnx
import torch
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval, fuse_linear_bn_eval

from .checkpoint import load_device_net
from .data import SIDE
from .errors import in_one_line
from .nets import DeviceNet

OPSET = 17  # supported by every ONNX Runtime on the devices, and sufficient for all operators in use


def export(net: DeviceNet, path: Path) -> None:
    """Write `input` uint8 [N, 1, 48, 48] -> the network's outputs float32, batch norm folded into the convolutions."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The newer exporter writes the same operators, but needs two more packages (onnxscript, onnx-ir).
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            fold_batch_norm(net),
            (torch.zeros(2, 1, SIDE, SIDE, dtype=torch.uint8),),
            buffer,
            dynamo=False,
            opset_version=OPSET,
            input_names=["input"],
            output_names=list(net.outputs),
            dynamic_axes={name: {0: "N"} for name in ("input", *net.outputs)},
        )
    model = onnx.load_from_string(buffer.getvalue())
    model.graph.name = "mien"  # the exporter's own values change with its version
    model.producer_version = ""
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


def fold_batch_norm(net: nn.Module) -> nn.Module:
    """Copy a network in evaluation mode, with each batch norm folded into the layer before it."""
    net = copy.deepcopy(net).cpu().eval()
    for block in [module for module in net.modules() if isinstance(module, nn.Sequential)]:
        for index in range(len(block) - 1):
            layer, norm = block[index], block[index + 1]
            if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                block[index], block[index + 1] = fuse_conv_bn_eval(layer, norm), nn.Identity()
            elif isinstance(layer, nn.Linear) and isinstance(norm, nn.BatchNorm1d):
                block[index], block[index + 1] = fuse_linear_bn_eval(layer, norm), nn.Identity()
    return net


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("file", type=Path, help="the .onnx to write, for instance ../models/simple-cnn.fp32.onnx")
    options = parser.parse_args(arguments)
    export(load_device_net(options.checkpoint), options.file)
    print(f"{options.file}: {options.file.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())

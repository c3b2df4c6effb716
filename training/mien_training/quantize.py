"""Quantize an exported network to int8: `python -m mien_training.quantize FP32 INT8 --preset P --data D`."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from .config import QuantizeConfig, load_preset
from .data import LABELS, Faces
from .errors import in_one_line
from .evaluate import open_session
from .split import prepare

METHODS = {
    "minmax": CalibrationMethod.MinMax,
    "entropy": CalibrationMethod.Entropy,
    "percentile": CalibrationMethod.Percentile,
}
# ReLU is included, so that it becomes the lower limit of the layer before it. A separate ReLU runs in float, and half
# of that layer's 256 steps are wasted on negative values. Global pooling is excluded: a mean is finer than its input's
# steps.
OPERATORS = ["Conv", "Relu", "MaxPool", "Add", "Flatten", "Gemm"]
LARGE_DENSE = 50_000  # minimum weights of a dense layer for which quantization saves size and time


class _Batches(CalibrationDataReader):
    """Feeds uint8 [N, 48, 48] to the calibrator."""

    def __init__(self, images: np.ndarray, size: int = 50) -> None:
        self._parts = iter([images[start : start + size, None] for start in range(0, len(images), size)])

    def get_next(self) -> dict[str, np.ndarray] | None:
        part = next(self._parts, None)
        return None if part is None else {"input": part}


def draw_calibration_set(faces: Faces, count: int, seed: int) -> np.ndarray:
    """Seeded and stratified sample: about count / 7 faces per class, or all of a smaller class; uint8 [N, 48, 48]."""
    rng = np.random.default_rng(seed)
    chosen = []
    for index in range(len(LABELS)):
        of_class = np.flatnonzero(faces.labels == index)
        chosen.append(rng.choice(of_class, min(len(of_class), round(count / len(LABELS))), replace=False))
    return faces.images[rng.permutation(np.concatenate(chosen))]


def quantize(source: Path, target: Path, images: np.ndarray, config: QuantizeConfig) -> None:
    """Static QDQ: unsigned activations, signed per-channel weights; ranges from `images` uint8 [N, 48, 48].

    Weights have 7 bits. With 8 bits, unsigned times signed products overflow the 16-bit sums of x86 processors without
    VNNI (ONNX Runtime, "Quantize ONNX models", section on U8S8). The simple CNN with 8 bits agrees with fp32 on 98.7 %
    of the faces without overflow, and on 67.7 % with AVX2.
    """
    open_session(source)  # raises a clearer error than the quantizer
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        logging.getLogger().setLevel(logging.ERROR)  # it recommends the pre-processing that was just done
        quantize_static(
            prepared,
            target,
            _Batches(images),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=OPERATORS,
            nodes_to_exclude=find_float_nodes(onnx.load(prepared).graph),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=METHODS[config.method],
        )


def find_float_nodes(graph: onnx.GraphProto) -> list[str]:
    """Names of the layers that stay in float: the first convolution, and dense layers of few weights (the heads).

    Errors of the first kernels add up over neighbouring pixels, which are nearly equal. They cause two fifths of the
    simple CNN's error. In the residual network they cause little, but the time is the same either way. All layers in
    between use only integers.
    """
    first = next(node.name for node in graph.node if node.op_type == "Conv")
    weights = {initializer.name: int(np.prod(initializer.dims)) for initializer in graph.initializer}
    dense = [node.name for node in graph.node if node.op_type == "Gemm" and weights[node.input[1]] < LARGE_DENSE]
    return [first, *dense]


@in_one_line
def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mien_training.quantize", description=__doc__)
    parser.add_argument("source", type=Path, help="fp32 .onnx")
    parser.add_argument("target", type=Path, help="int8 .onnx to write")
    parser.add_argument("--preset", type=Path, required=True, help="configs/*.yaml")
    parser.add_argument("--data", type=Path, required=True, help="folder, .zip or .csv with the faces")
    options = parser.parse_args(arguments)
    preset = load_preset(options.preset)
    faces = prepare(preset, options.data).train
    images = draw_calibration_set(faces, preset.quantize.calibration_images, preset.seed)
    quantize(options.source, options.target, images, preset.quantize)
    print(f"{options.target}: {options.target.stat().st_size:,} bytes, calibrated on {len(images)} faces")
    return 0


if __name__ == "__main__":
    sys.exit(main())

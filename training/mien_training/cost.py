"""Cost of an ONNX file: parameters, and time for one face on one thread of this machine."""

from __future__ import annotations

import platform
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from .evaluate import open_session

WARM_UP = 30  # runs of each file before the measurement
BLOCK = 25  # runs of one file before the next file's turn, so that other load affects all files


def count_file_parameters(path: Path) -> int:
    """Count weights and biases in a file, batch norm folded; without scales, zero points, shapes and constants."""
    graph = onnx.load(path).graph
    ranges = {
        name for node in graph.node if node.op_type in ("QuantizeLinear", "DequantizeLinear") for name in node.input[1:]
    }
    counted = [
        i for i in graph.initializer if i.dims and i.name not in ranges and i.data_type != onnx.TensorProto.INT64
    ]
    return sum(int(np.prod(initializer.dims)) for initializer in counted)


def measure_latency(paths: list[Path], face: np.ndarray, runs: int = 300) -> list[dict]:
    """Milliseconds per face of each file: batch 1, one ONNX Runtime thread, median and 95th percentile of `runs`.

    The files take turns, so `ratio` (median divided by the first file's median) is reliable even under other load.
    `face` is uint8 [48, 48].
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    sessions = [open_session(path, options) for path in paths]
    feed = {"input": face[None, None]}
    times: list[list[float]] = [[] for _ in sessions]
    for session in sessions:
        for _ in range(WARM_UP):
            session.run(None, feed)
    while len(times[0]) < runs:
        for session, taken in zip(sessions, times, strict=True):
            for _ in range(min(BLOCK, runs - len(taken))):
                start = time.perf_counter()
                session.run(None, feed)
                taken.append(1000 * (time.perf_counter() - start))
    medians = [float(np.median(taken)) for taken in times]
    return [
        {
            "runs": runs,
            "medianMs": round(median, 4),
            "p95Ms": round(float(np.percentile(taken, 95)), 4),
            "ratio": round(median / medians[0], 3),
        }
        for median, taken in zip(medians, times, strict=True)
    ]


def describe_machine() -> dict:
    """The machine on which latency was measured."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or platform.machine()
    return {"processor": processor, "architecture": platform.machine(), "onnxruntime": onnxruntime.__version__}

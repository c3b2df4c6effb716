"""Charts of a report, small enough for the repository; all their values are in report.json."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from PIL import Image

DPI = 80
COLORS = 128
VARIANTS = {"all": "all faces", "withoutCopies": "without copies", "withoutNearCopies": "without near-copies"}
LABEL_SETS = {"people": "people", "fer2013": "FER-2013's labels"}
CYCLE = ("#0b6e99", "#d1495b", "#3f8f3f", "#8e6bbf", "#c98a1b", "#555555")


def draw_charts(report: dict, folder: Path) -> dict[str, list[str]]:
    """Draw all; file names of the charts by ONNX file, and those of all files together under the empty name."""
    charts: dict[str, list[str]] = {"": [draw_coverage(report, folder)]}
    for file in report["files"]:
        stem = file["file"].removesuffix(".onnx")
        charts[file["file"]] = [
            draw_confusion(file, folder / f"{stem}.confusion.png"),
            draw_reliability(file, folder / f"{stem}.reliability.png"),
        ]
    return charts


def draw_confusion(file: dict, path: Path) -> str:
    """Shares of each true class, one panel per label set and variant, rows true."""
    panels = _list_panels(file)
    columns = _count_variants(file)
    figure, grid = _start(panels, columns, width=4.7, height=4.3)
    for (key, variant, target, scores), axes in zip(panels, grid, strict=True):
        counts = np.array(scores["confusion"])
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for row, column in np.ndindex(shares.shape):
            value = shares[row, column]
            axes.text(
                column,
                row,
                f"{100 * value:.0f}",
                ha="center",
                va="center",
                fontsize=10,
                color="white" if value > 0.55 else "black" if value >= 0.005 else "#aaaaaa",
            )
        names = target["classes"]
        ticks = range(len(names))
        axes.set_xticks(ticks, names, rotation=40, ha="right", rotation_mode="anchor")
        axes.set_yticks(ticks, [f"{name} ({n})" for name, n in zip(names, counts.sum(axis=1), strict=True)])
        axes.set_xlabel("named by the network")
        axes.set_title(_title(key, variant, target), fontsize=11)
        axes.set_ylabel("label (faces)")
    figure.suptitle(f"{file['file']}: % of each label's faces", fontsize=12)
    return _save(figure, path)


def draw_reliability(file: dict, path: Path) -> str:
    """Accuracy in each bin of confidence; well-calibrated probabilities lie on the diagonal."""
    panels = _list_panels(file)
    figure, grid = _start(panels, _count_variants(file), width=4.7, height=3.6)
    for (key, variant, target, scores), axes in zip(panels, grid, strict=True):
        _draw_bins(axes, scores["reliability"])
        axes.set_title(_title(key, variant, target), fontsize=11)
        axes.legend(fontsize=8, loc="upper left", title=f"ECE {scores['calibrationError']['fitted']:.3f}")
    figure.suptitle(f"{file['file']}: accuracy by confidence, temperature fitted on the validation side", fontsize=12)
    return _save(figure, path)


def _draw_bins(axes: Axes, bins: dict) -> None:
    edges = np.linspace(0, 1, bins["bins"] + 1)
    width = edges[1]
    faces = np.array(bins["faces"])
    filled = np.flatnonzero(faces)
    accuracy = np.array([bins["accuracy"][b] for b in filled])
    confidence = np.array([bins["confidence"][b] for b in filled])
    axes.bar(edges[:-1], faces / faces.sum(), width, align="edge", color="#d9d9d9", label="share of the faces")
    # Whiskers are one standard error: bins with few faces are less reliable.
    error = np.sqrt(np.maximum(accuracy * (1 - accuracy), 0.25 / faces[filled]) / faces[filled])
    axes.plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle="--", label="confidence = accuracy")
    axes.errorbar(
        confidence,
        accuracy,
        np.minimum(error, 0.5),
        fmt="o-",
        color=CYCLE[0],
        markersize=4,
        capsize=2,
        label="accuracy",
    )
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence (top probability)", ylabel="share")
    axes.grid(alpha=0.3)


def draw_coverage(report: dict, folder: Path) -> str:
    """Accuracy when only the most confident share of the faces is answered; all files in one panel per label set."""
    keys = [key for key in LABEL_SETS if any(key in file["targets"] for file in report["files"])]
    figure = Figure(figsize=(4.9 * len(keys), 3.9), layout="constrained")
    for key, axes in zip(keys, figure.subplots(1, len(keys), squeeze=False)[0], strict=True):
        drawn = [file for file in report["files"] if key in file["targets"]]
        for file, color in zip(drawn, CYCLE * len(drawn), strict=False):
            for variant, style in (("all", "-"), ("withoutCopies", ":")):
                if variant in file["targets"][key]:
                    _draw_curve(axes, file, key, variant, color, style)
        axes.set(xlim=(0, 1.0), xlabel="share of the faces that is answered (coverage)", title=LABEL_SETS[key])
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_ylim(top=1.0)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="lower left")
    figure.supylabel("accuracy of those", fontsize=10)
    return _save(figure, folder / "coverage.png")


def _draw_curve(axes: Axes, file: dict, key: str, variant: str, color: str, style: str) -> None:
    curve = file["targets"][key][variant]["coverage"]
    share = np.arange(1, curve["steps"] + 1) / curve["steps"]
    name = file["file"].removesuffix(".onnx")
    suffix = "" if variant == "all" else ", " + VARIANTS[variant]
    label = f"{name}{suffix}: area {curve['area']:.3f}"
    axes.plot(share, curve["accuracy"], color=color, linestyle=style, linewidth=1.5, label=label)


def _list_panels(file: dict) -> list[tuple[str, str, dict, dict]]:
    """(label set, variant, target, scores) in reading order."""
    return [
        (key, variant, target, target[variant])
        for key, target in file["targets"].items()
        for variant in VARIANTS
        if variant in target
    ]


def _count_variants(file: dict) -> int:
    return sum(variant in file["targets"]["fer2013"] for variant in VARIANTS)


def _start(panels: list, columns: int, width: float, height: float) -> tuple[Figure, np.ndarray]:
    rows = len(panels) // columns
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.1)
    return figure, figure.subplots(rows, columns, squeeze=False).ravel()


def _title(key: str, variant: str, target: dict) -> str:
    return f"{LABEL_SETS[key]} (`{target['head']}`), {VARIANTS[variant]} ({target[variant]['n']})"


def _save(figure: Figure, path: Path) -> str:
    content = io.BytesIO()
    figure.savefig(content, dpi=DPI)
    with Image.open(content) as picture:  # a palette reduces the file to a third
        picture.convert("RGB").quantize(COLORS).save(path, optimize=True)
    return path.name

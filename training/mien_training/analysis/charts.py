"""Charts of the analysis, small enough to keep in the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ..data import LABELS

DPI = 80


def draw_charts(result: dict, labels: np.ndarray, entropy: np.ndarray | None, folder: Path) -> None:
    """Draw counts.png, and agreement.png and entropy.png where votes were read; `entropy` float [N] in bits."""
    draw_counts(result["counts"], folder / "counts.png")
    if entropy is not None:
        draw_agreement(result["votes"]["all"]["matrix"], folder / "agreement.png")
        draw_entropy(labels, entropy, folder / "entropy.png")


def draw_counts(counts: dict[str, dict[str, int]], path: Path) -> None:
    """Faces per class, one panel per split."""
    figure = Figure(figsize=(4.6 * len(counts), 3.2), layout="constrained")
    for axes, (split, of_class) in zip(figure.subplots(1, len(counts), squeeze=False)[0], counts.items(), strict=True):
        bars = axes.bar(LABELS, [of_class[label] for label in LABELS], color="#3b6ea5")
        axes.bar_label(bars, fmt="{:,.0f}", fontsize=8)
        axes.set(title=f"{split}: {of_class['all']:,} faces", ylabel="faces")
        axes.tick_params("x", rotation=30)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(y=0.12)
    figure.savefig(path, dpi=DPI)


def draw_agreement(matrix: dict, path: Path) -> None:
    """Distribution of FER+'s strict majority (columns) for each class of FER-2013 (rows), per cent."""
    counts = np.array(matrix["counts"])
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(8.2, 4.4), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100, aspect="auto")
    for (row, column), share in np.ndenumerate(shares):
        if counts[row, column]:
            color = "white" if share > 55 else "black"
            axes.text(column, row, f"{share:.0f}" if share >= 0.5 else "<1", ha="center", va="center", color=color)
    axes.set_xticks(range(len(matrix["columns"])), matrix["columns"], rotation=30, ha="right")
    axes.set_yticks(
        range(len(LABELS)), [f"{label} ({n:,})" for label, n in zip(LABELS, counts.sum(axis=1), strict=True)]
    )
    axes.set(xlabel="strict majority of FER+'s votes", ylabel="FER-2013's label (faces)", title="% of each row")
    figure.savefig(path, dpi=DPI)


def draw_entropy(labels: np.ndarray, entropy: np.ndarray, path: Path) -> None:
    """Box plots of the entropy of the votes, by FER-2013's label."""
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    groups = [entropy[labels == index] for index in range(len(LABELS))]
    axes.boxplot(groups, whis=(5, 95), showfliers=False, showmeans=True, widths=0.6)
    axes.set_xticks(range(1, len(LABELS) + 1), LABELS)
    axes.set(ylabel="entropy of the votes, bits", title="box: middle half; whiskers: 5 to 95 %; triangle: mean")
    axes.grid(axis="y", alpha=0.3)
    figure.savefig(path, dpi=DPI)

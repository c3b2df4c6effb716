"""The log of a run: log.csv, TensorBoard and the curve."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np


def write_log(run_dir: Path, log: list[dict[str, float]], logged: int) -> None:
    """Write log.csv with one row per epoch, and the epochs after the first `logged` to TensorBoard."""
    from torch.utils.tensorboard import SummaryWriter  # takes seconds to import

    with (run_dir / "log.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, log[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: round(v, 4) for k, v in entry.items()} for entry in log)
    with SummaryWriter(str(run_dir / "tensorboard")) as board:
        for entry in log[logged:]:
            for key in entry.keys() - {"epoch"}:
                board.add_scalar(key, entry[key], int(entry["epoch"]))


def draw_curve(path: Path, log: list[dict[str, float]]) -> None:
    """Accuracy over epochs, small enough to keep in the repository."""
    from matplotlib.figure import Figure  # takes seconds to import

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    epochs = np.array([entry["epoch"] for entry in log])
    for key, name in (
        ("accuracy", "training accuracy (augmented)"),
        ("validation_accuracy", "validation accuracy (average of weights)"),
        ("validation_macro_f1", "validation macro-F1"),
    ):
        axes.plot(epochs, [100 * entry[key] for entry in log], label=name, marker=".")
    axes.set(xlabel="epoch", ylabel="%")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=80)

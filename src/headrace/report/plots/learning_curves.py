"""Metrics over epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from headrace.report.plots.style import (
    INK,
    MUTED,
    TRAIN,
    VALIDATION,
    format_tick,
    render_png,
    render_svg,
    style_axes,
)

__all__ = ["draw_learning_curves", "plot_learning_curves"]


def plot_learning_curves(history: Sequence[Mapping[str, float]], names: Sequence[str]) -> bytes:
    """Plot metrics over epochs: one panel per metric, with training and validation.

    Args:
        history: As in `hr.training.FitResult.history`.
        names: Metrics without their prefix: "loss", "accuracy".

    Returns:
        The plot as a PNG file.
    """
    return render_png(_draw(history, names, (2.7 * len(names), 2.5)))


def draw_learning_curves(history: Sequence[Mapping[str, float]], name: str) -> str:
    """Draw one metric over epochs, as SVG."""
    return render_svg(_draw(history, [name], (3.4, 2.3)))


def _draw(history: Sequence[Mapping[str, float]], names: Sequence[str], size: tuple[float, float]) -> Figure:
    page = Figure(figsize=size, layout="constrained")
    epochs = [row["epoch"] for row in history]
    for axes, name in zip(np.atleast_1d(page.subplots(1, len(names))), names, strict=True):
        for part, colour in (("train", TRAIN), ("validation", VALIDATION)):
            if f"{part}_{name}" in history[0]:
                values = [row[f"{part}_{name}"] for row in history]
                axes.plot(epochs, values, color=colour, linewidth=2, marker="o", markersize=4, label=part)
        title = "RMSE" if name == "rmse" else name.replace("_", " ")
        axes.set_title(title, loc="left", color=INK, fontsize=10, parse_math=False)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
        axes.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
        axes.yaxis.set_major_formatter(format_tick)
        axes.margins(y=0.12)
        style_axes(axes, "epoch")
        axes.legend(frameon=False, fontsize=8, labelcolor=MUTED)
    return page

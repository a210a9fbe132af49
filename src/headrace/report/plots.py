"""The plots of a report, as PNG bytes."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

__all__ = [
    "format_number",
    "plot_confusion_matrix",
    "plot_learning_curves",
    "plot_predictions",
    "plot_samples",
]

INK, MUTED, GRID = "#12303b", "#5d7681", "#e3ebee"
TRAIN, VALIDATION, WRONG = "#8fb4c2", "#0b7a92", "#c8452f"
WATER = LinearSegmentedColormap.from_list("water", ["#f6fafb", "#8cc5d3", "#0b7a92", "#0a3d4d"])
RESOLUTION = 144  # dots per inch: sharp on high-density screens


def _render_png(figure: Figure) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="png", dpi=RESOLUTION, facecolor="white")
    return file.getvalue()


def _style_axes(axes: Axes) -> None:
    axes.tick_params(colors=MUTED, labelsize=8.5, length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def format_number(value: float) -> str:
    """Format a number for reading: thousands in full, smaller numbers to four digits.

    Example:
        >>> format_number(49577.4), format_number(0.23456)
        ('49,577', '0.2346')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _format_tick(value: float, _: float) -> str:
    return format_number(value)


def plot_learning_curves(history: Sequence[dict[str, float]], names: Sequence[str]) -> bytes:
    """Plot metrics over epochs: one panel per metric, with training and validation.

    Args:
        history: As in `hr.training.FitResult.history`.
        names: Metrics without their prefix: "loss", "accuracy".

    Returns:
        The plot as a PNG file.
    """
    page = Figure(figsize=(5.4, 2.5), layout="constrained")
    epochs = [row["epoch"] for row in history]
    for axes, name in zip(np.atleast_1d(page.subplots(1, len(names))), names, strict=True):
        for part, colour in (("train", TRAIN), ("validation", VALIDATION)):
            values = [row[f"{part}_{name}"] for row in history]
            axes.plot(epochs, values, color=colour, linewidth=2, marker="o", markersize=4, label=part)
        axes.set_title("RMSE" if name == "rmse" else name, loc="left", color=INK, fontsize=10)
        axes.set_xlabel("epoch", color=MUTED, fontsize=8.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        axes.grid(color=GRID, linewidth=0.8)
        axes.yaxis.set_major_formatter(_format_tick)
        axes.margins(y=0.12)
        _style_axes(axes)
        axes.legend(frameon=False, fontsize=8, labelcolor=MUTED)
    return _render_png(page)


def plot_confusion_matrix(matrix: NDArray[np.int64], names: Sequence[str]) -> bytes:
    """Plot a confusion matrix, coloured by the share of the true class.

    Args:
        matrix: [classes, classes], true by predicted.
        names: One name per class.
    """
    share = matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))
    side = max(3.4, 1.4 + 0.4 * len(names))
    page = Figure(figsize=(side + 0.4, side), layout="constrained")
    axes = page.subplots()
    axes.imshow(share, cmap=WATER, vmin=0, vmax=1)
    for row, column in np.argwhere(matrix > 0):
        colour = "white" if share[row, column] > 0.45 else INK
        text = f"{matrix[row, column]:,}"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8.5)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted", color=MUTED, fontsize=8.5)
    axes.set_ylabel("true", color=MUTED, fontsize=8.5)
    _style_axes(axes)
    return _render_png(page)


def plot_predictions(labels: NDArray[Any], predicted: NDArray[Any]) -> bytes:
    """Plot predicted over true values, one dot per row (at most 5,000), with the line of equality.

    Args:
        labels: True values, [N].
        predicted: Predicted values, [N].
    """
    sample = slice(None, None, max(1, len(labels) // 5000))
    page = Figure(figsize=(4.6, 4.1), layout="constrained")
    axes = page.subplots()
    ends = [float(min(labels.min(), predicted.min())), float(max(labels.max(), predicted.max()))]
    axes.plot(ends, ends, color=WRONG, linewidth=1.2)
    axes.scatter(labels[sample], predicted[sample], s=6, alpha=0.35, color=VALIDATION, linewidths=0)
    axes.set_xlabel("true", color=MUTED, fontsize=8.5)
    axes.set_ylabel("predicted", color=MUTED, fontsize=8.5)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.locator_params(nbins=6)
    axes.xaxis.set_major_formatter(_format_tick)
    axes.yaxis.set_major_formatter(_format_tick)
    _style_axes(axes)
    return _render_png(page)


def plot_samples(
    images: NDArray[Any], labels: Sequence[str], predicted: Sequence[str], *, columns: int = 8
) -> bytes:
    """Plot images with their predicted class; wrong predictions are red, with the true class below.

    Args:
        images: [N, height, width] or [N, height, width, 3].
        labels: The true class of each.
        predicted: The predicted class of each.
        columns: Images per row.
    """
    rows = -(-len(images) // columns)
    page = Figure(figsize=(1.18 * columns, 1.62 * rows))
    page.subplots_adjust(left=0.005, right=0.995, top=0.995, bottom=0.35 / (1.62 * rows), hspace=0.38)
    grid = np.atleast_1d(page.subplots(rows, columns)).reshape(-1)
    for axes in grid:
        axes.set_axis_off()
    for axes, image, label, guess in zip(grid, images, labels, predicted, strict=False):
        axes.imshow(image, cmap="gray_r" if image.ndim == 2 else None, interpolation="nearest")
        right = label == guess
        title = guess if right else f"{guess}\nis {label}"
        place = {"ha": "center", "va": "top", "transform": axes.transAxes}
        axes.text(0.5, -0.05, title, fontsize=8.5, color=INK if right else WRONG, **place)
    return _render_png(page)

"""Curves of shares from 0 to 1: ROC, precision over recall, calibration; and heat maps of shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from headrace.report.plots.style import (
    CLASS_COLOURS,
    GRID,
    MUTED,
    TRAIN,
    VALIDATION,
    render_svg,
    style_axes,
)

__all__ = ["draw_calibration", "draw_curves", "draw_shares"]

_WATER = LinearSegmentedColormap.from_list("water", ["#f6fafb", "#8cc5d3", "#0b7a92", "#0a3d4d"])


def draw_curves(curves: Sequence[tuple[Sequence[float], Sequence[float]]], x: str, y: str) -> str:
    """Draw curves in the unit square, each in the colour of its place in `CLASS_COLOURS`."""
    page = Figure(figsize=(3.3, 3.0), layout="constrained")
    axes = page.subplots()
    for place, (across, up) in enumerate(curves):
        axes.plot(across, up, color=CLASS_COLOURS[place % len(CLASS_COLOURS)], linewidth=1.8)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))
    style_axes(axes, x, y)
    return render_svg(page)


def draw_calibration(
    predicted: Sequence[float], found: Sequence[float], rows: Sequence[int] = (), *, x: str
) -> str:
    """Draw the share that is true over the predicted probability, and the rows of each bin as bars."""
    page = Figure(figsize=(3.3, 3.0), layout="constrained")
    axes = page.subplots()
    axes.plot([0, 1], [0, 1], color=GRID, linewidth=1.5)
    if rows:
        heights = np.array(rows) / max(rows) * 0.3
        axes.bar(predicted, heights, width=0.5 / len(rows), color=TRAIN, alpha=0.5, linewidth=0)
    axes.plot(predicted, found, color=VALIDATION, linewidth=1.8, marker="o", markersize=4)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))
    style_axes(axes, x, "share that is true")
    return render_svg(page)


def draw_shares(shares: NDArray[np.float64]) -> str:
    """Draw a heat map of the shares of predicted classes, [true, predicted], too many to write out."""
    page = Figure(figsize=(3.6, 3.4), layout="constrained")
    axes = page.subplots()
    axes.imshow(shares, cmap=_WATER, vmin=0, vmax=1, interpolation="nearest")
    axes.tick_params(colors=MUTED, labelsize=8, length=0)
    axes.set_xlabel("predicted class", color=MUTED, fontsize=8.5)
    axes.set_ylabel("true class", color=MUTED, fontsize=8.5)
    for side in axes.spines.values():
        side.set_visible(False)
    return render_svg(page)

"""Plots of predicted numbers against true ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from headrace.report.plots.style import (
    VALIDATION,
    WRONG,
    format_tick,
    render_svg,
    style_axes,
)

__all__ = ["draw_predicted_against_true", "draw_residuals"]

_MOST_DOTS = 3000
_Floats = NDArray[np.float64]


def draw_predicted_against_true(labels: _Floats, predicted: _Floats, unit: str) -> str:
    """Draw predicted over true values, one dot per row (at most 3,000), with the line of equality."""
    return _draw_dots(labels, predicted, "true" + unit, "predicted" + unit, is_equal=True)


def draw_residuals(labels: _Floats, predicted: _Floats, unit: str) -> str:
    """Draw predicted minus true values over predicted ones, one dot per row (at most 3,000)."""
    return _draw_dots(predicted, predicted - labels, "predicted" + unit, "predicted - true", is_equal=False)


def _draw_dots(x: _Floats, y: _Floats, across: str, up: str, *, is_equal: bool) -> str:
    sample = slice(None, None, -(-len(x) // _MOST_DOTS))
    page = Figure(figsize=(3.3, 3.0), layout="constrained", dpi=144)
    axes = page.subplots()
    ends = [float(min(x.min(), y.min())), float(max(x.max(), y.max()))]
    if is_equal:
        axes.plot(ends, ends, color=WRONG, linewidth=1.2)
    else:
        axes.axhline(0, color=WRONG, linewidth=1.2)
    is_dense = len(x) > 400
    size, alpha = (5, 0.35) if is_dense else (14, 0.6)
    dots: dict[str, Any] = {
        "s": size,
        "alpha": alpha,
        "color": VALIDATION,
        "linewidths": 0,
        "rasterized": is_dense,
    }
    axes.scatter(x[sample], y[sample], **dots)
    style_axes(axes, across, up)
    axes.xaxis.label.set_parse_math(False)
    axes.yaxis.label.set_parse_math(False)
    axes.locator_params(nbins=5)
    axes.xaxis.set_major_formatter(format_tick)
    axes.yaxis.set_major_formatter(format_tick)
    return render_svg(page)

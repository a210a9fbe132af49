"""Histograms of many columns on one sheet."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from headrace.cli.drawing.distributions import Distribution
from headrace.cli.drawing.formatting import format_text
from headrace.cli.drawing.theme import BACKGROUND, BORDER, MUTED, TEXT

__all__ = ["MOST_HISTOGRAMS", "draw_histograms"]

MOST_HISTOGRAMS = 60
_COLUMNS, _WIDTH, _HEIGHT = 4, 3.2, 2.3  # inches of a histogram
_LEAST_PLACES = 5  # for bars of single values, so that two are not as thick as the axes
_BAR = "#0b7a92"


def draw_histograms(distributions: Sequence[Distribution], title: str) -> Figure:
    """Draw the first 60 distributions, four in a row."""
    shown = distributions[:MOST_HISTOGRAMS]
    columns = min(_COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    figure = Figure(
        figsize=(columns * _WIDTH, rows * _HEIGHT + 0.5), facecolor=BACKGROUND, layout="constrained"
    )
    figure.suptitle(format_text(title, 100), x=0.01, ha="left", fontsize=11, color=TEXT, parse_math=False)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, each in zip(grid, shown, strict=False):
        _draw(axes, each)
    for axes in grid[len(shown) :]:
        axes.set_axis_off()
    return figure


def _draw(axes: Axes, each: Distribution) -> None:
    name = format_text(each.name, 34)
    axes.set_title(name, loc="left", fontsize=9, color=TEXT, parse_math=False)
    axes.tick_params(colors=MUTED, labelsize=7, length=2)
    for place, spine in axes.spines.items():
        spine.set_visible(place in ("left", "bottom"))
        spine.set_color(BORDER)
    if each.missing:
        text = f"{each.missing:,} missing"
        axes.set_title(text, loc="right", fontsize=7, color=MUTED)
    if each.edges:
        widths = [right - left for left, right in zip(each.edges[:-1], each.edges[1:], strict=True)]
        axes.bar(each.edges[:-1], each.counts, widths, align="edge", color=_BAR)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.set_major_locator(MaxNLocator(4))
        return
    values = [*each.values, *(["others"] if each.others else [])]
    counts = [*each.counts, *([each.others] if each.others else [])]
    axes.barh(range(len(values)), counts, color=_BAR)
    axes.set_yticks(
        range(len(values)), [format_text(value, 16) for value in values], parse_math=False, fontsize=7
    )
    axes.set_ylim(max(len(values), _LEAST_PLACES) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter("{x:,.0f}")

"""Draw a profile: a bar for each part's share, the slowest one marked."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from headrace.extras import require

require("matplotlib", extra="train", purpose="drawing a profile")

from matplotlib.figure import Figure

from headrace.arguments import check_extension
from headrace.data.profiling.stage_profile import StageProfile
from headrace.data.profiling.verdict import Verdict
from headrace.errors import UsageError
from headrace.storage import write_bytes

__all__ = ["draw_profile", "plot_profile"]

_INK, _MUTED, _GRID = "#12303b", "#5d7681", "#e3ebee"
_BAR, _SLOWEST = "#8fb4c2", "#c8452f"
_WIDTH, _ROW, _MARGIN = 9.0, 0.36, 1.1  # inches
_MOST_LINE = 100  # characters
_RESOLUTION = 144  # dots per inch


def plot_profile(path: Path, stages: Sequence[StageProfile], headline: str, verdict: Verdict) -> None:
    """Draw a profile into a file; the extension chooses the format.

    Raises:
        UsageError: The extension is not .png, .svg or .pdf, or the folder does not exist.
    """
    check_extension(path, (".png", ".svg", ".pdf"))
    if not path.parent.is_dir():
        raise UsageError("the folder does not exist", path=str(path.parent), hint="create it")
    file = BytesIO()
    figure = draw_profile(stages, headline, verdict)
    figure.savefig(file, format=path.suffix[1:], dpi=_RESOLUTION, facecolor="white")
    write_bytes(path, file.getvalue())


def draw_profile(stages: Sequence[StageProfile], headline: str, verdict: Verdict) -> Figure:
    """Draw a profile: the shares of all parts, with their rates, under the verdict."""
    text = textwrap.fill(str(verdict).splitlines()[0], _MOST_LINE)
    lines = text.count("\n") + 1
    height = _MARGIN + _ROW * len(stages) + 0.2 * lines
    figure = Figure(figsize=(_WIDTH, height))
    bottom, top = 0.3 / height, 1 - (0.45 + 0.2 * lines) / height
    axes = figure.add_axes((0.3, bottom, 0.45, top - bottom))
    for number, each in enumerate(stages):
        colour = _SLOWEST if each.name == verdict.part else _BAR
        axes.barh(number, 100 * each.share, color=colour, height=0.62)
        rate = f"{each.rows_per_second:,.0f} rows/s" if each.seconds > 1e-5 else ""
        queue = "" if each.queue_fill is None else f"queue {each.queue_fill:.0%} full"
        note = f"{each.share:.0%}   {rate or queue}"
        axes.text(100 * each.share + 1, number, note, va="center", fontsize=8.5, color=_MUTED)
    axes.set_yticks(range(len(stages)), [_shorten(each.name) for each in stages])
    axes.set_ylim(len(stages) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_xticks([])
    axes.tick_params(colors=_INK, labelsize=9, length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.axvline(0, color=_GRID, linewidth=1)
    figure.text(0.02, 1 - 0.22 / height, headline, fontsize=9, color=_MUTED, va="center")
    figure.text(0.02, 1 - 0.38 / height, text, fontsize=9.5, color=_INK, va="top")
    return figure


def _shorten(name: str) -> str:
    return name if len(name) <= 34 else f"{name[:33]}…"

"""Draw a plan: columns enter at the left, statistics stand between the steps that need them."""

from __future__ import annotations

import io
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from headrace.cached_property import cached_property
from headrace.extras import require

require("matplotlib", extra="train", purpose="drawing a transform")

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection, PatchCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import BoxStyle, FancyBboxPatch, Patch, Rectangle
from matplotlib.path import Path as Curve
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Transform

from headrace.arguments import check_extension
from headrace.errors import UsageError
from headrace.storage import write_bytes
from headrace.transform.plan.blocks import Block, Blocks, group_blocks
from headrace.transform.plan.layout import Layout, Point, lay_out
from headrace.transform.plan.steps import Steps

__all__ = ["GAP", "Box", "create_boxes", "draw"]

INK, MUTED, LINE = "#12303b", "#5d7681", "#9db7c1"
FILLS = {
    "input": ("#e3ebee", "#b9ccd4", INK),
    "step": ("#ffffff", "#8fb4c2", INK),
    "statistic": ("#fdeedb", "#e0a458", "#6b430d"),
    "output": ("#0b7a92", "#0b7a92", "#ffffff"),
}
NAMES = {"input": "column", "step": "row by row", "statistic": "statistics of all rows", "output": "output"}
TITLE, DETAIL = 10.0, 8.0  # points
LEADING = 1.35
MIDDLE = 0.36  # of capitals, above the base line, in a font of size 1
PADDING = Point(9.0, 6.0)
GAP = Point(46.0, 13.0)
MARGIN = 26.0
POINTS = 72.0  # per inch
RESOLUTION = 144  # dots per inch
MOST_PIXELS, MOST_PIXELS_ACROSS = 1 << 25, 1 << 15  # matplotlib draws at most 65,536 pixels across
WIDEST = 34  # characters per line


@dataclass(frozen=True)
class Box:
    """The text of a box: a title and lines of details."""

    kind: str
    title: str
    details: tuple[str, ...]

    @cached_property
    def size(self) -> Point:
        """Width and height in points."""
        widths = [_width(self.title, TITLE), *(_width(line, DETAIL) for line in self.details)]
        height = LEADING * (TITLE + DETAIL * len(self.details))
        return Point(max(widths) + 2 * PADDING.x, height + 2 * PADDING.y)


def draw(plan: Steps, path: Path) -> None:
    """Draw a plan into a file, replacing an existing one; the extension chooses the format.

    Raises:
        UsageError: The extension is not .png, .svg or .pdf, or the folder does not exist.
    """
    check_extension(path, (".png", ".svg", ".pdf"))
    if not path.parent.is_dir():
        raise UsageError(
            "the folder does not exist", path=str(path.parent), hint="create it or choose another"
        )
    blocks = group_blocks(plan)
    boxes, inputs, outputs = create_boxes(blocks)
    layout = lay_out(inputs, {node: box.size for node, box in boxes.items()}, outputs, GAP)
    figure = _figure(boxes, layout)
    picture = io.BytesIO()
    figure.savefig(picture, format=path.suffix[1:], dpi=_resolution(figure), facecolor="white")
    write_bytes(path, picture.getbuffer())


def _resolution(figure: Figure) -> float:
    """Return the dots per inch of a picture: fewer for one that would have too many pixels."""
    width, height = figure.get_size_inches()
    return min(RESOLUTION, (MOST_PIXELS / (width * height)) ** 0.5, MOST_PIXELS_ACROSS / max(width, height))


def create_boxes(
    blocks: Blocks,
) -> tuple[dict[Hashable, Box], dict[Hashable, Sequence[Hashable]], list[Hashable]]:
    """Create the boxes; return them with the boxes left of each, and the output boxes."""
    passes = [number for number, each in enumerate(blocks.plan.passes, 1) for _ in each.states]
    boxes: dict[Hashable, Box] = {block: _box(blocks, block, passes) for block in blocks.order}
    inputs: dict[Hashable, Sequence[Hashable]] = {block: blocks.inputs[block] for block in blocks.order}
    outputs: list[Hashable] = [f"output {name}" for name in blocks.plan.outputs]
    for output, (name, place) in zip(outputs, blocks.plan.outputs.items(), strict=True):
        boxes[output] = Box("output", _shorten(name), (blocks.plan.steps[place].type,))
        owner = blocks.owners[place]
        inputs[output] = [] if owner is None else [owner]
    return boxes, inputs, outputs


def _box(blocks: Blocks, block: Block, passes: Sequence[int]) -> Box:
    steps = blocks.plan.steps
    if block.kind == "state":
        state = blocks.states[block.place]
        names = list(dict.fromkeys(steps[place].name for place in state.statistics))
        parameters = dict.fromkeys(each for place in state.statistics for each in steps[place].parameters)
        details = [*map(_shorten, parameters), f"{state.name}, pass {passes[block.place]}"]
        return Box("statistic", _shorten(", ".join(names)), tuple(details))
    if block.kind == "statistic":
        return Box("statistic", _shorten(steps[block.place].name), (steps[block.place].type,))
    if block.kind == "input":
        return Box("input", _shorten(steps[block.place].name), (steps[block.place].type,))
    what = steps[block.place] if block.kind == "op" else blocks.plan.calls[block.place]
    types = dict.fromkeys(steps[place].type for place in blocks.results[block])
    return Box("step", what.name, (*map(_shorten, what.parameters), ", ".join(types)))


def _shorten(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


class _Glyph(NamedTuple):
    """The outline of a character in a font of size 1, and the distance to the next character."""

    vertices: np.ndarray
    codes: np.ndarray
    advance: float


@cache
def _glyph(character: str) -> _Glyph:
    font = FontProperties(size=text_to_path.FONT_SCALE)
    vertices, codes = text_to_path.get_text_path(font, character)
    advance, _, _ = text_to_path.get_text_width_height_descent(character, font, ismath=False)
    outline = np.reshape(vertices, (-1, 2)) / text_to_path.FONT_SCALE
    return _Glyph(outline, np.array(codes, np.uint8), advance / text_to_path.FONT_SCALE)


def _width(text: str, size: float) -> float:
    return sum(_glyph(each).advance for each in text) * size


def _figure(boxes: dict[Hashable, Box], layout: Layout) -> Figure:
    legend = 3.5 * TITLE
    size = Point(max(layout.size.x, 560.0) + 2 * MARGIN, layout.size.y + 2 * MARGIN + legend)
    figure = Figure(figsize=(size.x / POINTS, size.y / POINTS))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-MARGIN, size.x - MARGIN), ylim=(size.y - MARGIN, -MARGIN))
    axes.set_axis_off()
    drawing = _Drawing()
    for (start, _), route in layout.routes.items():
        drawing.curves.append(_curve(route))
        drawing.lines.append(FILLS["statistic"][1] if boxes[start].kind == "statistic" else LINE)
    for node, box in boxes.items():
        drawing.add_box(box, layout.centers[node])
    drawing.add_legend(layout.size.y + MARGIN)
    for collection in drawing.collect(axes, figure.dpi_scale_trans):
        axes.add_collection(collection, autolim=False)
    return figure


@dataclass(frozen=True)
class _Drawing:
    """What is drawn, as a few collections: an artist for each text would take ten times as long."""

    curves: list[Curve] = field(default_factory=list[Curve])
    lines: list[str] = field(default_factory=list[str])
    shapes: list[Patch] = field(default_factory=list[Patch])
    glyphs: dict[tuple[str, float], list[tuple[Point, str]]] = field(default_factory=dict)

    def collect(self, axes: Axes, inches: Transform) -> Sequence[Collection]:
        """Return what is drawn, from the back to the front; `inches` is the transform of the figure."""
        curves = PathCollection(self.curves, facecolors="none", edgecolors=self.lines, linewidths=1.1)
        shapes = PatchCollection(self.shapes, match_original=True)
        texts = [
            PathCollection(
                [Curve(_glyph(character).vertices * size, _glyph(character).codes)],
                offsets=[place for place, _ in drawn],
                offset_transform=axes.transData,
                facecolors=[ink for _, ink in drawn],
                edgecolors="none",
                transform=Affine2D().scale(1 / POINTS) + inches,
                snap=False,  # else letters of straight lines, such as l, have other widths
            )
            for (character, size), drawn in self.glyphs.items()
        ]
        for order, collection in enumerate((curves, shapes, *texts)):
            collection.set_zorder(order)
        return curves, shapes, *texts

    def add_box(self, box: Box, center: Point) -> None:
        """Draw a box with its texts."""
        fill, edge, ink = FILLS[box.kind]
        corner = (center.x - box.size.x / 2, center.y - box.size.y / 2)
        style = BoxStyle("round", pad=0, rounding_size=5)
        self.shapes.append(FancyBboxPatch(corner, *box.size, boxstyle=style, facecolor=fill, edgecolor=edge))
        y = corner[1] + PADDING.y + LEADING * TITLE / 2
        muted = MUTED if box.kind in ("input", "step") else ink
        self._write(center.x - _width(box.title, TITLE) / 2, y, box.title, TITLE, ink)
        y += LEADING * TITLE / 2
        for line in box.details:
            left = center.x - _width(line, DETAIL) / 2
            self._write(left, y + LEADING * DETAIL / 2, line, DETAIL, muted)
            y += LEADING * DETAIL

    def add_legend(self, y: float) -> None:
        """Draw the names of the kinds of boxes in a line."""
        x = 0.0
        for kind, name in NAMES.items():
            fill, edge, _ = FILLS[kind]
            self.shapes.append(Rectangle((x, y - 5), 10, 10, facecolor=fill, edgecolor=edge))
            self._write(x + 16, y, name, DETAIL + 1, MUTED)
            x += 16 + _width(name, DETAIL + 1) + 24

    def _write(self, x: float, y: float, text: str, size: float, ink: str) -> None:
        """Draw a line of text, whose capitals have their middle at `y`."""
        for each in text:
            self.glyphs.setdefault((each, size), []).append((Point(x, y + MIDDLE * size), ink))
            x += _glyph(each).advance * size


def _curve(route: Sequence[Point]) -> Curve:
    """Build a curve that is level through each layer and S-shaped between layers."""
    points, codes = [route[0]], [Curve.MOVETO]
    for start, end in zip(islice(route, 0, None, 2), islice(route, 1, None, 2), strict=True):
        if points[-1] != start:
            points.append(start)
            codes.append(Curve.LINETO)
        middle = (start.x + end.x) / 2
        points += [Point(middle, start.y), Point(middle, end.y), end]
        codes += [Curve.CURVE4] * 3
    return Curve(points, codes)

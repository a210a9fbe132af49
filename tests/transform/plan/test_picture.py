"""The geometry of the picture: nothing overlaps, and everything is inside."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.count_calls import count_calls

from headrace import transform as t
from headrace.recipes import fashion_mnist, housing, movie_reviews
from headrace.transform.plan.blocks import group_blocks
from headrace.transform.plan.layout import Layout, Point, lay_out
from headrace.transform.plan.picture import GAP, create_boxes

GRAPHS = st.lists(st.lists(st.integers(0, 100), max_size=3), min_size=1, max_size=25).map(
    lambda rows: {n: sorted({each % n for each in row} if n else set()) for n, row in enumerate(rows)}
)


def check(layout: Layout, inputs: Any, sizes: Any, last: Any) -> None:
    assert set(layout.centers) == set(inputs)
    for node, center in layout.centers.items():
        assert center.y - sizes[node].y / 2 >= -1e-6
        assert center.y + sizes[node].y / 2 <= layout.size.y + 1e-6
        assert all(layout.centers[each].x < center.x for each in inputs[node])
    for a, b in combinations(layout.centers, 2):
        across = abs(layout.centers[a].x - layout.centers[b].x) - (sizes[a].x + sizes[b].x) / 2
        down = abs(layout.centers[a].y - layout.centers[b].y) - (sizes[a].y + sizes[b].y) / 2
        assert across > -1e-6 or down > -1e-6, (a, b)
    for (a, b), route in layout.routes.items():
        assert route[0].y == layout.centers[a].y
        assert route[-1].y == layout.centers[b].y
        assert all(first.x <= second.x for first, second in pairwise(route))
    assert len({layout.centers[node].x for node in last}) <= 1


@settings(max_examples=50, deadline=None)
@given(GRAPHS, st.integers(5, 40))
def test_boxes_of_any_graph_do_not_overlap_and_are_in_order(graph: dict[int, list[int]], height: int) -> None:
    sizes = {node: Point(10.0 + 7 * (node % 5), height + node % 3) for node in graph}
    last = [node for node in graph if node not in {each for row in graph.values() for each in row}]
    check(lay_out(graph, sizes, last, Point(20.0, 5.0)), graph, sizes, last)


@pytest.mark.parametrize("recipe", [fashion_mnist, housing, movie_reviews])
def test_recipes_are_drawn(recipe: Any, tmp_path: Path) -> None:
    plan = t.plan(recipe.preprocess, recipe.load(None).train)
    boxes, inputs, outputs = create_boxes(group_blocks(plan))
    sizes = {node: box.size for node, box in boxes.items()}
    layout = lay_out(inputs, sizes, outputs, GAP)
    check(layout, inputs, sizes, outputs)
    plan.plot(tmp_path / "graph.png")
    with Image.open(tmp_path / "graph.png") as image:
        assert image.width > 2 * layout.size.x
        assert image.height > 2 * layout.size.y
        assert len(image.convert("RGB").getcolors(1 << 20) or []) > 20
    assert [path.name for path in tmp_path.iterdir()] == ["graph.png"]


def test_names_are_not_interpreted_as_markup(tmp_path: Path) -> None:
    schema = pa.schema({"price in $": pa.float64(), "$x^$": pa.float64(), "long " * 30: pa.float64()})
    plan = t.plan(lambda x: {name: x[name] + 1 for name in schema.names}, schema)
    plan.plot(tmp_path / "graph.svg")
    assert b"</svg>" in (tmp_path / "graph.svg").read_bytes()


def test_pictures_of_wide_plans_take_linear_time_and_have_a_bounded_number_of_pixels(tmp_path: Path) -> None:
    def plot(columns: int) -> None:
        schema = pa.schema([(f"c{place}", pa.float64()) for place in range(columns)])
        plan = t.plan(lambda x: {name: t.scale_to_0_1(x[name]) for name in x}, schema)
        plan.plot(tmp_path / "graph.png")

    plot(2)  # loads what pictures need
    few, many = (count_calls(lambda columns=columns: plot(columns)) for columns in (40, 80))
    assert many < 2.2 * few
    plot(300)
    with Image.open(tmp_path / "graph.png") as image:
        assert image.width * image.height <= 1 << 25
        assert image.height <= 1 << 15

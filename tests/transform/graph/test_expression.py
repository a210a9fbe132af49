"""Names of statistics are capped, and nothing in a graph recurses."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t
from headrace.columns import ColumnType
from headrace.transform.graph.expression import shorten, write_expression
from headrace.transform.graph.graph import MOST_CHARACTERS, Input, Node

BATCH = pa.record_batch({"a": np.arange(100.0), "b": np.arange(100.0) + 1})


def sums(count: int) -> Any:
    def preprocess(x: Any) -> dict[str, t.Column]:
        total = x["a"]
        for number in range(count):
            total = total + float(number)
        return {"y": t.scale_to_z_score(total)}

    return preprocess


def clip_rounds(x: Any) -> dict[str, t.Column]:
    y = x["a"]
    for _ in range(9):
        center, width = t.mean(y), 2 * t.standard_deviation(y)
        y = t.where(y < center - width, center - width, t.where(y > center + width, center + width, y))
    return {"y": y}


def test_nine_rounds_of_clipping_have_short_names_and_save_kilobytes(tmp_path: Path) -> None:
    frozen = t.analyze(clip_rounds, [BATCH])
    names = list(frozen.statistics)
    assert len(names) == 18
    assert max(map(len, names)) == MOST_CHARACTERS
    assert names[0] == "mean(a)"  # short names are whole
    frozen.save(tmp_path / "t")
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 100_000
    assert hr.Transform.load(tmp_path / "t")(BATCH).equals(frozen(BATCH))


def test_an_expression_that_doubles_with_each_step_is_written_at_once() -> None:
    def double(x: Any) -> dict[str, t.Column]:
        y = x["a"]
        for _ in range(200):
            y = y + y
        assert len(str(y.node)) == MOST_CHARACTERS
        return {"y": y * t.mean(y), "z": y + t.sum(y)}

    plan = t.plan(double, BATCH.schema)
    assert max(map(len, str(plan).splitlines())) < 300


def test_names_that_begin_alike_differ_by_a_digest_that_is_the_same_everywhere() -> None:
    def alike(x: Any) -> dict[str, t.Column]:
        first = second = x["a"]
        for number in range(60):
            first, second = first + 1.0, second + (1.0 if number else 2.0)
        return {"y": x["a"] - t.mean(first) - t.mean(second)}

    first, second = t.analyze(alike, [BATCH]).statistics
    assert first[:-10] == second[:-10]
    assert first != second
    assert list(t.analyze(alike, [BATCH]).statistics) == [first, second]
    node = Node(Input("a" * 300), (), ColumnType("float64"), per_row=True)
    assert str(node) == "a" * 187 + "...6b7d04c5cb"


def test_an_expression_is_cut_where_the_limit_is_passed() -> None:
    pieces = iter(range(1000))
    text = write_expression([0], lambda _: [f"{next(pieces)} ", 0], most=10)
    assert text == "0 1 2 3 4 5 "
    assert next(pieces) == 6
    assert shorten("a" * 11, 10) == "aaaaaaa..."
    assert shorten("a" * 10, 10) == "a" * 10


@pytest.mark.parametrize("count", [400, 1500])
def test_sums_of_many_columns_have_no_recursion_limit(tmp_path: Path, count: int) -> None:
    frozen = t.analyze(sums(count), [BATCH])
    expected = frozen(BATCH)
    frozen.save(tmp_path / "t")
    copies = [hr.Transform.load(tmp_path / "t"), pickle.loads(pickle.dumps(frozen)), copy.deepcopy(frozen)]
    assert all(each(BATCH).equals(expected) for each in copies)
    assert len({each.fingerprint for each in [frozen, *copies]}) == 1
    assert len(str(frozen.explain())) < 200 * count
    assert "float64 node" in repr(frozen.graph)


def test_graphs_of_500_steps_pickle_with_their_calls_and_lines() -> None:
    graph = t.analyze(sums(500), [BATCH]).graph
    again = pickle.loads(pickle.dumps(graph))
    for node, other in zip(graph.nodes, again.nodes, strict=True):
        assert (node.line, node.type, node.per_row) == (other.line, other.type, other.per_row)
        assert (node.call is None) == (other.call is None)
    assert len({node.call for node in again.nodes}) == len({node.call for node in graph.nodes})


def test_400_sums_are_lowered_to_onnx(tmp_path: Path) -> None:
    import onnxruntime as ort

    frozen = t.analyze(sums(400), [BATCH])
    frozen.to_onnx(tmp_path / "model.onnx")
    session = ort.InferenceSession(tmp_path / "model.onnx")
    (y,) = session.run(None, {"a": np.arange(100.0)})
    assert np.array_equal(y, frozen(BATCH)["y"].to_numpy())

"""Stacked columns: identical values, in fewer ONNX nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest

from headrace import transform as t
from headrace.columns import from_arrow
from headrace.transform.onnx.lower import to_onnx
from headrace.transform.onnx.stack_columns import stack_columns, stack_shared_columns


def numbers(seed: int) -> np.ndarray:
    return np.concatenate([np.random.default_rng(seed).normal(size=50), SPECIAL])


SPECIAL = [0.0, -0.0, np.nan, np.inf, -np.inf, 1e-300, -1.0, 1e300]
BATCH = pa.record_batch(
    {
        **{name: numbers(seed) for seed, name in enumerate("abcd")},
        "pair": pa.FixedSizeListArray.from_arrays(np.random.default_rng(9).normal(size=116), 2),
        "whole": np.arange(58),
    }
)


def scaled(x: Any) -> t.Column:
    return t.concatenate([t.scale_to_z_score(x[name]) for name in "abcd"])


def of_logarithms(x: Any) -> t.Column:
    logs = [t.log1p(t.fill_missing(x[name], t.mean(x[name]))) for name in "ab"]
    return t.concatenate([t.scale_to_z_score(each) for each in [*logs, logs[0] - logs[1]]], "float64")


def of_pairs(x: Any) -> t.Column:
    return t.concatenate(
        [x["a"] / 3, x["pair"] / 5, x["b"] / 3, t.one_hot(x["whole"], 4), 2 - x["c"], 2 - x["d"]]
    )


def of_both_sides(x: Any) -> t.Column:
    return t.concatenate(
        [x["a"] - 1, 1 - x["b"], x["c"] - x["d"], x["whole"] + 1, t.abs(x["a"]), t.abs(x["b"])]
    )


def of_halves(x: Any) -> t.Column:
    halves = [x[name] / 2 for name in "abc"]
    return t.concatenate(halves) + t.concatenate([*halves[:2], x["d"]])


def of_differences(x: Any) -> t.Column:
    """Chains columns with several users, one of which is also an input of the output."""
    logs = [t.log1p(t.fill_missing(x[name], t.mean(x[name]))) for name in "abcd"]
    roots = [t.sqrt(each) for each in logs[:3]]
    return t.concatenate([*logs, *roots, logs[0] - roots[1], roots[0] - roots[2], roots[1] - logs[3]])


def of_picked_numbers(x: Any) -> t.Column:
    """Concatenates picked numbers again: all of them or some, once or several times."""
    roots = [t.sqrt(x[name]) for name in "abcd"]
    differences = [roots[0] - roots[3], roots[3] - roots[1], roots[2] - roots[3]]
    return t.concatenate(
        [*roots, *differences, roots[1], roots[0], roots[2] / roots[3], x["a"] - roots[0]], "float64"
    )


@pytest.mark.parametrize(
    "function",
    [scaled, of_logarithms, of_pairs, of_both_sides, of_halves, of_differences, of_picked_numbers],
)
def test_stacking_keeps_every_bit(function: Callable[[Any], t.Column]) -> None:
    transform = t.analyze(lambda x: {"y": function(x)}, [BATCH])
    plain = from_arrow(transform(BATCH)["y"])
    graph = transform.folded_graph
    for stacked in (stack_columns(graph), stack_columns(stack_shared_columns(graph))):
        again = from_arrow(t.Transform(stacked)(BATCH)["y"])
        assert plain.tobytes() == again.tobytes()


def test_equal_ops_before_a_concatenation_become_one() -> None:
    graph = t.analyze(lambda x: {"y": scaled(x)}, [BATCH]).folded_graph
    names = Counter(getattr(node.what, "name", "") for node in stack_columns(graph).nodes)
    assert (names["subtract"], names["divide"], names["cast"], names["concatenate"]) == (1, 1, 1, 1)
    assert Counter(getattr(node.what, "name", "") for node in graph.nodes)["subtract"] == 4


def test_columns_with_other_users_are_not_stacked() -> None:
    graph = t.analyze(
        lambda x: {"y": t.concatenate([x["a"] + 1, x["b"] + 1]), "z": x["a"] + 1}, [BATCH]
    ).folded_graph
    assert sum(getattr(node.what, "name", "") == "add" for node in stack_columns(graph).nodes) == 2


def test_shared_columns_are_stacked_and_picked() -> None:
    graph = stack_shared_columns(t.analyze(lambda x: {"y": of_differences(x)}, [BATCH]).folded_graph)
    names = Counter(getattr(node.what, "name", "") for node in graph.nodes)
    assert (names["fill_missing"], names["log1p"], names["sqrt"], names["pick"]) == (1, 1, 1, 7)


def test_adjacent_picks_become_one() -> None:
    graph = stack_columns(
        stack_shared_columns(t.analyze(lambda x: {"y": of_picked_numbers(x)}, [BATCH]).folded_graph)
    )
    names = Counter(getattr(node.what, "name", "") for node in graph.nodes)
    assert (names["sqrt"], names["subtract"], names["pick_several"]) == (1, 2, 3)
    (ends,) = graph.outputs.values()
    assert [getattr(node.what, "name", "") for node in ends.inputs[:2]] == ["sqrt", "subtract"]


@pytest.mark.parametrize("function", [scaled, of_differences, of_halves])
def test_the_model_uses_the_form_with_fewer_nodes(function: Callable[[Any], t.Column]) -> None:
    graph = t.analyze(lambda x: {"y": function(x)}, [BATCH]).folded_graph
    kinds = {node.op_type for node in to_onnx(graph).graph.node}
    assert ("Gather" in kinds) == (function is of_differences)


@pytest.mark.parametrize("function", [of_pairs, of_differences, of_picked_numbers])
@pytest.mark.parametrize("rows", [0, 1, 58])
def test_the_model_gives_identical_values(rows: int, function: Callable[[Any], t.Column]) -> None:
    transform = t.analyze(lambda x: {"y": function(x)}, [BATCH])
    batch = BATCH.slice(0, rows)
    feeds = {name: from_arrow(batch[name]) for name in transform.input_types}
    session = onnxruntime.InferenceSession(to_onnx(transform.folded_graph).SerializeToString())
    np.testing.assert_array_equal(session.run(None, feeds)[0], from_arrow(transform(batch)["y"]))

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import transform as t
from headrace.transform.graph import Graph, Node, Op, interpret
from headrace.transform.tracing import trace

SCHEMA = pa.schema({"a": pa.float64(), "b": pa.float64()})


def run(graph: Graph, apply_op: Any) -> dict[Node, Any]:
    return interpret(
        graph.outputs.values(),
        read_input=lambda name: np.array([{"a": 2.0, "b": 3.0}[name]]),
        read_constant=lambda constant: constant.value,
        apply_op=apply_op,
    )


def test_each_node_is_visited_once_after_its_inputs() -> None:
    def preprocess(x: Any) -> dict[str, Any]:
        total = x["a"] + x["b"]
        return {"square": total * total, "total": total}

    visited: list[str] = []

    def apply_op(_: Node, op: Op, inputs: list[Any]) -> Any:
        visited.append(op.name)
        return op.evaluate(*inputs)

    graph = trace(preprocess, SCHEMA)
    values = run(graph, apply_op)
    assert visited == ["add", "multiply"]
    assert {name: values[node].item() for name, node in graph.outputs.items()} == {
        "square": 25.0,
        "total": 5.0,
    }
    assert set(values) == set(graph.outputs.values())


def test_values_are_released_after_their_last_use() -> None:
    graph = trace(lambda x: {"y": t.sqrt(t.sqrt(t.sqrt(x["a"] + 14.0) + 12.0) + 5.0)}, SCHEMA)
    alive: list[weakref.ref[np.ndarray]] = []
    most = 0

    def apply_op(_: Node, op: Op, inputs: list[Any]) -> Any:
        nonlocal most
        value = op.evaluate(*inputs)
        alive.append(weakref.ref(value))
        most = max(most, sum(each() is not None for each in alive))
        return value

    assert len(run(graph, apply_op)) == 1
    assert len(alive) == 6
    assert most == 2  # an op's input and its result


def test_an_output_survives_its_last_use() -> None:
    graph = trace(lambda x: {"y": (x["a"] + 1.0) * 2.0, "x": x["a"], "z": x["a"] + 1.0}, SCHEMA)
    values = run(graph, lambda _, op, inputs: op.evaluate(*inputs))
    assert [values[node].item() for node in graph.outputs.values()] == [6.0, 2.0, 3.0]


def test_an_analyzer_must_have_been_replaced() -> None:
    graph = trace(lambda x: {"y": x["a"] - t.mean(x["a"])}, SCHEMA)
    with pytest.raises(AssertionError, match=r"mean\(a\) has not been analysed"):
        run(graph, lambda _, op, inputs: op.evaluate(*inputs))

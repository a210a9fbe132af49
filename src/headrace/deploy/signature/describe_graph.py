"""What a transform knows of its input columns: defaults, ranges, vocabularies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from headrace.transform import Transform
from headrace.transform.graph import Constant, Graph, Input, Node

__all__ = ["describe_graph"]

_MOST_WORDS = 1000
_FILLERS = ("fill_missing", "fill_missing_string", "fill_missing_date", "is_missing", "is_missing_date")


def describe_graph(transform: Transform) -> dict[str, dict[str, Any]]:
    """Describe each input column by fields of `headrace.serving.Input`, as far as the transform knows them.

    A column is optional if every step that reads it fills in its missing values or tests for them; its
    default is the value that all of them fill in. Its range is that of its analyzed `min` and `max`, its
    vocabulary the one that its strings are looked up in.
    """
    statistics = {
        node.what.statistic: node.what.value
        for node in transform.graph.nodes
        if isinstance(node.what, Constant) and node.what.statistic is not None
    }
    users = _list_users(transform.folded_graph)
    return {
        name: {
            **_find_range(name, statistics),
            **_find_vocabulary(users[name]),
            **_find_default(users[name]),
        }
        for name in transform.input_types
    }


def _list_users(graph: Graph) -> dict[str, list[Node]]:
    """List the nodes that read each input column; casts and reshapes are looked through."""
    columns: dict[Node, str] = {}
    users: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if isinstance(node.what, Input):
            columns[node] = node.what.column
            users[node.what.column] = [node] if node in graph.outputs.values() else []
            continue
        read = {columns[each]: None for each in node.inputs if each in columns}
        for name in read:
            if _op_name(node) in ("cast", "reshape") and node not in graph.outputs.values():
                columns[node] = name
            else:
                users[name].append(node)
    return users


def _find_range(name: str, statistics: dict[str, Any]) -> dict[str, Any]:
    low, high = statistics.get(f"min({name})"), statistics.get(f"max({name})")
    if not (isinstance(low, np.ndarray) and isinstance(high, np.ndarray) and low.size and high.size):
        return {}
    return {"minimum": np.min(low).item(), "maximum": np.max(high).item()}


def _find_vocabulary(users: list[Node]) -> dict[str, Any]:
    for node in users:
        if _op_name(node) != "apply_vocabulary":
            continue
        words = node.inputs[1].what
        if isinstance(words, Constant) and isinstance(words.value, pa.Array):
            kept = tuple(words.value[:_MOST_WORDS].to_pylist())
            return {"vocabulary": kept, "vocabulary_size": len(words.value)}
    return {}


def _find_default(users: list[Node]) -> dict[str, Any]:
    if not users or not all(_handles_missing(node) for node in users):
        return {}
    values = {_filler(node) for node in users}
    return {"optional": True, "default": values.pop() if len(values) == 1 else None}


def _handles_missing(node: Node) -> bool:
    return _op_name(node) in _FILLERS


def _op_name(node: Node) -> str:
    return getattr(node.what, "name", "")


def _filler(node: Node) -> Any:
    """Return the value that a step fills in; None if it does not fill in one value."""
    if _op_name(node) == "fill_missing_string":
        return node.what.text  # pyright: ignore[reportAttributeAccessIssue]
    value = node.inputs[1].what if len(node.inputs) > 1 else None
    return value.value.item() if isinstance(value, Constant) and value.value.size == 1 else None

"""Replace steps that the constants have made trivial: the values stay the same, in fewer steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from headrace.transform.graph.graph import Constant, Node
from headrace.transform.graph.op import Op

__all__ = ["simplify"]

_EXACT = 2**53  # float64 holds all integers up to this


def simplify(node: Node) -> Node:
    """Simplify one node whose inputs are simplified: x * 1, x - 0, and differences from small integers."""
    name = node.what.name if isinstance(node.what, Op) and node.per_row else ""
    if name == "multiply":
        same = next(
            (x for x, y in (node.inputs, node.inputs[::-1]) if _is_all(y, 1) and x.type == node.type), None
        )
        return same or node
    if name == "subtract" and _is_all(node.inputs[1], 0) and node.inputs[0].type == node.type:
        return node.inputs[0]
    return _subtract_floats(node) if name == "integer_difference" else node


def _is_all(node: Node, number: float) -> bool:
    return isinstance(node.what, Constant) and bool(np.all(np.asarray(node.what.value) == number))


def _subtract_floats(node: Node) -> Node:
    """Subtract as floats where one side is a constant that float64 holds with room for its fraction."""
    constants = [each.what.value for each in node.inputs if isinstance(each.what, Constant)]
    if not constants or not all(_is_small(value) for value in constants):
        return node
    inputs = tuple(_cast_to_float(each) for each in node.inputs)
    return replace(node, what=Op.registry["subtract"](), inputs=inputs)


def _is_small(value: Any) -> bool:
    low, high = np.min(value, initial=0), np.max(value, initial=0)
    return bool(low >= -_EXACT and high <= _EXACT)


def _cast_to_float(node: Node) -> Node:
    type_ = replace(node.type, dtype="float64")
    if node.type == type_:
        return node
    if isinstance(node.what, Constant):
        value = np.asarray(node.what.value).astype(np.float64)
        return replace(node, what=replace(node.what, value=value), type=type_)
    make: Any = Op.registry["cast"]
    return replace(node, what=make("float64"), inputs=(node,), type=type_)

"""Columns of integers whose values may be missing: they are read as float64, which has NaN.

A column is of integers if no value is missing in the file that was traced. Where the preprocessing handles
missing values of it, later files may have them.
"""

from __future__ import annotations

from collections.abc import Iterable

from headrace.errors import TraceError
from headrace.transform.graph.graph import Graph, Input, Node
from headrace.transform.graph.op import ElementwiseOp, Op
from headrace.transform.tracing.column import Column, cast_to

__all__ = ["find_missing_integers", "hold_missing"]


def hold_missing(x: Column) -> Column:
    """Return a column of numbers that can be missing: integers of the data become float64.

    Raises:
        TraceError: Booleans, or integers that do not come from a column of integers.
    """
    if x.type.is_float or not x.type.is_integer or not _find_integers([x.node]):
        if not x.type.is_float:
            raise TraceError(
                f"a column of {x.type} cannot mark a value as missing",
                hint="declare the column float64; a missing value is then NaN",
            )
        return x
    return cast_to(x, "float64")


def find_missing_integers(graph: Graph) -> frozenset[str]:
    """Find the input columns of integers whose missing values the graph handles."""
    handled = [
        node.inputs[0] for node in graph.nodes if isinstance(node.what, Op) and node.what.handles_missing
    ]
    return _find_integers(handled)


def _find_integers(nodes: Iterable[Node]) -> frozenset[str]:
    """Find the input columns of integers that nodes are computed from by elementwise ops."""
    found, seen, pending = set[str](), set[Node](), list(nodes)
    while pending:
        node = pending.pop()
        if node in seen or not node.per_row:
            continue
        seen.add(node)
        if isinstance(node.what, Input) and node.type.is_integer:
            found.add(node.what.column)
        elif isinstance(node.what, ElementwiseOp):
            pending += node.inputs
    return frozenset(found)

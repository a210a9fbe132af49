"""Evaluate steps on images of any size: row by row, so that only one decoded image is in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import take_rows
from headrace.errors import RecordError
from headrace.transform.graph.graph import Input, Node, topological_sort
from headrace.transform.graph.interpret import interpret
from headrace.transform.graph.op import Op

__all__ = ["RowChain", "count_rows_at_once", "find_row_chains"]

_BYTES_AT_ONCE = 64 << 20


@dataclass(frozen=True)
class RowChain:
    """The steps from images of any size to a value of one shape.

    Attributes:
        end: The node of that value.
        sources: The nodes that the steps take values of, each of one shape.
        nodes: The steps, each after its inputs; the last is `end`.
    """

    end: Node
    sources: tuple[Node, ...]
    nodes: tuple[Node, ...]

    def evaluate(self, *values: Any) -> np.ndarray:
        """Compute the value for all rows.

        Args:
            values: The values of the sources.

        Raises:
            RecordError: A file cannot be decoded; names the row and the column.
        """
        given = dict(zip(self.sources, values, strict=True))
        rows = next(_count_rows(value) for node, value in given.items() if node.per_row)
        result = np.zeros((rows, *self.end.type.shape), self.end.type.dtype)
        for row in range(rows):
            result[row] = self._evaluate(given, row)[0]
        return result

    def evaluate_row(self, *values: Any, row: int) -> Any:
        """Compute the value for one row, [1, ...], from the values of the sources for all rows.

        Raises:
            RecordError: See `evaluate`.
        """
        return self._evaluate(dict(zip(self.sources, values, strict=True)), row)

    def _evaluate(self, given: dict[Node, Any], row: int) -> Any:
        found = interpret(
            [self.end],
            read_input=_refuse,
            read_constant=attrgetter("value"),
            apply_op=lambda node, op, inputs: _apply(node, op, inputs, row),
            nodes=self.nodes,
            known={node: _slice(value, row) if node.per_row else value for node, value in given.items()},
        )
        return found[self.end]


def _refuse(name: str) -> Any:
    raise AssertionError(f"column '{name}' is not a source")


def _apply(node: Node, op: Op, inputs: list[Any], row: int) -> Any:
    try:
        return op.evaluate(*inputs)
    except RecordError as error:
        source = node.inputs[0].what
        if error.record is None and isinstance(source, Input):
            raise RecordError(
                error.what, path=error.path, record=row, feature=source.column, hint=error.hint
            ) from error
        raise


def find_row_chains(nodes: Iterable[Node]) -> dict[Node, RowChain | None]:
    """Find the chains that end in values of one shape, by their last nodes; None for the nodes before it."""
    chains: dict[Node, RowChain | None] = {}
    for node in nodes:
        if node.type.varies:
            chains[node] = None
        elif any(each.type.varies for each in node.inputs):
            chains[node] = _find_chain(node)
    return chains


def count_rows_at_once(outputs: Iterable[Node]) -> int | None:
    """Count the rows whose decoded and resized images take some 64 MB; None if nothing is decoded."""
    ends = [
        chain.end.type for chain in find_row_chains(topological_sort(outputs)).values() if chain is not None
    ]
    if not ends:
        return None
    size = sum(prod(type_.shape) * np.dtype(type_.dtype).itemsize for type_ in ends)
    return max(1, _BYTES_AT_ONCE // size)


def _find_chain(end: Node) -> RowChain:
    steps = [node for node in topological_sort([end]) if node is end or node.type.varies]
    sources = dict.fromkeys(each for node in steps for each in node.inputs if not each.type.varies)
    return RowChain(end, tuple(sources), tuple(steps))


def _count_rows(value: Any) -> int:
    return len(value.row_splits) - 1 if hasattr(value, "row_splits") else len(value)


def _slice(value: Any, row: int) -> Any:
    if isinstance(value, np.ndarray | pa.Array):
        return value[row : row + 1]
    return take_rows(value, np.array([row]))

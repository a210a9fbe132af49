"""The values of a graph's nodes, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import from_arrow
from headrace.errors import HeadraceError
from headrace.transform.evaluation.fuse_byte_maps import byte_chains
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.graph import Constant, Input, Node, sort
from headrace.transform.graph.op import Op

__all__ = ["evaluate", "fold"]


def evaluate(
    ends: Iterable[Node], columns: Mapping[str, Any], encoded: Collection[Node] = ()
) -> dict[Node, Any]:
    """The values of `ends`, and of what they were computed from, for one batch of rows.

    Ops in a row that each do the same to every byte of a string are done at once, see `byte_table`; what lies
    between them is not among the values.

    Args:
        ends: The nodes wanted. No analyzers: analysis has replaced them by constants.
        columns: Input column name to value, as `headrace.columns.from_arrow` gives it, or strings in a
            dictionary without missing ones.
        encoded: Those of `ends` whose values may be strings in a dictionary.
    """
    ends = list(ends)
    order = sort(ends)
    chains = byte_chains(order, ends)
    values: dict[Node, Any] = {}
    with np.errstate(all="ignore"):
        for node in order:
            if node not in chains:
                values[node] = _value(node, values, columns)
            elif (chain := chains[node]) is not None:
                values[node] = chain.evaluate(_plain(values[chain.source]))
    values.update({node: _plain(values[node]) for node in ends if node not in encoded})
    return values


def _value(node: Node, values: Mapping[Node, Any], columns: Mapping[str, Any]) -> Any:
    if isinstance(node.what, Input):
        return columns[node.what.column]
    if isinstance(node.what, Constant):
        return node.what.value
    if isinstance(node.what, Analyzer):
        raise AssertionError(f"{node} has not been analysed")
    try:
        return _result(node.what, [values[each] for each in node.inputs])
    except HeadraceError as error:
        if node.line is not None and error.path is None:
            error.path, error.line = node.line
        raise


def _result(op: Op, inputs: list[Any]) -> Any:
    if not op.per_string or not isinstance(inputs[0], pa.DictionaryArray):
        return op.evaluate(*map(_plain, inputs))
    first, *others = inputs
    found = op.evaluate(first.dictionary, *others)
    if isinstance(found, pa.Array):
        return pa.DictionaryArray.from_arrays(first.indices, found)
    return found[first.indices.to_numpy()]


def _plain(value: Any) -> Any:
    """The value, strings out of their dictionary."""
    return from_arrow(value) if isinstance(value, pa.DictionaryArray) else value


def fold(node: Node) -> Node:
    """A constant in place of an op whose inputs are all constants; for `Graph.rewrite`."""
    if not isinstance(node.what, Op) or not all(isinstance(each.what, Constant) for each in node.inputs):
        return node
    value = evaluate([node], {})[node]
    return replace(
        node, what=Constant(value if isinstance(value, pa.Array) else np.asarray(value)), inputs=()
    )

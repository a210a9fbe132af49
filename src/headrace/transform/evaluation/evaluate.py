"""Evaluate a graph's nodes on one batch of rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import from_arrow
from headrace.errors import HeadraceError, RecordError
from headrace.transform.evaluation.fuse_byte_maps import find_byte_chains
from headrace.transform.evaluation.image_chains import find_image_chains
from headrace.transform.evaluation.rows_of_any_size import find_row_chains
from headrace.transform.evaluation.simplify import simplify
from headrace.transform.graph.graph import Constant, Node, topological_sort
from headrace.transform.graph.interpret import interpret
from headrace.transform.graph.op import Op

__all__ = ["evaluate", "fold"]

_KEPT = "_plan"


def evaluate(
    outputs: Iterable[Node], columns: Mapping[str, Any], encoded: Collection[Node] = ()
) -> dict[Node, Any]:
    """Compute the values of `outputs` for one batch of rows.

    Consecutive ops that each map every byte of a string are fused into one step; see `Op.byte_table`. Images
    of any size are evaluated row by row, or in one pass of the kernels; see `find_image_chains`.

    Args:
        outputs: The nodes to compute. Analysis has replaced analyzers by constants.
        columns: Input column name to value, as returned by `headrace.columns.from_arrow`, or a
            dictionary-encoded string column without nulls.
        encoded: Those of `outputs` whose values may stay dictionary-encoded.

    Raises:
        SchemaError: An op refuses its values; names the user's source line.
        RecordError: An image cannot be decoded; names the row and the column.
    """
    outputs = tuple(outputs)
    plan = _find_plan(outputs)
    chains = plan.chains

    def apply_op(node: Node, op: Op, inputs: list[Any]) -> Any:
        try:
            chain = chains.get(node)
            return _apply(op, inputs) if chain is None else chain.evaluate(*map(_decode, inputs))
        except HeadraceError as error:
            if node.line is not None and error.path is None and not isinstance(error, RecordError):
                error.path, error.line = node.line
            raise

    with np.errstate(all="ignore"):
        values = interpret(
            outputs,
            read_input=columns.__getitem__,
            read_constant=attrgetter("value"),
            apply_op=apply_op,
            nodes=plan.nodes,
            sources=plan.sources,
        )
    return {node: value if node in encoded else _decode(value) for node, value in values.items()}


@dataclass(frozen=True)
class _Plan:
    """The order of evaluation, the same for every batch: finding it takes as long as evaluating 64 texts.

    Attributes:
        outputs: The nodes that are computed.
        nodes: The nodes to visit, each after its inputs.
        chains: The last node of each fused chain, by it, and None for the nodes before it.
        sources: The nodes whose values a fused chain takes.
    """

    outputs: tuple[Node, ...]
    nodes: tuple[Node, ...]
    chains: Mapping[Node, Any]
    sources: Mapping[Node, Sequence[Node]]

    @classmethod
    def create(cls, outputs: tuple[Node, ...]) -> _Plan:
        """Find the chains of a graph."""
        order = topological_sort(outputs)
        rows = find_row_chains(order)
        chains: dict[Node, Any] = {
            **find_byte_chains(order, outputs),
            **rows,
            **find_image_chains(order, outputs, rows),
        }
        sources = {node: chain.sources for node, chain in chains.items() if chain is not None}
        nodes = tuple(node for node in order if node not in chains or node in sources)
        return cls(outputs, nodes, chains, sources)


def _find_plan(outputs: tuple[Node, ...]) -> _Plan:
    """Return the plan of some nodes. It is kept in the first one, and goes with it."""
    if not outputs:
        return _Plan.create(outputs)
    kept = vars(outputs[0]).get(_KEPT)
    if kept is None or kept.outputs != outputs:
        kept = vars(outputs[0])[_KEPT] = _Plan.create(outputs)
    return kept


def _apply(op: Op, inputs: list[Any]) -> Any:
    if not op.per_string or not isinstance(inputs[0], pa.DictionaryArray):
        return op.evaluate(*map(_decode, inputs))
    first, *others = inputs
    found = op.evaluate(first.dictionary, *others)
    if isinstance(found, pa.Array):
        return pa.DictionaryArray.from_arrays(first.indices, found)
    return found[first.indices.to_numpy()]


def _decode(value: Any) -> Any:
    """Decode dictionary-encoded strings; return any other value unchanged."""
    return from_arrow(value) if isinstance(value, pa.DictionaryArray) else value


def fold(node: Node) -> Node:
    """Replace an op whose inputs are all constants by its value, or simplify it; for `Graph.rewrite`."""
    if not isinstance(node.what, Op) or not all(isinstance(each.what, Constant) for each in node.inputs):
        return simplify(node)
    value = evaluate([node], {})[node]
    return replace(
        node, what=Constant(value if isinstance(value, pa.Array) else np.asarray(value)), inputs=()
    )

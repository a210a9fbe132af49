"""Stack columns that go through the same op, so that the op runs once for all of them.

A model that answers one row at a time spends its time on the number of nodes, not on arithmetic.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np

from headrace.transform.graph.graph import Constant, Graph, Node
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.ops.numbers.shape import Concatenate, Pick, PickSeveral

__all__ = ["stack_columns", "stack_shared_columns"]


def stack_columns(graph: Graph) -> Graph:
    """Move equal ops from before each `Concatenate` to after it; every value stays identical.

    Adjacent inputs of a `Concatenate` are stacked if they are the same op of one column and constants, or
    numbers picked from the same row, and nothing else uses them. The columns that the op was applied to are
    then adjacent inputs themselves, and are stacked in turn.
    """
    uses = graph.uses
    return graph.rewrite(
        lambda node: _stack_inputs(node, uses) if isinstance(node.what, Concatenate) else node
    )


def stack_shared_columns(graph: Graph) -> Graph:
    """Stack columns with several users, each the same op of one column and constants.

    The op is applied once to the stacked columns, and each column is picked out of the result by a `Pick`;
    every value stays identical.
    Returns `graph` itself if it has no such columns.
    """
    while picked := _pick_shared(graph):
        graph = graph.rewrite(lambda node, picked=picked: picked.get(node, node))
    return graph


def _pick_shared(graph: Graph) -> dict[Node, Node]:
    """Return the replacements for the stackable columns that lie nearest to the inputs."""
    uses, depths = graph.uses, dict[Node, int]()
    groups: dict[tuple[int, Hashable], list[Node]] = {}
    for node in graph.nodes:
        depths[node] = 1 + max((depths[each] for each in node.inputs), default=0)
        signature = _signature(node)
        if uses[node] > 1 and signature is not None and not node.type.shape:
            groups.setdefault((depths[node], signature), []).append(node)
    several = [(depth, nodes) for (depth, _), nodes in groups.items() if len(nodes) > 1]
    if not several:
        return {}
    _, first = min(several, key=lambda each: each[0])
    stacked = _apply_to_stack(first, uses)
    return {node: replace(node, what=Pick(place), inputs=(stacked,)) for place, node in enumerate(first)}


def _stack_inputs(node: Node, uses: Mapping[Node, int]) -> Node:
    """Stack the adjacent inputs of a `Concatenate` that have the same signature."""
    groups = groupby(node.inputs, lambda each: _adjacent_signature(each, uses))
    runs = [(signature, list(run)) for signature, run in groups]
    if all(signature is None or len(run) == 1 for signature, run in runs):
        return node
    inputs = [
        each
        for signature, run in runs
        for each in ([_merge(run, uses)] if signature is not None and len(run) > 1 else run)
    ]
    return inputs[0] if len(inputs) == 1 else replace(node, inputs=tuple(inputs))


def _adjacent_signature(node: Node, uses: Mapping[Node, int]) -> Hashable:
    """Return what adjacent inputs must share to become one column; None if the node cannot be merged."""
    if isinstance(node.what, Pick):
        return node.inputs
    return _signature(node) if uses[node] == 1 else None


def _merge(nodes: Sequence[Node], uses: Mapping[Node, int]) -> Node:
    """Merge adjacent inputs of one signature: by a single pick, or by one op on the stacked columns."""
    places = tuple(node.what.place for node in nodes if isinstance(node.what, Pick))
    if not places:
        return _apply_to_stack(nodes, uses)
    (row,) = nodes[0].inputs
    if row.type.shape == (len(places),) and places == tuple(range(len(places))):
        return row
    return _derive(nodes[0], PickSeveral(places), (row,))


def _signature(node: Node) -> Hashable:
    """Return what nodes must share for their last op to be applied once; None if it cannot be."""
    if not isinstance(node.what, ElementwiseOp) or not node.what.pointwise:
        return None
    rows = [each for each in node.inputs if each.per_row]
    constants = [each for each in node.inputs if not each.per_row]
    if not rows or not all(isinstance(each.what, Constant) for each in constants):
        return None
    if any(row.type.ragged or len(row.type.shape) > 1 or row.type.shape != node.type.shape for row in rows):
        return None
    picked = tuple(row.inputs for row in rows if isinstance(row.what, Pick)) if len(rows) > 1 else ()
    if len(rows) > 1 and len(picked) < len(rows):
        return None  # stacking several other columns would add more nodes than it saves
    dtypes = tuple(each.type.dtype for each in node.inputs)
    return node.what, tuple(each.per_row for each in node.inputs), dtypes, picked


def _apply_to_stack(nodes: Sequence[Node], uses: Mapping[Node, int]) -> Node:
    """Apply the last op of all nodes once, to their stacked inputs."""
    inputs = tuple(
        _concatenate(each, uses) if each[0].per_row else _stack_constants(each, nodes)
        for each in zip(*(node.inputs for node in nodes), strict=True)
    )
    return _derive(nodes[0], nodes[0].what, inputs)


def _concatenate(columns: Sequence[Node], uses: Mapping[Node, int]) -> Node:
    return _stack_inputs(_derive(columns[0], Concatenate(), tuple(columns)), uses)


def _stack_constants(constants: Sequence[Node], nodes: Sequence[Node]) -> Node:
    """Stack the constants of all nodes, each repeated for every value in a row of its node."""
    pairs = zip(constants, nodes, strict=True)
    value = np.concatenate([np.broadcast_to(_flatten(each), node.type.shape or (1,)) for each, node in pairs])
    return replace(constants[0], what=Constant(value), type=replace(constants[0].type, shape=value.shape))


def _flatten(node: Node) -> np.ndarray:
    assert isinstance(node.what, Constant)
    return np.asarray(node.what.value).reshape(-1)


def _derive(template: Node, what: Any, inputs: tuple[Node, ...]) -> Node:
    """Create a per-row node whose errors name the source line of `template`."""
    return replace(
        template, what=what, inputs=inputs, type=what.infer(*(each.type for each in inputs)), per_row=True
    )

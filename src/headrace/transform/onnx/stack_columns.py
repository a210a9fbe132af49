"""Columns put side by side after the same steps: put side by side before them, so that each step is one.

A model that is given a row at a time spends its time on the number of steps, not on numbers.
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

__all__ = ["shared", "stacked"]


def stacked(graph: Graph) -> Graph:
    """The same graph, bit for bit, with fewer steps before each `Concatenate`.

    Columns that follow one another there, and are the same op of a column and constants, or of numbers picked
    out of the same, that nothing else needs, become that op of the columns side by side; and so those columns
    before it.
    """
    uses = graph.uses
    return graph.rewrite(lambda node: _stacked(node, uses) if isinstance(node.what, Concatenate) else node)


def shared(graph: Graph) -> Graph:
    """The same graph, bit for bit: columns that several need, and are the same op of a column and constants.

    They become that op of the columns side by side, and so those columns before it, and are picked out again.
    """
    while picked := _picked(graph):
        graph = graph.rewrite(lambda node, picked=picked: picked.get(node, node))
    return graph


def _picked(graph: Graph) -> dict[Node, Node]:
    """What stands in the place of the first such columns."""
    uses, depths = graph.uses, dict[Node, int]()
    groups: dict[tuple[int, Hashable], list[Node]] = {}
    for node in graph.nodes:
        depths[node] = 1 + max((depths[each] for each in node.inputs), default=0)
        kind = _kind(node)
        if uses[node] > 1 and kind is not None and not node.type.shape:
            groups.setdefault((depths[node], kind), []).append(node)
    several = [(depth, nodes) for (depth, _), nodes in groups.items() if len(nodes) > 1]
    if not several:
        return {}
    _, first = min(several, key=lambda each: each[0])
    together = _one_step(first, uses)
    return {node: replace(node, what=Pick(place), inputs=(together,)) for place, node in enumerate(first)}


def _stacked(node: Node, uses: Mapping[Node, int]) -> Node:
    """A concatenation, its inputs' last steps done after it as far as they are the same."""
    kinds = groupby(node.inputs, lambda each: _neighbour_kind(each, uses))
    runs = [(kind, list(run)) for kind, run in kinds]
    if all(kind is None or len(run) == 1 for kind, run in runs):
        return node
    parts = [
        part
        for kind, run in runs
        for part in ([_together(run, uses)] if kind is not None and len(run) > 1 else run)
    ]
    return parts[0] if len(parts) == 1 else replace(node, inputs=tuple(parts))


def _neighbour_kind(node: Node, uses: Mapping[Node, int]) -> Hashable:
    """What neighbours in a concatenation that can become one column have in common; None if they cannot."""
    if isinstance(node.what, Pick):
        return node.inputs
    return _kind(node) if uses[node] == 1 else None


def _together(nodes: Sequence[Node], uses: Mapping[Node, int]) -> Node:
    """Neighbours of one kind as one column: picked at once, or their last step done once."""
    places = tuple(node.what.place for node in nodes if isinstance(node.what, Pick))
    if not places:
        return _one_step(nodes, uses)
    (row,) = nodes[0].inputs
    if row.type.shape == (len(places),) and places == tuple(range(len(places))):
        return row
    return _node(nodes[0], PickSeveral(places), (row,))


def _kind(node: Node) -> Hashable:
    """What nodes whose last step can be one have in common; None if it cannot."""
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
        return None  # side by side, several other columns would take more steps than they save
    dtypes = tuple(each.type.dtype for each in node.inputs)
    return node.what, tuple(each.per_row for each in node.inputs), dtypes, picked


def _one_step(nodes: Sequence[Node], uses: Mapping[Node, int]) -> Node:
    """The nodes side by side, as one step."""
    inputs = tuple(
        _side_by_side(each, uses) if each[0].per_row else _constant(each, nodes)
        for each in zip(*(node.inputs for node in nodes), strict=True)
    )
    return _node(nodes[0], nodes[0].what, inputs)


def _side_by_side(columns: Sequence[Node], uses: Mapping[Node, int]) -> Node:
    return _stacked(_node(columns[0], Concatenate(), tuple(columns)), uses)


def _constant(constants: Sequence[Node], nodes: Sequence[Node]) -> Node:
    """A constant of each node, as often as the node has values."""
    pairs = zip(constants, nodes, strict=True)
    value = np.concatenate([np.broadcast_to(_flat(each), node.type.shape or (1,)) for each, node in pairs])
    return replace(constants[0], what=Constant(value), type=replace(constants[0].type, shape=value.shape))


def _flat(node: Node) -> np.ndarray:
    assert isinstance(node.what, Constant)
    return np.asarray(node.what.value).reshape(-1)


def _node(like: Node, what: Any, inputs: tuple[Node, ...]) -> Node:
    """A step, its errors told of the user's line that made another."""
    return replace(
        like, what=what, inputs=inputs, type=what.infer(*(each.type for each in inputs)), per_row=True
    )

"""Merge equal nodes, so that their work and their states are shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from headrace.transform.graph.composite import CompositeCall
from headrace.transform.graph.graph import Constant, Graph, Node

__all__ = ["deduplicate"]


def deduplicate(graph: Graph) -> Graph:
    """Merge nodes that do the same to the same inputs.

    Composite calls that created the same nodes are merged too; a node that different calls created belongs to
    none of them afterwards.
    """
    kinds: dict[Node, int] = {}  # equal numbers: equal nodes
    known: dict[Any, int] = {}
    for node in graph.nodes:
        inputs = tuple(kinds[each] for each in node.inputs)
        kinds[node] = known.setdefault((*_identity(node), inputs), len(known))
    calls = _calls(kinds)
    merged: dict[int, Node] = {}
    for node, kind in kinds.items():
        if kind not in merged:
            inputs = tuple(merged[kinds[each]] for each in node.inputs)
            is_same = inputs == node.inputs and calls[kind] is node.call
            merged[kind] = node if is_same else replace(node, inputs=inputs, call=calls[kind])
    return Graph({name: merged[kinds[node]] for name, node in graph.outputs.items()})


def _identity(node: Node) -> tuple[Any, ...]:
    """Return what equal nodes have in common apart from their inputs."""
    what = node.what
    if not isinstance(what, Constant):  # compare the text as well: 0.0 == -0.0 and 1 == True
        return what, repr(what), node.type
    value = what.value
    content = value.tobytes() if isinstance(value, np.ndarray) else tuple(value.to_pylist())
    return what.statistic, content, node.type


def _calls(kinds: Mapping[Node, int]) -> dict[int, CompositeCall | None]:
    """Return the call that each kind of node belongs to."""
    content: dict[CompositeCall, set[int]] = {}
    for node, kind in kinds.items():
        if node.call is not None:
            content.setdefault(node.call, set()).add(kind)
    first: dict[frozenset[int], CompositeCall] = {}
    same = {call: first.setdefault(frozenset(nodes), call) for call, nodes in content.items()}
    owners: dict[int, set[CompositeCall | None]] = {}
    for node, kind in kinds.items():
        owners.setdefault(kind, set()).add(None if node.call is None else same[node.call])
    return {kind: each.pop() if len(each) == 1 else None for kind, each in owners.items()}

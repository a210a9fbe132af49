"""Merge equal nodes, so that their work and their states are shared."""

from __future__ import annotations

from collections.abc import Mapping
from operator import is_
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.composite import CompositeCall
from headrace.transform.graph.graph import Constant, Graph, Input, Node
from headrace.transform.graph.op import Op

__all__ = ["deduplicate", "identify"]


def deduplicate(graph: Graph) -> Graph:
    """Merge nodes that do the same to the same inputs.

    Composite calls that created the same nodes are merged too; a node that different calls created belongs to
    none of them afterwards.
    """
    kinds: dict[Node, int] = {}  # equal numbers: equal nodes
    known: dict[Any, int] = {}
    identities: dict[Any, Any] = {}  # thousands of nodes share the objects that identify them
    for node in graph.nodes:
        shared = id(node.what), id(node.type)
        identity = identities.get(shared)
        if identity is None:
            own = identify(node.what, node.type)
            identity = identities[shared] = identities.setdefault(own, len(identities))
        inputs = tuple([kinds[each] for each in node.inputs])
        kinds[node] = known.setdefault((identity, inputs), len(known))
    calls = _calls(kinds)
    merged: dict[int, Node] = {}
    for node, kind in kinds.items():
        if kind not in merged:
            inputs, call = tuple([merged[kinds[each]] for each in node.inputs]), calls[kind]
            is_same = call is node.call and all(map(is_, inputs, node.inputs))
            merged[kind] = (
                node if is_same else Node(node.what, inputs, node.type, node.per_row, node.line, call)
            )
    return Graph({name: merged[kinds[node]] for name, node in graph.outputs.items()})


def identify(what: Op | Analyzer | Input | Constant, type_: ColumnType) -> tuple[Any, ...]:
    """Return what equal nodes have in common apart from their inputs."""
    if not isinstance(what, Constant):  # compare the text as well: 0.0 == -0.0 and 1 == True
        return what, repr(what), type_
    value = what.value
    content = value.tobytes() if isinstance(value, np.ndarray) else tuple(value.to_pylist())
    return what.statistic, content, type_


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

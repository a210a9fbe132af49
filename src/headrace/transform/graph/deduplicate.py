"""Equal steps made one: work and states are shared by all who ask for the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from headrace.transform.graph.composite import CompositeCall
from headrace.transform.graph.graph import Constant, Graph, Node

__all__ = ["distinct"]


def distinct(graph: Graph) -> Graph:
    """The same graph with one node in place of each several that do the same to the same.

    Calls that made the same nodes become one; a node of several other calls belongs to none of them.
    """
    kinds: dict[Node, int] = {}
    known: dict[Any, int] = {}
    for node in graph.nodes:
        inputs = tuple(kinds[each] for each in node.inputs)
        kinds[node] = known.setdefault((*_identity(node), inputs), len(known))
    calls = _calls(kinds)
    made: dict[int, Node] = {}
    for node, kind in kinds.items():
        if kind not in made:
            inputs = tuple(made[kinds[each]] for each in node.inputs)
            made[kind] = replace(node, inputs=inputs, call=calls[kind])
    return Graph({name: made[kinds[node]] for name, node in graph.outputs.items()})


def _identity(node: Node) -> tuple[Any, ...]:
    """What nodes of one value have in common beside their inputs."""
    what = node.what
    if not isinstance(what, Constant):  # by its text, too: 0.0 == -0.0 and 1 == True
        return what, repr(what), node.type
    value = what.value
    content = value.tobytes() if isinstance(value, np.ndarray) else tuple(value.to_pylist())
    return what.statistic, content, node.type


def _calls(kinds: Mapping[Node, int]) -> dict[int, CompositeCall | None]:
    """The call that each kind of node belongs to."""
    content: dict[CompositeCall, set[int]] = {}
    for node, kind in kinds.items():
        if node.call is not None:
            content.setdefault(node.call, set()).add(kind)
    first: dict[frozenset[int], CompositeCall] = {}
    same = {call: first.setdefault(frozenset(of), call) for call, of in content.items()}
    owners: dict[int, set[CompositeCall | None]] = {}
    for node, kind in kinds.items():
        owners.setdefault(kind, set()).add(None if node.call is None else same[node.call])
    return {kind: each.pop() if len(each) == 1 else None for kind, each in owners.items()}

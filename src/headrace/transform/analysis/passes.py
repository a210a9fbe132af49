"""Analysis goes in phases: the analyzers that wait for no other one share a pass, then become constants.

There are as few as can be: as many as the longest chain of analyzers each of which works on what the one
before found. Equal accumulators over the same columns share a state, and `distinct` makes equal columns the
same; a pass evaluates what its states need, and that once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.graph.graph import Constant, Graph, Node

__all__ = ["Key", "key_of", "keys", "ready", "schedule", "settle"]

Key = tuple[Accumulator, tuple[Node, ...]]  # what gathers a state, and over which columns


def schedule(graph: Graph) -> list[list[Node]]:
    """The analyzers of each pass, every one in the first pass for which its columns are known."""
    over: dict[Node, int] = {}  # how many passes must be over before a node's value is known
    for node in graph.nodes:
        before = max((over[each] for each in node.inputs), default=0)
        over[node] = before + isinstance(node.what, Analyzer)
    passes = range(1, max(over.values(), default=0) + 1)
    return [[node for node in graph.analyzers if over[node] == each] for each in passes]


def ready(graph: Graph) -> list[Node]:
    """The analyzers whose columns depend on no other analyzer."""
    return next(iter(schedule(graph)), [])


def keys(nodes: list[Node]) -> list[Key]:
    """The states that the analyzers read, each once."""
    return list(dict.fromkeys(key_of(node) for node in nodes))


def settle(graph: Graph, states: Mapping[Key, Any]) -> Graph:
    """The graph with a constant in place of each analyzer whose state is known."""
    return graph.rewrite(lambda node: _settled(node, states))


def key_of(node: Node) -> Key:
    """The state that an analyzer reads."""
    assert isinstance(node.what, Analyzer)
    return node.what.accumulator, node.inputs


def _settled(node: Node, states: Mapping[Key, Any]) -> Node:
    if not isinstance(node.what, Analyzer) or key_of(node) not in states:
        return node
    value = node.what.result(states[key_of(node)])
    name = getattr(node.what, "label", None) or str(node)
    return replace(node, what=Constant(value, statistic=name), inputs=())

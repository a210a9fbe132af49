"""Analysis goes in phases: the analyzers that wait for no other one share a pass, then become constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from headrace.transform.analyzer import Accumulator, Analyzer
from headrace.transform.graph import Constant, Graph, Node, sort

__all__ = ["Key", "keys", "ready", "settle"]

Key = tuple[Accumulator, tuple[Node, ...]]  # what gathers a state, and over which columns


def ready(graph: Graph) -> list[Node]:
    """The analyzers whose columns depend on no other analyzer."""
    return [
        node
        for node in graph.analyzers
        if not any(isinstance(each.what, Analyzer) for each in sort(node.inputs))
    ]


def keys(nodes: list[Node]) -> list[Key]:
    """The states that the analyzers read, each once."""
    return list(dict.fromkeys(_key(node) for node in nodes))


def settle(graph: Graph, states: Mapping[Key, Any]) -> Graph:
    """The graph with a constant in place of each analyzer whose state is known."""
    return graph.rewrite(lambda node: _settled(node, states))


def _key(node: Node) -> Key:
    assert isinstance(node.what, Analyzer)
    return node.what.accumulator, node.inputs


def _settled(node: Node, states: Mapping[Key, Any]) -> Node:
    if not isinstance(node.what, Analyzer) or _key(node) not in states:
        return node
    value = node.what.result(states[_key(node)])
    name = getattr(node.what, "label", None) or str(node)
    return replace(node, what=Constant(value, statistic=name), inputs=())

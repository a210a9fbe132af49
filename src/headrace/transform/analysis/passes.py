"""Schedule the passes over the data.

Analyzers whose columns depend on no unfinished analyzer share a pass; then constants replace them. The
number of passes is the length of the longest chain of analyzers in which each depends on the one before.
Equal accumulators over the same columns share a state, and `deduplicate` merges equal columns; a pass
evaluates only what its states need, each node once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from headrace.transform.analysis.infinite_values import warn_infinite_values
from headrace.transform.analysis.row_count import RowCountAccumulator, check_rows
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.graph.graph import Constant, Graph, Node

__all__ = [
    "StateKey",
    "pass_keys",
    "ready_analyzers",
    "schedule",
    "state_key",
    "state_keys",
    "substitute_statistics",
]

StateKey = tuple[Accumulator, tuple[Node, ...]]  # an accumulator and the columns it reads


def schedule(graph: Graph) -> list[list[Node]]:
    """Assign each analyzer to the first pass in which its columns are known."""
    passes_before: dict[Node, int] = {}  # the passes that must end before a node's value is known
    passes: list[list[Node]] = []
    for node in graph.nodes:
        before = max([passes_before[each] for each in node.inputs], default=0)
        if isinstance(node.what, Analyzer):
            if before == len(passes):
                passes.append([])
            passes[before].append(node)
            before += 1
        passes_before[node] = before
    return passes


def ready_analyzers(graph: Graph) -> list[Node]:
    """Return the analyzers of the next pass: those whose columns depend on no other analyzer."""
    return next(iter(schedule(graph)), [])


def state_key(node: Node) -> StateKey:
    """Return the key of the state that an analyzer reads."""
    assert isinstance(node.what, Analyzer)
    return node.what.accumulator, node.inputs


def state_keys(nodes: Iterable[Node]) -> list[StateKey]:
    """Return the keys of the states that analyzers read, without duplicates."""
    return list(dict.fromkeys(map(state_key, nodes)))


def pass_keys(nodes: Sequence[Node]) -> list[StateKey]:
    """Return the keys of the states of a pass: those that its analyzers read, and the number of rows."""
    return [*state_keys(nodes), *((RowCountAccumulator(), node.inputs[:1]) for node in nodes[:1])]


def substitute_statistics(graph: Graph, states: Mapping[StateKey, Any]) -> Graph:
    """Replace each analyzer whose state is in `states` by a constant: its statistic.

    Raises:
        UsageError: The states are of no rows.
    """
    check_rows(states)
    keys = {node: state_key(node) for node in graph.nodes if isinstance(node.what, Analyzer)}
    warn_infinite_values((node, states[key]) for node, key in keys.items() if key in states)
    return graph.rewrite(lambda node: _substitute(node, states))


def _substitute(node: Node, states: Mapping[StateKey, Any]) -> Node:
    if not isinstance(node.what, Analyzer) or state_key(node) not in states:
        return node
    value = node.what.result(states[state_key(node)])
    name = getattr(node.what, "label", None) or str(node)
    return replace(node, what=Constant(value, name, node.what.is_correction), inputs=())

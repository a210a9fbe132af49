"""The interpreter of a graph: evaluation, ONNX lowering and layers on tensors walk the nodes through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.graph import Constant, Input, Node, topological_sort
from headrace.transform.graph.op import Op

__all__ = ["interpret"]

_NO_SOURCES: Mapping[Node, Sequence[Node]] = MappingProxyType({})
_NOTHING_KNOWN: Mapping[Node, Any] = MappingProxyType({})


def interpret(
    outputs: Iterable[Node],
    *,
    read_input: Callable[[str], Any],
    read_constant: Callable[[Constant], Any],
    apply_op: Callable[[Node, Op, list[Any]], Any],
    nodes: Iterable[Node] | None = None,
    sources: Mapping[Node, Sequence[Node]] = _NO_SOURCES,
    known: Mapping[Node, Any] = _NOTHING_KNOWN,
) -> dict[Node, Any]:
    """Compute the values of `outputs`, visiting each node once, after its inputs.

    A value is released after its last use, so that memory holds only what is still needed.

    Args:
        outputs: The nodes whose values are returned. Analysis has replaced analyzers by constants.
        read_input: Returns the value of an input column, by name.
        read_constant: Returns the value of a constant.
        apply_op: Returns the value of a node, given the node, its op and the values of its inputs.
        nodes: The nodes to visit, each after its inputs; by default all that `outputs` need.
        sources: The nodes that take the place of a node's inputs, where a fused step skips some.
        known: The values of nodes that are not visited.
    """
    outputs = list(outputs)
    nodes = topological_sort(outputs) if nodes is None else list(nodes)
    uses: dict[Node, int] = dict.fromkeys(outputs, 1)  # an output is never released
    for node in nodes:
        for each in sources.get(node, node.inputs):
            uses[each] = uses.get(each, 0) + 1
    values: dict[Node, Any] = dict(known)
    for node in nodes:
        what = node.what
        if isinstance(what, Input):
            values[node] = read_input(what.column)
        elif isinstance(what, Constant):
            values[node] = read_constant(what)
        elif isinstance(what, Analyzer):
            raise AssertionError(f"{node} has not been analysed")
        else:
            inputs = sources.get(node, node.inputs)
            values[node] = apply_op(node, what, [values[each] for each in inputs])
            for each in inputs:
                uses[each] -= 1
                if not uses[each]:
                    del values[each]
    return {node: values[node] for node in outputs}

"""Give the inputs and outputs of a model the names of columns, which may be those of values inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import onnx

__all__ = ["list_graphs", "rename_values"]


def list_graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """List a graph and all graphs in its nodes."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from list_graphs(attribute.g)


def rename_values(model: onnx.ModelProto, names: Mapping[str, str]) -> None:
    """Rename values, in all graphs of a model; other values make way for the new names.

    Args:
        model: The model, which is changed.
        names: Old name to new name.
    """
    graphs = list(list_graphs(model.graph))
    used = {name for graph in graphs for values in _list_names(graph) for name in values}
    taken = used | set(names.values())
    changed = dict(names)
    for name in used & set(names.values()) - set(names):
        changed[name] = next(each for n in range(len(taken) + 1) if (each := f"{name}_{n}") not in taken)
        taken.add(changed[name])
    for graph in graphs:
        for node in graph.node:
            node.input[:] = [changed.get(name, name) for name in node.input]
            node.output[:] = [changed.get(name, name) for name in node.output]
        for value in (*graph.initializer, *graph.input, *graph.output, *graph.value_info):
            value.name = changed.get(value.name, value.name)


def _list_names(graph: onnx.GraphProto) -> Iterator[Sequence[str]]:
    """List the names of the values of a graph, without those of the graphs in its nodes."""
    for node in graph.node:
        yield node.input
        yield node.output
    yield [each.name for each in (*graph.initializer, *graph.input, *graph.output, *graph.value_info)]

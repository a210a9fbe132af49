"""Weights in an ONNX file under their names in the state dict."""

from __future__ import annotations

import re

import onnx

from headrace.transform.onnx import list_graphs

__all__ = ["name_weights"]

_WEIGHT = re.compile(r"(?:Inline_\d+__)+network\.(.+)")


def name_weights(model: onnx.ModelProto) -> None:
    """Rename the initializers that are parameters and buffers of the network, where the names are free."""
    graph = model.graph
    graphs = list(list_graphs(graph))
    values = (*graph.input, *graph.output, *graph.initializer)
    taken = {each.name for each in values}
    taken |= {name for each in graphs for node in each.node for name in node.output}
    names: dict[str, str] = {}
    for tensor in graph.initializer:
        found = _WEIGHT.fullmatch(tensor.name)
        if found is not None and found[1] not in taken:
            names[tensor.name] = found[1]
            tensor.name = found[1]
            taken.add(found[1])
    for node in (node for each in graphs for node in each.node):
        for place, name in enumerate(node.input):
            if name in names:
                node.input[place] = names[name]

"""Preprocessing layers in a traced network, in the ONNX form that transforms have."""

from __future__ import annotations

from collections.abc import Collection

import onnx
import onnx.inliner
import spox
import spox.opset.ai.onnx.v21 as op

from headrace.columns import ColumnType
from headrace.errors import ModelError, TraceError
from headrace.layers.symbolic import LAYER_DOMAIN, SIZE_OP, LayerCalls, RecordedLayer
from headrace.transform.onnx import create_arguments, lower, split_columns

__all__ = ["lower_layers"]


def lower_layers(model: onnx.ModelProto, calls: LayerCalls, strings: Collection[str]) -> onnx.ModelProto:
    """Replace the symbolic nodes of layers, and give inputs that stand in for strings their type.

    Args:
        model: The traced network.
        calls: The layers that it calls.
        strings: The inputs that are strings.

    Raises:
        ModelError: A layer has no ONNX form.
    """
    graph = model.graph
    for value in graph.input:
        if value.name in strings:
            value.type.tensor_type.elem_type = onnx.TensorProto.STRING
    if not calls.layers:
        return model
    _order_ragged_results(graph)
    del graph.value_info[:]  # of tensors that stand in for strings
    used = {node.op_type for node in graph.node if node.domain == LAYER_DOMAIN}
    functions = [_make_function(each) for each in calls.layers.values() if each.op in used]
    model.functions.extend(functions)
    known = {each.domain for each in model.opset_import}
    for imported in (each for function in functions for each in function.opset_import):
        if imported.domain not in known:
            known.add(imported.domain)
            model.opset_import.append(imported)
    if LAYER_DOMAIN not in known:
        model.opset_import.append(onnx.helper.make_opsetid(LAYER_DOMAIN, 1))
    inlined = onnx.inliner.inline_local_functions(model)
    kept = [each for each in inlined.opset_import if each.domain != LAYER_DOMAIN]
    del inlined.opset_import[:]
    inlined.opset_import.extend(kept)
    return inlined


def _order_ragged_results(graph: onnx.GraphProto) -> None:
    """Compute each ragged result where its size is asked for, which comes first, and the size from it."""
    results = {
        _call_of(node): node for node in graph.node if node.domain == LAYER_DOMAIN and _is_result(node)
    }
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.domain != LAYER_DOMAIN:
            nodes.append(node)
        elif node.op_type == SIZE_OP:
            result = results.pop(_call_of(node))
            nodes += [result, onnx.helper.make_node("Size", result.output[:1], node.output)]
        elif _call_of(node) is None or _call_of(node) in results:
            nodes.append(node)
    for node in nodes:
        if node.domain == LAYER_DOMAIN:
            del node.attribute[:]
    ordered = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(ordered)


def _is_result(node: onnx.NodeProto) -> bool:
    return node.op_type != SIZE_OP and _call_of(node) is not None


def _call_of(node: onnx.NodeProto) -> int | None:
    return next((each.i for each in node.attribute if each.name == "call"), None)


def _make_function(layer: RecordedLayer) -> onnx.FunctionProto:
    columns = create_arguments(layer.graph)
    try:
        tensors = split_columns(lower(layer.graph, columns))
    except TraceError as error:
        raise ModelError(f"a layer cannot be exported ({error.what})", hint=error.hint) from error
    inputs = {name: tensor.unwrap_spox() for name, tensor in split_columns(columns).items()}
    outputs = {f"{name}.result": op.identity(tensor.unwrap_spox()) for name, tensor in tensors.items()}
    model = spox.build(inputs, outputs)
    return onnx.helper.make_function(
        LAYER_DOMAIN,
        layer.op,
        [tensor for name, type_ in layer.inputs.items() for tensor in _list_names(name, type_)],
        [value.name for value in model.graph.output],
        [*_make_constants(model.graph), *model.graph.node],
        list(model.opset_import),
    )


def _make_constants(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the initializers of a graph as nodes: a function of ONNX has none."""
    return [onnx.helper.make_node("Constant", [], [each.name], value=each) for each in graph.initializer]


def _list_names(name: str, type_: ColumnType) -> list[str]:
    return [f"{name}.values", f"{name}.row_splits"] if type_.ragged else [name]

"""A network that is layers in a row, as ONNX: each layer has one known form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import onnx
import onnx.numpy_helper
import spox
import torch
from torch import nn

from headrace.columns import ColumnType, Ragged
from headrace.deploy.sequential.lower_module import LOWERINGS, Unsupported, Value, Weights
from headrace.deploy.sequential.lower_preprocessing import lower_preprocessing
from headrace.deploy.served_model import ServedModel
from headrace.deploy.trace_network import feature_name
from headrace.layers import PreprocessingLayer

__all__ = ["lower_sequential"]

_HOOKS = ("_forward_hooks", "_forward_pre_hooks")


def lower_sequential(served: ServedModel) -> onnx.ModelProto | None:
    """Lower a network and its head like `trace_network`; None if a layer has no form here.

    These networks are an `nn.Sequential` of one feature, of layers of torch, of `headrace.layers` and
    `BagOfEmbeddings`, in float32, without hooks.
    """
    layers = dict(_list_layers(served.network, "network"))
    if len(served.features) != 1 or not all(map(_is_plain, layers.values())):
        return None
    weights = Weights()
    (type_,) = served.features.values()
    value, arguments = _make_feature(type_)
    try:
        for name, layer in layers.items():
            value = _lower(layer, name, value, weights)
        if not isinstance(value, spox.Var):
            return None
        outputs = served.head.lower_tensors(value)
    except Unsupported:
        return None
    if outputs is None:
        return None
    named = {f"output_{number}": each for number, each in enumerate(outputs)}
    model = spox.build({**arguments, **weights.arguments}, named)
    _store(model.graph, weights.values)
    return model


def _list_layers(module: nn.Module, name: str) -> Iterator[tuple[str, nn.Module]]:
    """Yield the layers in the order of their calls, by their names."""
    if type(module) is nn.Sequential and _has_plain_call(module):
        for child_name, child in module.named_children():
            yield from _list_layers(child, f"{name}.{child_name}")
    else:
        yield name, module


def _is_plain(layer: nn.Module) -> bool:
    """Return whether a layer has a form here, and computes in float32."""
    if isinstance(layer, PreprocessingLayer):
        return _has_plain_call(layer)
    tensors = [*layer.parameters(), *layer.buffers()]
    is_float32 = all(each.dtype == torch.float32 for each in tensors if each.is_floating_point())
    return type(layer) in LOWERINGS and is_float32 and _has_plain_call(layer)


def _has_plain_call(module: nn.Module) -> bool:
    return not any(getattr(module, each) for each in _HOOKS) and "forward" not in vars(module)


def _make_feature(type_: ColumnType) -> tuple[Value, dict[str, spox.Var]]:
    """Return the feature, and the arguments of the model that it is made of, by name."""
    scalar = "float32" if type_.dtype == "float64" else type_.dtype  # as in training
    dtype = str if scalar == "string" else scalar
    if not type_.ragged:
        tensor = spox.argument(spox.Tensor(dtype, ("rows", *type_.shape)))
        return tensor, {feature_name(0): tensor}
    values = spox.argument(spox.Tensor(dtype, ("values",)))
    splits = spox.argument(spox.Tensor("int64", ("splits",)))
    return Ragged(values, splits), {feature_name(0): values, feature_name(1): splits}


def _lower(layer: nn.Module, name: str, value: Value, weights: Weights) -> Value:
    if isinstance(layer, PreprocessingLayer):
        return lower_preprocessing(layer, value)
    return LOWERINGS[type(layer)](layer, value, lambda part: weights.add(f"{name}.{part}", layer, part))


def _store(graph: onnx.GraphProto, weights: Mapping[str, Any]) -> None:
    """Make the inputs that are weights initializers, under their names."""
    used = {name for node in graph.node for name in node.input}
    inputs = [each for each in graph.input if each.name not in weights]
    del graph.input[:]
    graph.input.extend(inputs)
    for name, array in weights.items():
        if name in used:
            graph.initializer.append(onnx.numpy_helper.from_array(array, name))

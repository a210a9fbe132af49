"""Images of any height and width, where the preprocessing and the network allow them."""

from __future__ import annotations

from dataclasses import replace

import onnx
import onnxruntime
import torch

from headrace.columns import ANY_SIZE, ColumnType
from headrace.deploy.served_model import ServedModel, make_sample_features
from headrace.deploy.trace_network import feature_name, trace_network
from headrace.errors import HeadraceError
from headrace.transform.graph import Constant, Graph, Input, Node, infer_type

__all__ = ["allow_any_size", "trace_any_size"]

_CHANNELS = (1, 2, 3, 4)
_OTHER_SIZES = ((7, 13), (16, 4))  # added to the height and width that the network was trained on
_TOLERANCE = 1e-3


def allow_any_size(graph: Graph) -> Graph | None:
    """Return the graph for images of any height and width; None if it has no images, or fixes their size."""
    found = graph
    for name, node in graph.inputs.items():
        shape = _free_axes(node.type)
        changed = None if shape is None else _change_shape(found, name, shape)
        found = changed or found
    return None if found is graph else found


def _free_axes(type_: ColumnType) -> tuple[int, ...] | None:
    """Return the shape of an image with free height and width, of either order of channels."""
    if len(type_.shape) != 3 or type_.is_string or type_.varies:
        return None
    first, height, last = type_.shape
    if last in _CHANNELS and min(first, height) > max(_CHANNELS):
        return (ANY_SIZE, ANY_SIZE, last)
    if first in _CHANNELS and min(height, last) > max(_CHANNELS):
        return (first, ANY_SIZE, ANY_SIZE)
    return None


def _change_shape(graph: Graph, name: str, shape: tuple[int, ...]) -> Graph | None:
    def change(node: Node) -> Node:
        if isinstance(node.what, Input):
            return replace(node, type=replace(node.type, shape=shape)) if node.what.column == name else node
        if isinstance(node.what, Constant) or not any(each.type.varies for each in node.inputs):
            return node
        return replace(node, type=infer_type(node.what, *(each.type for each in node.inputs)))

    try:
        changed = graph.rewrite(change)
    except HeadraceError:
        return None
    users = _find_users(graph, name)
    return changed if all(changed.outputs[each].type.varies for each in users) else None


def _find_users(graph: Graph, name: str) -> list[str]:
    """List the outputs that depend on an input."""
    return [output for output in graph.outputs if name in graph.select([output]).inputs]


def trace_any_size(served: ServedModel, opset: int, graph: Graph) -> onnx.ModelProto | None:
    """Trace a network for features of any height and width; None if it has one size.

    The network allows other sizes if it answers them in torch, one row of outputs for each row, and ONNX
    Runtime gives the same answers.
    """
    axes = {
        name: [1 + axis for axis, size in enumerate(node.type.shape) if size == ANY_SIZE]
        for name, node in graph.outputs.items()
    }
    axes = {name: free for name, free in axes.items() if free}
    trials = [_make_features(served, axes, added) for added in _OTHER_SIZES]
    expected = [_call(served, features) for features in trials]
    if any(each is None for each in expected):
        return None
    try:
        traced = trace_network(served, opset, axes)
        session = onnxruntime.InferenceSession(traced.SerializeToString(), providers=["CPUExecutionProvider"])
        names = [feature_name(place) for place in range(len(served.tensor_names))]
        for features, outputs in zip(trials, expected, strict=True):
            feeds = {name: each.numpy() for name, each in zip(names, features, strict=True)}
            found = map(torch.as_tensor, session.run(None, feeds))
            if not all(map(_are_close, outputs or (), found)):
                return None
    except Exception:  # what torch, its exporter or ONNX Runtime raise for a size that they fix
        return None
    return traced


def _make_features(
    served: ServedModel, axes: dict[str, list[int]], added: tuple[int, int]
) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    features: list[torch.Tensor] = []
    for name, sample in zip(served.tensor_names, make_sample_features(served.features, 2), strict=True):
        shape = list(sample.shape)
        for axis, more in zip(axes.get(name, []), added, strict=False):
            shape[axis] += more
        feature = torch.rand(shape, generator=generator) if sample.is_floating_point() else torch.zeros(shape)
        features.append(feature.to(sample.dtype) if name in axes else sample)
    return features


def _call(served: ServedModel, features: list[torch.Tensor]) -> tuple[torch.Tensor, ...] | None:
    try:
        with torch.inference_mode():
            outputs = served(*features)
    except Exception:  # what a network raises for a size that it does not allow
        return None
    rows = features[0].shape[0]
    return outputs if all(each.ndim and each.shape[0] == rows for each in outputs) else None


def _are_close(expected: torch.Tensor, found: torch.Tensor) -> bool:
    if not expected.is_floating_point():
        return expected.shape == found.shape
    same = expected.shape == found.shape
    return same and torch.allclose(expected, found, rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True)

"""A preprocessing layer in a network that is lowered layer by layer."""

from __future__ import annotations

import ndonnx as ndx
import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.deploy.sequential.lower_module import Unsupported, Value
from headrace.errors import ModelError, TraceError
from headrace.layers import PreprocessingLayer
from headrace.transform.onnx import lower

__all__ = ["lower_preprocessing"]


def lower_preprocessing(layer: PreprocessingLayer, value: Value) -> Value:
    """Lower a layer for one input.

    Raises:
        Unsupported: The type of the input is not known here.
        ModelError: The layer has no ONNX form.
    """
    layer.read_buffers()
    graph, (name,) = layer.make_graph((_find_type(value),))
    column = Ragged(*map(ndx.asarray, value)) if isinstance(value, Ragged) else ndx.asarray(value)
    try:
        result = lower(graph, {name: column})["y"]
    except TraceError as error:
        raise ModelError(f"a layer cannot be exported ({error.what})", hint=error.hint) from error
    if isinstance(result, Ragged):
        return Ragged(*(each.unwrap_spox() for each in result))
    return result.unwrap_spox()


def _find_type(value: Value) -> ColumnType:
    tensor = (value.values if isinstance(value, Ragged) else value).unwrap_tensor()
    dtype = "string" if tensor.dtype.type is np.str_ else str(tensor.dtype)
    if isinstance(value, Ragged):
        return ColumnType(dtype, ragged=True)
    sizes = [size for size in (tensor.shape or (None,))[1:] if isinstance(size, int)]
    if tensor.shape is None or len(sizes) != len(tensor.shape) - 1:
        raise Unsupported
    return ColumnType(dtype, tuple(sizes))

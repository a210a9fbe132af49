"""Lower a graph to ONNX. Importing this package loads onnx, ndonnx and spox."""

from headrace.transform.onnx.build_model import ROWS, build_model, list_graphs
from headrace.transform.onnx.lower import (
    create_arguments,
    lower,
    name_tensors,
    optimize,
    to_onnx,
)

__all__ = [
    "ROWS",
    "build_model",
    "create_arguments",
    "list_graphs",
    "lower",
    "name_tensors",
    "optimize",
    "to_onnx",
]

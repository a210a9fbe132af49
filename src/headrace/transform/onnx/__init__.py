"""Lower a graph to ONNX. Importing this package loads onnx, ndonnx and spox."""

from headrace.transform.onnx.build_model import ROWS, build_model
from headrace.transform.onnx.lower import (
    create_arguments,
    flatten_column,
    lower,
    optimize,
    split_columns,
    to_onnx,
)
from headrace.transform.onnx.rename_values import list_graphs

__all__ = [
    "ROWS",
    "build_model",
    "create_arguments",
    "flatten_column",
    "list_graphs",
    "lower",
    "optimize",
    "split_columns",
    "to_onnx",
]

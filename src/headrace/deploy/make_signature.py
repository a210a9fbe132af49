"""The signature of a model that is being exported."""

from __future__ import annotations

from importlib.metadata import version

import onnx
import onnxruntime
import torch

from headrace.columns import ColumnType
from headrace.heads import Classifier, Head
from headrace.serving import Input, Output, Signature
from headrace.transform import Transform

__all__ = ["make_signature"]


def make_signature(proto: onnx.ModelProto, transform: Transform, head: Head) -> Signature:
    """Describe the inputs and outputs of an exported model."""
    return Signature(
        inputs=tuple(_describe_input(name, type_) for name, type_ in transform.input_types.items()),
        outputs=tuple(_describe_output(each, head) for each in proto.graph.output),
        head=type(head).__name__,
        versions={
            "headrace": version("headrace"),
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
            "torch": str(torch.__version__),
        },
    )


def _describe_input(name: str, type_: ColumnType) -> Input:
    return Input(
        name=name,
        type=type_.dtype,
        shape=(None,) if type_.ragged else type_.shape,
        tensors=(f"{name}.values", f"{name}.row_splits") if type_.ragged else (name,),
    )


def _describe_output(value: onnx.ValueInfoProto, head: Head) -> Output:
    tensor = value.type.tensor_type
    dimensions = [each.dim_value if each.HasField("dim_value") else None for each in tensor.shape.dim]
    names = head.class_names if isinstance(head, Classifier) else None
    kind = head.kinds.get(value.name, "number")
    return Output(
        name=value.name,
        type=_dtype(tensor.elem_type),
        shape=tuple(dimensions[1:]),
        kind=kind,
        classes=tuple(names) if names is not None and kind in ("class", "probabilities") else None,
    )


def _dtype(element: int) -> str:
    if element == onnx.TensorProto.STRING:
        return "string"
    return str(onnx.helper.tensor_dtype_to_np_dtype(element))

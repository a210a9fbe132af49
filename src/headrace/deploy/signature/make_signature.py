"""The signature of a model that is being exported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import onnx
import onnxruntime
import torch

from headrace.columns import ANY_SIZE, ColumnType, tensor_names
from headrace.deploy.signature.describe_data import describe_data, fingerprint_data
from headrace.deploy.signature.describe_graph import describe_graph
from headrace.heads import (
    Classifier,
    Head,
    MultiLabelClassifier,
    NamedClasses,
    QuantileRegressor,
    SeveralHeads,
)
from headrace.serving import Input, Output, Signature
from headrace.transform import Transform

__all__ = ["make_signature"]

_DATE_UNIT = "microseconds since 1970-01-01 00:00 UTC"


def make_signature(
    proto: onnx.ModelProto,
    transform: Transform,
    head: Head,
    *,
    types: Mapping[str, ColumnType],
    digests: Mapping[str, str],
    data: Any = None,
    units: Mapping[str, str] | None = None,
) -> Signature:
    """Describe the inputs and outputs of an exported model.

    Args:
        proto: The model, complete but for its metadata.
        transform: What it computes features with.
        head: Its head.
        types: Raw column to type, as the model is fed.
        digests: See `digest_parts`.
        data: The training data, for the ranges, words and example row that the transform does not know.
        units: Column to unit.
    """
    encodings = transform.graph.encodings
    seen = {} if data is None else describe_data(data, transform.reads)
    known = describe_graph(transform)
    facts = {name: {**seen.get(name, {}), **known[name]} for name in transform.reads}
    for name, unit in (units or {}).items():
        facts[name]["unit"] = unit
    return Signature(
        inputs=tuple(
            _describe_image(name, facts[name])
            if encodings.get(name) == "image"
            else _describe_input(name, type_, facts[name])
            for name, type_ in types.items()
        ),
        outputs=_describe_outputs(proto, head),
        head=type(head).__name__,
        versions={
            "headrace": version("headrace"),
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
            "opset": str(next(each.version for each in proto.opset_import if not each.domain)),
            "torch": str(torch.__version__),
        },
        data_fingerprint=None if data is None else fingerprint_data(data),
        digests=dict(digests),
    )


def _describe_input(name: str, type_: ColumnType, facts: Mapping[str, Any]) -> Input:
    return Input(
        name=name,
        type=type_.dtype,
        shape=(None,) if type_.ragged else tuple(None if size == ANY_SIZE else size for size in type_.shape),
        tensors=tensor_names(name, is_ragged=type_.ragged),
        **(facts if facts.get("unit") or not type_.is_timestamp else {**facts, "unit": _DATE_UNIT}),
    )


def _describe_image(name: str, facts: Mapping[str, Any]) -> Input:
    """Describe a column of image files, which are fed decoded."""
    unit = facts.get("unit")
    return Input(name, "uint8", (None, None, 3), (name,), minimum=0, maximum=255, unit=unit, encoding="image")


def _describe_outputs(proto: onnx.ModelProto, head: Head) -> tuple[Output, ...]:
    """Describe the outputs; of two classes, the second is chosen above a probability of one half."""
    outputs = {each.name: _describe_output(each) for each in proto.graph.output}
    owners = {name: _find_owner(head, name) for name in outputs}
    described = list[Output]()
    for name, each in outputs.items():
        owner, own = owners[name]
        siblings = [outputs[other].shape for other, (its, _) in owners.items() if its is owner]
        kind = owner.kinds.get(own, "number")
        described.append(replace(each, kind=kind, **_describe_kind(owner, kind, is_binary=(2,) in siblings)))
    return tuple(described)


def _find_owner(head: Head, name: str) -> tuple[Head, str]:
    return head.find_output(name) if isinstance(head, SeveralHeads) else (head, name)


def _describe_kind(head: Head, kind: str, *, is_binary: bool) -> dict[str, Any]:
    """Return the facts of an output that are those of its head."""
    facts: dict[str, Any] = {"classes": head.names} if isinstance(head, NamedClasses) else {}
    if isinstance(head, Classifier) and kind == "class" and is_binary:
        facts["threshold"] = 0.5 if head.threshold is None else float(head.threshold)
    if isinstance(head, MultiLabelClassifier) and kind == "labels":
        thresholds = head.thresholds or (0.5,)
        facts["threshold" if len(thresholds) == 1 else "thresholds"] = (
            thresholds[0] if len(thresholds) == 1 else thresholds
        )
    if isinstance(head, QuantileRegressor):
        facts["quantiles"] = tuple(map(float, head.quantiles))
    return facts


def _describe_output(value: onnx.ValueInfoProto) -> Output:
    tensor = value.type.tensor_type
    dimensions = [each.dim_value if each.HasField("dim_value") else None for each in tensor.shape.dim]
    return Output(name=value.name, type=_dtype(tensor.elem_type), shape=tuple(dimensions[1:]))


def _dtype(element: int) -> str:
    if element == onnx.TensorProto.STRING:
        return "string"
    return str(onnx.helper.tensor_dtype_to_np_dtype(element))

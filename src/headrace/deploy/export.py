"""Export of a transform, a network and a head as one ONNX file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headrace.arguments import show_value
from headrace.deploy.raw_inputs import choose_transform
from headrace.errors import ModelError, UsageError
from headrace.extras import require
from headrace.heads import Head
from headrace.parallel import return_freed_memory
from headrace.serving import METADATA_FORMAT, SIGNATURE_KEY
from headrace.storage import SEAL, AtomicFile, local_target, make_folder, seal
from headrace.suggestions import find_similar, list_names
from headrace.transform import Transform

if TYPE_CHECKING:
    from torch import nn

__all__ = ["export"]

OPSET = 21


def export(
    path: str | os.PathLike[str],
    *,
    model: nn.Module,
    transform: Transform | None = None,
    inputs: Any = None,
    head: Head | Mapping[str, Head] | None = None,
    data: Any = None,
    units: Mapping[str, str] | None = None,
) -> Path:
    """Write one ONNX file: raw columns in, named predictions out.

    The inputs have the names of the raw columns, batch dimension first: uint8 images, strings, floats with
    NaN for missing values. The outputs are those of the head. Only columns that the features need become
    inputs: remove the label from the transform first, by `transform.without("label")`.

    Args:
        path: The file to write, atomically; its folder is created if needed.
        model: Called as `model(x)` with one feature, `model(**features)` with several. It may hold layers of
            `headrace.layers` anywhere; layers of strings take features that are strings.
        transform: Computes the model's features; float64 features reach the model as float32, as in training.
        inputs: In place of a transform, for a model that takes the raw columns itself, in its layers: an
            Arrow schema, a `Dataset`, or column to type such as `{"age": "float64", "city": "string"}`. Label
            columns of a schema or `Dataset` that `fit` trained the model with are left out.
        head: `Classifier(class_names)`, `Regressor()` or another head; None is a `Classifier` without class
            names. It must agree with the network, and with the label that was removed from the transform. Of
            a model that returns a dict, output to head.
        data: The training data, raw: a `Dataset` or batches. The file's signature then has the range or words
            of each column, an example row, and the data's fingerprint; see `docs/signature.md`.
        units: Column to the unit of its values, for the signature.

    Returns:
        The path.

    Raises:
        DependencyError: torch or onnxscript is not installed.
        SchemaError: A feature is a column of strings, or the label does not fit the head.
        ModelError: The model does not fit the head or the label or cannot be converted to ONNX, or ONNX
            Runtime cannot load the file.
        TraceError: A step of the preprocessing cannot be lowered to ONNX.
        UsageError: The file cannot be written, or an argument has the wrong type.
    """
    require("torch", "onnxscript", extra="train", purpose="headrace.deploy.export")
    from headrace.nn import check_model, read_label_columns

    transform = choose_transform(transform, inputs, read_label_columns(check_model(model)))
    _check_units(units, transform)
    return _write(_build(model, transform, head, inputs is not None, data, units), local_target(path))


def _build(
    model: nn.Module,
    transform: Transform,
    head: Head | Mapping[str, Head] | None,
    is_raw: bool,
    data: Any,
    units: Mapping[str, str] | None,
) -> bytes:
    """Build the file; the copies of the weights that this takes are freed before it is loaded."""
    import onnx
    import spox

    from headrace.deploy.any_size import allow_any_size, trace_any_size
    from headrace.deploy.name_weights import name_weights
    from headrace.deploy.sequential import lower_sequential
    from headrace.deploy.served_model import served_model
    from headrace.deploy.signature import digest_parts, make_signature
    from headrace.deploy.trace_network import trace_network
    from headrace.transform.evaluation import is_never_negative
    from headrace.transform.onnx import build_model, create_arguments, lower, optimize, split_columns

    with served_model(model, head, transform) as served:
        head = served.head
        graph = None if is_raw else allow_any_size(transform.folded_graph)
        traced = None if graph is None else trace_any_size(served, OPSET, graph)
        if graph is None or traced is None:
            graph = transform.folded_graph
            known = [name for name, node in graph.outputs.items() if is_never_negative(node)]
            traced = lower_sequential(served) or trace_network(served, OPSET, never_negative=known)
        network = spox.inline(traced)
        digests = digest_parts(transform, served.weights, head)
    columns = create_arguments(graph)
    arguments = {name: array.unwrap_spox() for name, array in split_columns(columns).items()}
    raw = network(**_name_features(lower(optimize(graph), columns)))
    outputs = head.lower({name: raw[f"output_{number}"] for number, name in enumerate(head.outputs)})
    proto = build_model(arguments, outputs, {name: _row_shape(value) for name, value in outputs.items()})
    name_weights(proto)
    types = {name: node.type for name, node in graph.inputs.items()}
    signature = make_signature(proto, transform, head, types=types, digests=digests, data=data, units=units)
    properties = {
        "headrace.format": METADATA_FORMAT,
        "headrace.outputs": ",".join(outputs),
        SIGNATURE_KEY: signature.to_json(),
    }
    onnx.helper.set_model_props(proto, {**properties, **SEAL})
    return seal(proto.SerializeToString())


def _check_units(units: Any, transform: Transform) -> None:
    if units is None:
        return
    is_mapping = isinstance(units, Mapping) and all(isinstance(each, str) for each in units.values())
    if not is_mapping:
        raise UsageError(
            f"units: expected column to unit, got {show_value(units)}", hint='pass {"age": "years"}'
        )
    for name in units:
        if name not in transform.reads:
            hint = find_similar(str(name), transform.reads) or f"it reads {list_names(transform.reads)}"
            raise UsageError(f"units: the model does not read a column '{name}'", hint=hint)


def _name_features(features: Mapping[str, Any]) -> dict[str, Any]:
    """Name the tensors of the features by their places, as `trace_network` does."""
    from headrace.deploy.trace_network import feature_name
    from headrace.transform.onnx import flatten_column

    flat = [tensor for value in features.values() for tensor in flatten_column(value)]
    return {feature_name(place): _cast_to_float32(tensor.unwrap_spox()) for place, tensor in enumerate(flat)}


def _cast_to_float32(tensor: Any) -> Any:
    import spox.opset.ai.onnx.v21 as op

    return op.cast(tensor, to=np.float32) if tensor.unwrap_tensor().dtype == np.float64 else tensor


def _row_shape(output: Any) -> tuple[str | None, ...]:
    """Return the shape of an output: rows, and the sizes that shape inference finds."""
    from headrace.transform.onnx import ROWS

    return (ROWS, *(None for _ in output.unwrap_tensor().shape[1:]))


def _write(data: bytes, path: Path) -> Path:
    import onnxruntime

    return_freed_memory()
    make_folder(path.parent)
    with AtomicFile(path) as file:
        try:
            onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelError(
                f"ONNX Runtime cannot load the exported model ({error})", path=str(path)
            ) from error
        file.write(data)
    return_freed_memory()
    return path

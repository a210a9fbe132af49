"""A network and its head as ONNX, by torch's exporter."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import onnx
import torch

from headrace.columns import tensor_names
from headrace.deploy.lower_layers import lower_layers
from headrace.deploy.refuse_negative import OneHotByLookup, refuse_negative
from headrace.deploy.served_model import ServedModel, make_sample_features
from headrace.errors import ModelError
from headrace.layers import PreprocessingLayer
from headrace.layers.symbolic import record_calls
from headrace.nn import shorten_error

__all__ = ["feature_name", "trace_network"]


def feature_name(place: int) -> str:
    """Return the name of a flat feature tensor in the traced network, by its place."""
    return f"feature_{place}"


def trace_network(
    served: ServedModel,
    opset: int,
    axes: Mapping[str, Sequence[int]] = MappingProxyType({}),
    never_negative: Collection[str] = (),
) -> onnx.ModelProto:
    """Trace a network and its head, with any number of rows.

    The inputs are the flat feature tensors `feature_0`, `feature_1`, ..., in the order of the features, the
    outputs `output_0`, ..., in that of the head: the names of columns are free, those of the traced network
    are not.

    Args:
        served: The network and its head.
        opset: The version of ONNX's operators.
        axes: Feature name to the axes that have any size.
        never_negative: The features that are never below 0; indices from others are checked by the file.

    Raises:
        ModelError: The model cannot be converted to ONNX.
    """
    for layer in served.modules():
        if isinstance(layer, PreprocessingLayer):
            layer.read_buffers()
    samples = make_sample_features(served.features)
    names = [feature_name(place) for place in range(len(samples))]
    any_size = torch.export.Dim.DYNAMIC
    shapes = tuple(dict.fromkeys([0, *axes.get(name, [])], any_size) for name in served.tensor_names)
    strings = [names[place] for place in served.string_places]
    try:
        with warnings.catch_warnings(), _silence(), record_calls() as calls, OneHotByLookup():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                served,
                tuple(samples),
                dynamo=True,
                dynamic_shapes=(shapes,),
                input_names=names,
                output_names=[f"output_{number}" for number in range(len(served.head.outputs))],
                opset_version=opset,
                verbose=False,
            )
    except Exception as error:
        cause = shorten_error(error.__cause__ or error)
        raise ModelError(
            f"the model cannot be converted to ONNX ({cause})",
            hint="replace the operation that the exporter names",
        ) from error
    assert program is not None
    safe = {name for place, name in enumerate(names) if _is_safe(served, place, never_negative)}
    model = program.model_proto
    refuse_negative(model, safe)
    return lower_layers(model, calls, strings)


def _is_safe(served: ServedModel, place: int, never_negative: Collection[str]) -> bool:
    """Return whether a flat tensor has no numbers below 0: it is such a feature, or the offsets of rows."""
    tensor = served.tensor_names[place]
    return not any(
        tensor == tensor_names(name, is_ragged=type_.ragged)[0] and name not in never_negative
        for name, type_ in served.features.items()
    )


@contextlib.contextmanager
def _silence() -> Any:
    """Silence the exporter, which prints and logs even when it succeeds; failures raise."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)

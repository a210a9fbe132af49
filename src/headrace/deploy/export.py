"""A transform, a network and a head as one ONNX file."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import spox
import spox.opset.ai.onnx.v21 as op
import torch
from torch import nn

from headrace.deploy.head import Classifier, Head
from headrace.deploy.served_model import ServedModel, sample_features
from headrace.errors import ModelError, UsageError
from headrace.transform import Transform
from headrace.transform.onnx import create_arguments, lower, name_tensors, optimize

__all__ = ["export"]

OPSET = 21


def export(
    path: str | os.PathLike[str], *, transform: Transform, model: nn.Module, head: Head | None = None
) -> Path:
    """Write one ONNX file: raw columns in, named predictions out.

    Inputs bear the raw columns' names, batch dimension first: uint8 images, strings, floats with NaN for what
    is missing. Outputs are the head's. Only columns the features need are inputs: take the label out of the
    transform first, by `transform.without("label")`.

    Args:
        path: Where to; written under a temporary name and renamed.
        transform: Gives the model's features; float64 features reach the model as float32, as in training.
        model: Called as `model(x)` with one feature, `model(**features)` with several.
        head: `Classifier(class_names)` by default without names, or `Regressor()`.

    Raises:
        ModelError: The model has no ONNX form, or the file would not load.
        TraceError: A step of the preprocessing has no ONNX form.
        UsageError: The file cannot be written.
    """
    served = ServedModel(model, head or Classifier(), transform.output_types).cpu().eval()
    network = spox.inline(_network_onnx(served))
    columns = create_arguments(transform.graph)
    features = name_tensors(lower(optimize(transform.folded), columns))
    raw = network(**{_safe(name): _as_float32(array.unwrap_spox()) for name, array in features.items()})
    outputs = served.head.lower({name: raw[_safe(name)] for name in served.head.outputs})
    inputs = {name: array.unwrap_spox() for name, array in name_tensors(columns).items()}
    proto = spox.build(inputs, outputs)
    onnx.helper.set_model_props(proto, {"headrace.outputs": ",".join(outputs)})
    return _write(proto, Path(path))


def _network_onnx(served: ServedModel) -> onnx.ModelProto:
    """The network alone; its inputs are the flat feature tensors, any number of rows."""
    samples = sample_features(served.features)
    names = [_safe(name) for name in served.tensor_names]
    shapes = tuple({0: torch.export.Dim.DYNAMIC} for _ in names)
    try:
        with warnings.catch_warnings(), _quiet():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                served,
                tuple(samples),
                dynamo=True,
                dynamic_shapes=(shapes,),
                input_names=names,
                output_names=[_safe(name) for name in served.head.outputs],
                opset_version=OPSET,
                verbose=False,
            )
    except Exception as error:
        cause = str(error.__cause__ or error).strip().splitlines()[0]
        raise ModelError(
            f"the model has no ONNX form ({cause})", hint="replace what the exporter names"
        ) from error
    assert program is not None
    return program.model_proto


@contextlib.contextmanager
def _quiet() -> Any:
    """The exporter talks on standard output and by logging; what matters comes as an exception."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)


def _safe(name: str) -> str:
    return "feature_" + "".join(each if each.isalnum() else "_" for each in name)


def _as_float32(tensor: Any) -> Any:
    return op.cast(tensor, to=np.float32) if tensor.unwrap_tensor().dtype == np.float64 else tensor


def _write(proto: onnx.ModelProto, path: Path) -> Path:
    import onnxruntime

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        onnx.save(proto, partial)
        onnxruntime.InferenceSession(partial, providers=["CPUExecutionProvider"])
        partial.replace(path)
    except OSError as error:
        raise UsageError(
            f"the file cannot be written ({error.strerror})", path=str(path), hint="choose another path"
        ) from error
    except Exception as error:
        raise ModelError(f"ONNX Runtime cannot load the exported model ({error})", path=str(path)) from error
    finally:
        partial.unlink(missing_ok=True)
    return path

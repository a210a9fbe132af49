"""A network and its head as ONNX, by torch's exporter."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from typing import Any

import onnx
import torch

from headrace.deploy.served_model import ServedModel, make_sample_features
from headrace.errors import ModelError

__all__ = ["onnx_name", "trace_network"]

_LONGEST = 1000  # characters of an error of the exporter


def onnx_name(name: str) -> str:
    """Return the name of a feature or output in the traced network: letters, digits, underscores."""
    return "feature_" + "".join(each if each.isalnum() else "_" for each in name)


def trace_network(served: ServedModel, opset: int) -> onnx.ModelProto:
    """Trace a network and its head; the inputs are the flat feature tensors, with any number of rows.

    Raises:
        ModelError: The model cannot be converted to ONNX.
    """
    samples = make_sample_features(served.features)
    _try_model(served, samples)
    names = [onnx_name(name) for name in served.tensor_names]
    shapes = tuple({0: torch.export.Dim.DYNAMIC} for _ in names)
    try:
        with warnings.catch_warnings(), _silence():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                served,
                tuple(samples),
                dynamo=True,
                dynamic_shapes=(shapes,),
                input_names=names,
                output_names=[onnx_name(name) for name in served.head.outputs],
                opset_version=opset,
                verbose=False,
            )
    except Exception as error:
        cause = _shorten(error.__cause__ or error)
        raise ModelError(
            f"the model cannot be converted to ONNX ({cause})",
            hint="replace the operation that the exporter names",
        ) from error
    assert program is not None
    return program.model_proto


def _try_model(served: ServedModel, samples: list[torch.Tensor]) -> None:
    """Run the model once, since its own errors are clearer than the exporter's."""
    try:
        with torch.inference_mode():
            served(*samples)
    except ModelError:
        raise
    except Exception as error:
        inputs = ", ".join(
            f"{name} {str(each.dtype).removeprefix('torch.')}{list(each.shape)}"
            for name, each in zip(served.tensor_names, samples, strict=True)
        )
        what = f"the model fails on {inputs}: {type(error).__name__}: {_shorten(error)}"
        raise ModelError(what, hint="export the transform whose features the model was trained on") from error


def _shorten(error: BaseException) -> str:
    """Join the lines of an error, which torch spreads over many; any of them may name the operation."""
    text = " ".join(str(error).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


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

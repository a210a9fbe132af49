"""The error of a model that fails on its inputs: names the user's line and the layer, not a line of torch."""

from __future__ import annotations

import traceback

import torch
from torch import nn

from headrace.errors import ModelError
from headrace.source_line import raising_line

__all__ = ["describe_failure", "shorten_error"]

_LONGEST = 1000  # characters of the message of an error of torch


def describe_failure(error: Exception, model: object, inputs: str, hint: str) -> ModelError:
    """Make the error of a model that raised `error` on `inputs`.

    Its place is the innermost line of the user's that the error passed. An `nn.Sequential` of torch's layers
    has no such line; the innermost layer is named in any case. Where the weights are not float32, the hint is
    about them.
    """
    path, line = raising_line(error) or (None, None)
    cause = f"{type(error).__name__}: {shorten_error(error)}{_find_layer(error, model)}"
    hint = _describe_weights(error, model) or hint
    return ModelError(f"the model fails on {inputs}: {cause}", path=path, line=line, hint=hint)


def _describe_weights(error: Exception, model: object) -> str:
    """Return the hint for weights of another floating-point type, if the error is about types."""
    if not isinstance(model, nn.Module) or "type" not in str(error):
        return ""
    found = {weight.dtype for weight in model.parameters() if weight.is_floating_point()} - {torch.float32}
    kinds = ", ".join(sorted(str(each).removeprefix("torch.") for each in found))
    return f"its weights are {kinds}: pass `model.float()`, or cast the inputs in `forward`" if found else ""


def _find_layer(error: Exception, model: object) -> str:
    """Name the innermost layer of the model that an error passed."""
    if not isinstance(model, nn.Module):
        return ""
    names = {module: name for name, module in model.named_modules() if name}
    frames = [frame.f_locals.get("self") for frame, _ in traceback.walk_tb(error.__traceback__)]
    layers = [each for each in frames if isinstance(each, nn.Module) and each in names]
    return f" (in layer '{names[layers[-1]]}', {type(layers[-1]).__name__})" if layers else ""


def shorten_error(error: BaseException) -> str:
    """Join the lines of an error, which torch spreads over many; any of them may name the operation."""
    text = " ".join(str(error).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."

"""Batches as pairs of inputs and label."""

from __future__ import annotations

from typing import Any

from headrace.data.torch.tensors import Tensors
from headrace.errors import SchemaError
from headrace.suggestions import suggest

__all__ = ["make_pair"]


def make_pair(tensors: Tensors, label: str | None) -> Any:
    """Split a label from the other tensors.

    Args:
        tensors: Tensors by column name.
        label: The column of the label; None returns `tensors`.

    Returns:
        The inputs and the label. Of one other column, the inputs are its tensor, else a dict.

    Raises:
        SchemaError: The column does not exist, or is the only one.
    """
    if label is None:
        return tensors
    if label not in tensors:
        raise SchemaError("the dataset lacks this column", feature=label, hint=suggest(label, tensors))
    inputs = {name: tensor for name, tensor in tensors.items() if name != label}
    if not inputs:
        raise SchemaError("the only column is the label", feature=label, hint="keep a column to predict from")
    return next(iter(inputs.values())) if len(inputs) == 1 else inputs, tensors[label]

"""The check that head, label and network agree, on the first rows of the validation data."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from headrace.columns import ColumnType, Ragged
from headrace.heads import Classifier, Head, Label, Regressor, agree, check_head
from headrace.nn import temporary_mode
from headrace.training.model_inputs import Features, call_model, split_label
from headrace.training.predict import find_device

__all__ = ["check_agreement"]

ROWS = 8  # enough for a shape; labels are checked in the whole batch


def check_agreement(model: nn.Module, batch: Features, label: str, head: Head | None) -> Head:
    """Check that a model and a label fit the head that will be exported.

    Args:
        model: Called on a few rows, in evaluation mode; its modes and torch's random state are restored.
        batch: A batch with the label.
        label: The label column.
        head: The head; None is a `Regressor` for floating-point labels and a `Classifier` for others.

    Returns:
        The head, with the class names that the label defines.

    Raises:
        UsageError: `head` is not a head.
        SchemaError: The label is missing, or does not fit the head.
        ModelError: The model does not fit the head or the label.
    """
    features, labels = split_label(batch, label)
    column = Label(label, _find_type(labels))
    head = check_head(_choose_head(column) if head is None else head).for_label(column)
    outputs = _call(model, {name: _take_first(value) for name, value in features.items()})
    return agree(head, outputs, min(ROWS, len(labels)), column, labels)


def _find_type(labels: Tensor | Ragged) -> ColumnType:
    values = labels.values if isinstance(labels, Ragged) else labels
    dtype = str(values.dtype).removeprefix("torch.")
    return ColumnType(dtype, tuple(values.shape[1:]), ragged=isinstance(labels, Ragged))


def _choose_head(label: Label) -> Head:
    return Regressor() if label.type.is_float else Classifier()


def _call(model: nn.Module, features: Features) -> Tensor:
    device = find_device(model)
    moved = {name: _move(value, device) for name, value in features.items()}
    devices = [device] if device.type == "cuda" else []
    with temporary_mode(model, training=False), torch.random.fork_rng(devices=devices), torch.enable_grad():
        return call_model(model, moved).cpu()


def _move(value: Tensor | Ragged, device: torch.device) -> Tensor | Ragged:
    return Ragged(*(each.to(device) for each in value)) if isinstance(value, Ragged) else value.to(device)


def _take_first(value: Tensor | Ragged) -> Tensor | Ragged:
    if not isinstance(value, Ragged):
        return value[:ROWS]
    splits = value.row_splits[: ROWS + 1]
    return Ragged(value.values[: int(splits[-1])], splits)

"""The check that head, label and network agree, on the first rows of the validation data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from headrace.columns import ColumnType, Ragged, name_tensors
from headrace.heads import Classifier, Head, Label, Regressor, agree, check_head, check_names
from headrace.nn import temporary_mode
from headrace.training.model_inputs import Features, call_model, split_label
from headrace.training.predict import find_device
from headrace.transform import Transform

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = ["check_agreement"]

ROWS = 8  # enough for a shape; labels are checked in the whole batch


def check_agreement(
    model: nn.Module, batch: Features, label: str, head: Head | None, datasets: Sequence[Dataset] = ()
) -> Head:
    """Check that a model and a label fit the head that will be exported.

    Args:
        model: Called on a few rows, in evaluation mode; its modes and torch's random state are restored.
        batch: A batch with the label.
        label: The label column.
        head: The head; None is a `Regressor` for floating-point labels and a `Classifier` for others.
        datasets: The datasets that are trained and evaluated on; if a transform computes their rows, the
            names of the head are checked against the words that the numbers of the label stand for.

    Returns:
        The head, with the class names that the label defines.

    Raises:
        UsageError: `head` is not a head.
        SchemaError: The label is missing, or does not fit the head.
        ModelError: The model does not fit the head or the label.
    """
    features, labels = split_label(batch, label)
    column = _trace_label(Label(label, _find_type(labels)), datasets)
    named = head is not None
    head = check_head(_choose_head(column) if head is None else head)
    head.for_label(column)  # before the model is called, whose errors are less clear
    _check_file_names(head if named else None, features, datasets)
    outputs = _call(model, {name: _take_first(value) for name, value in features.items()})
    return agree(head, outputs, min(ROWS, len(labels)), column, labels)


def _trace_label(column: Label, datasets: Sequence[Dataset]) -> Label:
    """Add what the transforms of the datasets know of the label."""
    for transform in (dataset.mapped_by for dataset in datasets):
        if not isinstance(transform, Transform):
            continue
        traced = Label.from_transform(transform, column.name)
        if column.is_traced and column.words != traced.words:
            what = "the training and the validation data number their classes differently"
            raise traced.error(what, "transform both with the same transform")
        column = replace(traced, type=column.type)
    return column


def _check_file_names(head: Head | None, features: Features, datasets: Sequence[Dataset]) -> None:
    """Check that the names of columns and outputs can stand in one ONNX file."""
    for transform in (dataset.mapped_by for dataset in datasets):
        if isinstance(transform, Transform) and features.keys() <= transform.output_types.keys():
            served = transform.select(features)
            if head is None:
                name_tensors({name: type_.ragged for name, type_ in served.input_types.items()})
            else:
                check_names(head, served)


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

"""The check that head, label and network agree, on the first rows of the validation data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from headrace.columns import Ragged, name_tensors
from headrace.errors import UsageError
from headrace.heads import Head, Label, SeveralHeads, agree, check_head, check_names, infer_head
from headrace.nn import temporary_mode
from headrace.training.loop.evaluation import find_device
from headrace.training.model_inputs import Features, call_model
from headrace.training.tasks import Targets
from headrace.transform import Transform

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = ["check_agreement", "create_lazy_parameters", "find_agreement"]

ROWS = 8  # enough for a shape; labels are checked in the whole batch


def check_agreement(
    model: nn.Module,
    batch: Features,
    label: str | Mapping[str, str],
    head: Head | Mapping[str, Head] | None,
    datasets: Sequence[Dataset] = (),
) -> Head:
    """Check that a model and a label fit the head that will be exported.

    Args:
        model: Called on a few rows, in evaluation mode; its modes and torch's random state are restored.
        batch: A batch with the label.
        label: The label column; or output of the model to label column.
        head: The head; None is a `Regressor` for floating-point labels and a `Classifier` for others. Of
            several outputs a dict.
        datasets: The datasets that are trained and evaluated on; if a transform computes their rows, the
            names of the head are checked against the words that the numbers of the label stand for.

    Returns:
        The head, with the class names that the label defines.

    Raises:
        UsageError: `head` is not a head.
        SchemaError: The label is missing, or does not fit the head.
        ModelError: The model does not fit the head or the label.
    """
    return find_agreement(model, batch, Targets(label), head, datasets)[0]


def find_agreement(
    model: nn.Module, batch: Features, targets: Targets, head: Any, datasets: Sequence[Dataset]
) -> tuple[Head, Any]:
    """Check like `check_agreement`; return the head, and the outputs of the model for a few rows."""
    features, labels, _ = targets.split(batch)
    described = targets.describe(labels)
    if isinstance(described, Label):
        column = _trace_label(described, datasets)
    else:
        column = {key: _trace_label(each, datasets) for key, each in described.items()}
    named = head is not None
    head = check_head(infer_head(column) if head is None else head)
    _check_keys(head, targets)
    head.for_label(column)  # before the model is called, whose errors are less clear
    _check_file_names(head if named else None, features, datasets)
    outputs = _call(model, {name: _take_first(value) for name, value in features.items()})
    return agree(head, outputs, min(ROWS, targets.count_rows(labels)), column, labels), outputs


def create_lazy_parameters(model: nn.Module, batch: Features, targets: Targets) -> None:
    """Give the parameters of lazy layers, such as `nn.LazyLinear`, their shapes, by a call on a few rows.

    Raises:
        SchemaError: The label is missing.
        ModelError: The model fails on the rows.
    """
    if any(map(is_lazy, (*model.parameters(), *model.buffers()))):
        features = targets.split(batch).features
        _call(model, {name: _take_first(value) for name, value in features.items()})


def _check_keys(head: Head, targets: Targets) -> None:
    """Check that there is a head for each label.

    Raises:
        UsageError: One of both is a dict, or they have other keys.
    """
    heads = set(head.heads) if isinstance(head, SeveralHeads) else None
    labels = None if isinstance(targets.label, str) else set(targets.label)
    if heads == labels:
        return
    if heads is None or labels is None:
        one, other = ("head", "label") if labels is None else ("label", "head")
        what = f"{one} is a dict by output of the model, but {other} is not"
        raise UsageError(what, hint=f"pass {other} as a dict with the same keys")
    key = min(heads ^ labels)
    one, other = ("head", "label") if key in heads else ("label", "head")
    raise UsageError(f"{one} has the output '{key}', but {other} does not", hint="give both the same keys")


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


def _call(model: nn.Module, features: Features) -> Any:
    device = find_device(model)
    moved = {name: _move(value, device) for name, value in features.items()}
    devices = [device] if device.type == "cuda" else []
    with temporary_mode(model, training=False), torch.random.fork_rng(devices=devices), torch.enable_grad():
        outputs = call_model(model, moved)
    if isinstance(outputs, Mapping):
        return {name: value.cpu() for name, value in outputs.items()}
    return outputs.cpu()


def _move(value: Any, device: torch.device) -> Any:
    return Ragged(*(each.to(device) for each in value)) if isinstance(value, Ragged) else value.to(device)


def _take_first(value: Any) -> Any:
    if not isinstance(value, Ragged):
        return value[:ROWS]
    splits = value.row_splits[: ROWS + 1]
    return Ragged(value.values[: int(splits[-1])], splits)

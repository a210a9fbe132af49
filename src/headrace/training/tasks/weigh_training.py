"""The weights of classes and rows, from one pass over the labels of the training data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from headrace.errors import SchemaError, UsageError
from headrace.suggestions import suggest
from headrace.training.tasks.classification import Classification
from headrace.training.tasks.multi_label import MultiLabel
from headrace.training.tasks.several import Several
from headrace.training.tasks.targets import Targets
from headrace.training.tasks.task import Task

if TYPE_CHECKING:
    from headrace.data import Dataset
    from headrace.training.label_options import ClassWeight

__all__ = ["weigh_training"]

_ROWS = 4096  # of a batch


def weigh_training(
    task: Task, targets: Targets, train: Dataset, class_weight: ClassWeight | None, outputs: Any
) -> tuple[Task, Targets]:
    """Return the task with the weights of its classes, and the targets with the mean weight of the rows.

    Args:
        task: The task.
        targets: The columns of labels and weights.
        train: The training data; read once if the weights depend on it.
        class_weight: See `Options`.
        outputs: What the network returns for some rows.

    Raises:
        UsageError: A class is not known, or the weights of all rows are 0.
        SchemaError: The weight of a row is missing, negative or not a number.
    """
    counts = _Counts(task, outputs) if class_weight == "balanced" else None
    if counts is None and targets.sample_weight is None:
        return _weigh(task, class_weight, None, outputs), targets
    total, rows = 0.0, 0
    for batch in train.as_supervised(None).select(list(targets.columns)).batch(_ROWS).to_torch():
        labels = targets.read_labels(batch)
        weights = targets.read_weights(batch)
        if weights is not None:
            _check_weights(weights, rows, targets)
            total += float(weights.double().sum())
            rows += len(weights)
        if counts is not None:
            counts.add(labels)
    if targets.sample_weight is not None:
        if not total:
            raise UsageError(
                f"sample_weight: every weight in '{targets.sample_weight}' is 0",
                hint="give some rows a weight above 0",
            )
        targets = replace(targets, mean_weight=total / rows)
    return _weigh(task, class_weight, counts, outputs), targets


class _Counts:
    """The rows of each class, of each output."""

    def __init__(self, task: Task, outputs: Any) -> None:
        self._task, self._outputs = task, outputs
        self.rows = 0
        self.found = dict[str, Tensor]()

    def add(self, labels: Any) -> None:
        """Count the labels of a batch."""
        for key, task, own, outputs in _list_parts(self._task, labels, self._outputs):
            if isinstance(task, Classification | MultiLabel):
                counted = _count(task, own, outputs)
                self.found[key] = self.found.get(key, torch.zeros(len(counted))) + counted
        self.rows += Targets.count_rows(labels)


def _list_parts(task: Task, labels: Any, outputs: Any) -> list[tuple[str, Task, Any, Any]]:
    if not isinstance(task, Several):
        return [("", task, labels, outputs)]
    return [
        (key, each, None if labels is None else labels[key], outputs[key]) for key, each in task.tasks.items()
    ]


def _count(task: Task, labels: Any, outputs: Tensor) -> Tensor:
    """Sum the rows of each class, float64 [classes]."""
    rows = Targets.count_rows(labels)
    width = outputs.shape[1] if outputs.ndim > 1 else 1
    read = task.read_labels(torch.zeros(rows, width), labels)
    if read.ndim == 2:
        return read.double().sum(dim=0)
    count = max(2, width)
    valid = read[(read >= 0) & (read < count)]  # others are reported by the loss, with their batch
    return torch.bincount(valid, minlength=count).double()


def _weigh(task: Task, given: ClassWeight | None, counts: _Counts | None, outputs: Any) -> Task:
    if given is None:
        return task
    if isinstance(task, Several):
        parts = {
            key: _weigh_part(key, each, given, counts, outputs[key])
            if isinstance(each, Classification | MultiLabel)
            else each
            for key, each in task.tasks.items()
        }
        if not isinstance(given, str):
            _check_keys(given, list(parts))
        return replace(task, tasks=parts)
    return _weigh_part("", task, given, counts, outputs)


def _weigh_part(key: str, task: Any, given: ClassWeight, counts: _Counts | None, outputs: Tensor) -> Task:
    width = outputs.shape[1] if outputs.ndim > 1 else 1
    count = width if isinstance(task, MultiLabel) else max(2, width)
    if key and isinstance(given, Mapping):
        given = given.get(key, {})  # pyright: ignore[reportAssignmentType]
    if isinstance(given, Mapping):
        names = task.head.names or tuple(map(str, range(count)))
        return replace(task, class_weights=_read_weights(given, names))
    assert counts is not None
    found = counts.found[key]
    is_set = isinstance(task, MultiLabel)
    weights = (counts.rows - found) / found if is_set else counts.rows / (count * found)
    weights = torch.where((found > 0) & (weights > 0), weights, 1.0)
    return replace(task, class_weights=weights.float())


def _read_weights(given: Mapping[Any, float], names: Sequence[str]) -> Tensor:
    """Return the weight of each class; a class that is left out has 1."""
    weights = torch.ones(len(names))
    for key, weight in given.items():
        if str(key) in names:
            weights[names.index(str(key))] = weight
        elif str(key).isdigit() and int(key) < len(names):
            weights[int(key)] = weight
        else:
            raise UsageError(f"class_weight: unknown class {key!r}", hint=suggest(str(key), names))
    return weights


def _check_keys(given: Mapping[Any, Any], known: Sequence[str]) -> None:
    for key in given:
        if key not in known:
            hint = f"{suggest(str(key), known)}; pass output to class to weight"
            raise UsageError(f"class_weight: unknown output {key!r}", hint=hint)


def _check_weights(weights: Tensor, row: int, targets: Targets) -> None:
    wrong = ~(weights >= 0) | weights.isinf()
    if bool(wrong.any()):
        place = int(wrong.nonzero()[0, 0])
        found = f"{float(weights[place]):g} in row {row + place:,}"
        what = f"sample_weight: expected a weight of at least 0, got {found}"
        raise SchemaError(what, feature=targets.sample_weight, hint="fill in or drop these rows")

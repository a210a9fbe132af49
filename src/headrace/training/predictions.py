"""Predictions and metrics of a model over a whole dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from headrace.columns import Ragged
from headrace.errors import ModelError, UsageError
from headrace.heads import Head, check_head, infer_head
from headrace.nn import check_model, temporary_mode
from headrace.training.label_options import LabelScale, check_label_scale, check_metric_names
from headrace.training.model_inputs import call_model, find_not_finite, read_first_batch
from headrace.training.options import Options
from headrace.training.tasks import Split, Targets, Task, choose_task, count_labels

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = [
    "Predictions",
    "collect_outputs",
    "evaluate",
    "evaluate_task",
    "find_device",
    "predict",
    "predict_batches",
]


@dataclass(frozen=True)
class Predictions:
    """The outputs of a model over a dataset.

    Attributes:
        outputs: Float [N, ...], as the model returned them (for a classifier, logits); of a model that
            returns a dict, a dict.
        labels: [N], or None if no label column was named; lists of numbers of labels are vectors of 0 and 1.
            Of a model that returns a dict, a dict.
    """

    outputs: Any
    labels: Any

    @property
    def classes(self) -> NDArray[np.int64]:
        """The most likely class of each row, int64 [N]; with one logit per row, class 1 if it is above 0."""
        if self.outputs.ndim == 1 or self.outputs.shape[1] == 1:
            return (self.outputs.reshape(-1) > 0).astype(np.int64)
        return self.outputs.argmax(axis=1)

    @property
    def class_count(self) -> int:
        """The number of classes of a classifier."""
        return max(2, self.outputs.shape[1]) if self.outputs.ndim > 1 else 2


def find_device(model: nn.Module) -> torch.device:
    """Return the device of a model's weights; the CPU for a model without weights."""
    return next((weight.device for weight in model.parameters()), torch.device("cpu"))


def _iterate_outputs(
    model: nn.Module, dataset: Dataset, targets: Targets | None, batch_size: int
) -> Iterator[tuple[Split, Any]]:
    with temporary_mode(check_model(model), training=False):
        for batch in dataset.batch(batch_size).prefetch().to_torch(find_device(model)):
            split = Split(batch, None, None) if targets is None else targets.split(batch)
            with torch.inference_mode():  # around the loop, it would be active in the caller too
                outputs = call_model(model, split.features)
            yield split, outputs


def predict_batches(
    model: nn.Module, dataset: Dataset, *, label: str | None = None, batch_size: int = 256
) -> Iterator[Tensor]:
    """Yield the outputs of a model batch by batch, in the dataset's order; no dropout, no gradients.

    Args:
        model: Stays on its device; the modes of its layers are restored at the end.
        dataset: Transformed batches.
        label: A column to keep from the model.
        batch_size: Rows per call; the last batch may be smaller.
    """
    for _, outputs in _iterate_outputs(model, dataset, _make_targets(label), batch_size):
        yield outputs


def predict(
    model: nn.Module,
    dataset: Dataset,
    *,
    label: str | Mapping[str, str] | None = None,
    batch_size: int = 256,
    sample_weight: str | None = None,
) -> Predictions:
    """Collect all outputs of a model over a dataset, and the labels, in memory.

    Args:
        model: Stays on its device; the modes of its layers are restored at the end.
        dataset: Transformed batches.
        label: The label column; None for data without labels. Of a model that returns a dict, output to
            label column.
        batch_size: Rows per call.
        sample_weight: A column to keep from the model.

    Raises:
        UsageError: The dataset has no rows.
    """
    targets = _make_targets(label, sample_weight)
    pairs = [
        (_to_cpu(outputs), None if targets is None else _read_labels(outputs, split.labels))
        for split, outputs in _iterate_outputs(model, dataset, targets, batch_size)
    ]
    if not pairs:
        raise UsageError("the dataset has no rows", hint="check its source and filters")
    outputs = _to_numpy(_concatenate([each for each, _ in pairs]))
    labels = None if targets is None else _to_numpy(_concatenate([each for _, each in pairs]))
    return Predictions(outputs, labels)


def collect_outputs(model: nn.Module, dataset: Dataset, task: Task, targets: Targets) -> tuple[Any, Any]:
    """Collect the outputs of a model over a dataset, and the labels as `Task.read_labels` returns them."""
    parts = [
        (_to_cpu(found), _to_cpu(task.read_labels(found, split.labels)))
        for split, found in _iterate_outputs(model, dataset, targets, 256)
    ]
    return _concatenate([each for each, _ in parts]), _concatenate([each for _, each in parts])


def _make_targets(label: str | Mapping[str, str] | None, sample_weight: str | None = None) -> Targets | None:
    return None if label is None else Targets(label, sample_weight).check()


def _read_labels(outputs: Any, labels: Any) -> Any:
    if isinstance(labels, Mapping):
        return {key: _read_labels(outputs[key], each) for key, each in labels.items()}
    return count_labels(labels, outputs).cpu() if isinstance(labels, Ragged) else labels.cpu()


def _to_numpy(value: Any) -> Any:
    return {key: each.numpy() for key, each in value.items()} if isinstance(value, Mapping) else value.numpy()


def evaluate(
    model: nn.Module,
    dataset: Dataset,
    *,
    label: str | Mapping[str, str],
    batch_size: int = 256,
    label_scale: LabelScale = 1.0,
    head: Head | Mapping[str, Head] | None = None,
    metrics: Sequence[str] = (),
    sample_weight: str | None = None,
) -> dict[str, float]:
    """Compute the metrics of a model over a dataset, over all rows at once.

    Args:
        model: Stays on its device; the modes of its layers are restored at the end.
        dataset: Transformed batches, with the label.
        label: The label column; of a model that returns a dict, output to label column.
        batch_size: Rows per call.
        label_scale: Regression: errors are divided by this before they are squared in the loss.
        head: The head, such as `FitResult.head`; a threshold and a temperature in it count. None is a
            `Regressor` for floating-point labels and a `Classifier` for others.
        metrics: Names of further metrics, such as "auc", "f1" or "mae"; see `docs/tasks.md`.
        sample_weight: A column to keep from the model; metrics are not weighted.

    Returns:
        `loss`, and `accuracy` (0 to 1), `rmse` (in the label's units) or `pinball`, and each of `metrics`.

    Raises:
        UsageError: The dataset has no rows, or a metric is unknown or not defined for its labels.
        SchemaError: The label column is missing.
        ModelError: The outputs do not fit the label, or a label or feature is not finite.
    """
    options = Options(label_scale=check_label_scale(label_scale), metrics=check_metric_names(metrics))
    targets = Targets(label, sample_weight).check()
    labels = targets.split(read_first_batch(dataset, "dataset")).labels
    task = choose_task(
        check_head(infer_head(targets.describe(labels)) if head is None else head), labels, options
    )
    return evaluate_task(model, dataset, task, targets, batch_size)


def evaluate_task(
    model: nn.Module, dataset: Dataset, task: Task, targets: Targets, batch_size: int = 256
) -> dict[str, float]:
    """Compute the metrics of a task over a dataset, see `evaluate`."""
    task = task.for_validation()
    total, rows = 0.0, 0
    outputs, labels = list[Any](), list[Any]()
    for number, (split, found) in enumerate(_iterate_outputs(model, dataset, targets, batch_size), 1):
        read = task.read_labels(found, split.labels)
        loss = float(task.compute_loss(found, read))
        if not isfinite(loss):
            cause = find_not_finite(split._replace(weights=None), targets)
            what = f"the loss is not finite in batch {number}" + (f": {cause}" if cause else "")
            raise ModelError(what, hint="fill in missing values, or drop these rows")
        total += loss * task.count_rows(read)
        rows += task.count_rows(read)
        outputs.append(_to_cpu(found))
        labels.append(_to_cpu(read))
    if not rows:
        raise UsageError("the dataset has no rows", hint="check its source and filters")
    return {"loss": total / rows, **task.measure(_concatenate(outputs), _concatenate(labels))}


def _to_cpu(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: each.cpu() for name, each in value.items()}
    return value.cpu()


def _concatenate(parts: Sequence[Any]) -> Any:
    """Join the tensors of all batches; floats become float32, also from bfloat16."""
    if isinstance(parts[0], Mapping):
        return {name: _concatenate([part[name] for part in parts]) for name in parts[0]}
    joined = torch.cat(list(parts))
    return joined.float() if joined.dtype in (torch.bfloat16, torch.float16) else joined

"""Predictions and metrics of a model over a whole dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from headrace.columns import Ragged
from headrace.errors import UsageError
from headrace.heads import Head, check_head, infer_head
from headrace.training.label_options import LabelScale, check_label_scale, check_metric_names
from headrace.training.loop.evaluation import concatenate, evaluate_task, iterate_outputs, move_to_cpu
from headrace.training.model_inputs import read_first_batch
from headrace.training.options import Options
from headrace.training.string_labels import number_labels
from headrace.training.tasks import Targets, choose_task, count_labels

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = [
    "Predictions",
    "evaluate",
    "measure_predictions",
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


def predict_batches(
    model: nn.Module, dataset: Dataset, *, label: str | None = None, batch_size: int | None = None
) -> Iterator[Tensor]:
    """Yield the outputs of a model batch by batch, in the dataset's order; no dropout, no gradients.

    Args:
        model: Stays on its device; the modes of its layers are restored at the end.
        dataset: Transformed batches.
        label: A column to keep from the model.
        batch_size: Rows per call; the last batch may be smaller. None is 64 images on a CPU, and else 256.
    """
    for _, outputs in iterate_outputs(model, dataset, _make_targets(label), batch_size):
        yield outputs


def predict(
    model: nn.Module,
    dataset: Dataset,
    *,
    label: str | Mapping[str, str] | None = None,
    batch_size: int | None = None,
    sample_weight: str | None = None,
) -> Predictions:
    """Collect all outputs of a model over a dataset, and the labels, in memory.

    Args:
        model: Stays on its device; the modes of its layers are restored at the end.
        dataset: Transformed batches.
        label: The label column; None for data without labels. Of a model that returns a dict, output to
            label column.
        batch_size: Rows per call; None is 64 images on a CPU, and else 256.
        sample_weight: A column to keep from the model.

    Raises:
        UsageError: The dataset has no rows.
    """
    targets = _make_targets(label, sample_weight)
    pairs = [
        (move_to_cpu(outputs), None if targets is None else _read_labels(outputs, split.labels))
        for split, outputs in iterate_outputs(model, dataset, targets, batch_size)
    ]
    if not pairs:
        raise UsageError("the dataset has no rows", hint="check its source and filters")
    outputs = _to_numpy(concatenate([each for each, _ in pairs]))
    labels = None if targets is None else _to_numpy(concatenate([each for _, each in pairs]))
    return Predictions(outputs, labels)


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
    batch_size: int | None = None,
    label_scale: LabelScale = 1.0,
    head: Head | Mapping[str, Head] | None = None,
    metrics: Sequence[str] = (),
    sample_weight: str | None = None,
) -> dict[str, float]:
    """Compute the metrics of a model over a dataset, over all rows at once.

    Args:
        model: Stays on its device; the modes of its layers are restored at the end.
        dataset: Transformed batches, with the label.
        label: The label column; of a model that returns a dict, output to label column. Strings are numbered
            by the class names of the head.
        batch_size: Rows per call; None is 64 images on a CPU, and else 256.
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
    dataset = number_labels(dataset, targets, head)
    labels = targets.split(read_first_batch(dataset, "dataset")).labels
    task = choose_task(
        check_head(infer_head(targets.describe(labels)) if head is None else head), labels, options
    )
    return evaluate_task(model, dataset, task, targets, batch_size)


def measure_predictions(
    predictions: Predictions,
    head: Head | Mapping[str, Head],
    *,
    label_scale: LabelScale = 1.0,
    metrics: Sequence[str] = (),
) -> dict[str, float]:
    """Compute the metrics of `evaluate` from the outputs and labels of `predict`.

    Args:
        predictions: Outputs and labels.
        head: The head, as for `evaluate`.
        label_scale: As for `evaluate`.
        metrics: As for `evaluate`.

    Returns:
        What `evaluate` returns; a loss that is not finite is not an error here.

    Raises:
        UsageError: The predictions lack labels, or a metric is unknown or not defined for them.
        ModelError: The outputs do not fit the labels.
    """
    if predictions.labels is None:
        raise UsageError("the predictions have no labels", hint="pass label= to predict")
    outputs, labels = _to_tensors(predictions.outputs), _to_tensors(predictions.labels)
    options = Options(label_scale=check_label_scale(label_scale), metrics=check_metric_names(metrics))
    task = choose_task(check_head(head), labels, options).for_validation()
    read = task.read_labels(outputs, labels)
    return {"loss": float(task.compute_loss(outputs, read)), **task.measure(outputs, read)}


def _to_tensors(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: torch.from_numpy(each) for key, each in value.items()}
    return torch.from_numpy(value)

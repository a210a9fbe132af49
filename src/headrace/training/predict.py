"""Predictions and metrics of a model over a whole dataset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from headrace.arguments import check_number
from headrace.errors import ModelError, UsageError
from headrace.nn import check_model, temporary_mode
from headrace.training.model_inputs import Features, call_model, find_not_finite, split_label
from headrace.training.task import Task, infer_task

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = ["Predictions", "evaluate", "find_device", "predict", "predict_batches"]


@dataclass(frozen=True)
class Predictions:
    """The outputs of a model over a dataset.

    Attributes:
        outputs: Float [N, ...], as the model returned them (for a classifier, logits).
        labels: [N], or None if no label column was named.
    """

    outputs: NDArray[np.floating]
    labels: NDArray[Any] | None

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
    model: nn.Module, dataset: Dataset, label: str | None, batch_size: int
) -> Iterator[tuple[Features, Tensor, Tensor | None]]:
    with temporary_mode(check_model(model), training=False):
        for batch in dataset.batch(batch_size).prefetch().to_torch(find_device(model)):
            features, labels = (batch, None) if label is None else split_label(batch, label)
            with torch.inference_mode():  # around the loop, it would be active in the caller too
                outputs = call_model(model, features)
            yield features, outputs, labels


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
    for _, outputs, _ in _iterate_outputs(model, dataset, label, batch_size):
        yield outputs


def predict(
    model: nn.Module, dataset: Dataset, *, label: str | None = None, batch_size: int = 256
) -> Predictions:
    """Collect all outputs of a model over a dataset, and the labels, in memory.

    Args:
        model: Stays on its device; the modes of its layers are restored at the end.
        dataset: Transformed batches.
        label: The label column; None for data without labels.
        batch_size: Rows per call.

    Raises:
        UsageError: The dataset has no rows.
    """
    pairs = [(outputs, labels) for _, outputs, labels in _iterate_outputs(model, dataset, label, batch_size)]
    if not pairs:
        raise UsageError("the dataset has no rows", hint="check its source and filters")
    outputs = torch.cat([outputs.float().cpu() for outputs, _ in pairs]).numpy()
    labels = [labels.cpu() for _, labels in pairs if labels is not None]
    return Predictions(outputs, torch.cat(labels).numpy() if labels else None)


def evaluate(
    model: nn.Module,
    dataset: Dataset,
    *,
    label: str,
    batch_size: int = 256,
    label_scale: float = 1.0,
) -> dict[str, float]:
    """Compute the metrics of a model over a dataset.

    Args:
        model: Stays on its device; the modes of its layers are restored at the end.
        dataset: Transformed batches, with the label.
        label: The label column; integers mean classification, floats regression.
        batch_size: Rows per call.
        label_scale: Regression: errors are divided by this before they are squared in the loss.

    Returns:
        `loss`, and `accuracy` (0 to 1) or `rmse` (in the label's units).

    Raises:
        UsageError: The dataset has no rows.
        SchemaError: The label column is missing.
        ModelError: The outputs do not fit the label, or a label or feature is not finite.
    """
    scale = check_number(label_scale, "label_scale", above=0)
    task: Task | None = None
    sums: Tensor | float = 0.0
    batches = _iterate_outputs(model, dataset, label, batch_size)
    for number, (features, outputs, labels) in enumerate(batches, 1):
        assert labels is not None
        task = task or infer_task(labels, scale=scale)
        loss = task.compute_loss(outputs, labels)
        if not bool(torch.isfinite(loss)) and (cause := find_not_finite(features, labels, label)):
            what = f"the loss is not finite in batch {number}: {cause}"
            raise ModelError(what, hint="fill in missing values, or drop these rows")
        sums = sums + task.compute_sums(outputs, labels, loss).cpu().double()
    if task is None or not isinstance(sums, Tensor):
        raise UsageError("the dataset has no rows", hint="check its source and filters")
    return task.compute_metrics(sums.tolist())

"""A model over a whole dataset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from headrace.errors import UsageError
from headrace.training.model_inputs import call, split_label
from headrace.training.task import Task, task_of

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = ["Predictions", "evaluate", "predict", "predict_batches"]


@dataclass(frozen=True)
class Predictions:
    """A model's outputs over a dataset.

    Attributes:
        outputs: Float [N, ...], as the model gave them (logits, for a classifier).
        labels: [N], or None if no label was named.
    """

    outputs: NDArray[np.floating]
    labels: NDArray[Any] | None

    @property
    def classes(self) -> NDArray[np.int64]:
        """The likeliest class of each row, int64 [N]."""
        return self.outputs.argmax(axis=1)


def device_of(model: nn.Module) -> torch.device:
    """Where a model's weights are; the CPU for a model without any."""
    return next((weight.device for weight in model.parameters()), torch.device("cpu"))


def _outputs(
    model: nn.Module, dataset: Dataset, label: str | None, batch_size: int
) -> Iterator[tuple[Tensor, Tensor | None]]:
    was_training = model.training
    model.eval()
    try:
        for batch in dataset.batch(batch_size).to_torch(device_of(model)):
            features, labels = (batch, None) if label is None else split_label(batch, label)
            with torch.inference_mode():  # not around the loop: it would reach the caller between two batches
                outputs = call(model, features)
            yield outputs, labels
    finally:
        model.train(was_training)


def predict_batches(
    model: nn.Module, dataset: Dataset, *, label: str | None = None, batch_size: int = 256
) -> Iterator[Tensor]:
    """The model's outputs, batch by batch, in the dataset's order; no dropout, no gradients.

    Args:
        model: Stays on its device; its mode is given back at the end.
        dataset: Transformed batches.
        label: A column the model must not see.
        batch_size: Rows a call; the last batch may be smaller.
    """
    for outputs, _ in _outputs(model, dataset, label, batch_size):
        yield outputs


def predict(
    model: nn.Module, dataset: Dataset, *, label: str | None = None, batch_size: int = 256
) -> Predictions:
    """All outputs of a model over a dataset, and the labels, in memory."""
    pairs = list(_outputs(model, dataset, label, batch_size))
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
    """A model's metrics over a dataset.

    Args:
        model: As `predict_batches`.
        dataset: Transformed batches, the label among them.
        label: The label column; integers ask for classification, floats for regression.
        batch_size: Rows a call.
        label_scale: What one unit of the loss is, in the label's units; regression only.

    Returns:
        `loss`, and `accuracy` (0 to 1) or `rmse` (in the label's units).

    Raises:
        UsageError: The dataset has no rows.
        SchemaError: No such label.
        ModelError: The outputs do not fit the label.
    """
    task: Task | None = None
    sums: Tensor | float = 0.0
    for outputs, labels in _outputs(model, dataset, label, batch_size):
        assert labels is not None
        task = task or task_of(labels, scale=label_scale)
        sums = sums + task.sums(outputs, labels, task.loss(outputs, labels)).cpu().double()
    if task is None or not isinstance(sums, Tensor):
        raise UsageError("the dataset has no rows", hint="check its source and filters")
    return task.metrics(sums.tolist())

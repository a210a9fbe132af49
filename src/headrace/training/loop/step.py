"""One step of a training: the loss of a batch, its gradients, and the update of the weights."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from headrace.errors import ModelError
from headrace.training.loop.auxiliary import AuxiliaryOutputs
from headrace.training.loop.device import use_precision
from headrace.training.model_inputs import call_model
from headrace.training.optimization import Schedule, WeightAverage, make_optimizer, update_weights
from headrace.training.options import Options
from headrace.training.tasks import Split, Targets, Task

__all__ = ["TrainingStep"]


class TrainingStep:
    """Trains a model on batches; every `options.accumulate` batches update the weights.

    Args:
        model: The model, on the device.
        task: Computes the loss.
        options: The options of the training.
        schedule: The learning rate.
        device: The device.

    Attributes:
        optimizer: Updates the weights.
        average: The average of the weights; None without `options.ema_decay`.
        is_pending: Whether gradients of earlier batches wait for an update.
    """

    def __init__(
        self, model: nn.Module, task: Task, options: Options, schedule: Schedule, device: torch.device
    ) -> None:
        self._model, self._task, self._options, self._schedule = model, task, options, schedule
        self._device = device
        self._is_mixed = options.mixed_precision != "no"
        self.optimizer = make_optimizer(model, options, device)
        self.average = None if options.ema_decay is None else WeightAverage(model, options.ema_decay)
        self._auxiliary = AuxiliaryOutputs(model)
        self._forward: Callable[..., Any] = torch.compile(model) if options.compile else model
        self._parameters = [each for group in self.optimizer.param_groups for each in group["params"]]
        self._rows = 0  # of the gradients that wait for an update

    @property
    def is_pending(self) -> bool:
        """See the class."""
        return self._rows > 0

    def close(self) -> None:
        """Leave the model without hooks and gradients."""
        self._auxiliary.close()
        self.optimizer.zero_grad()

    def run(self, batch: Split, update: int, *, is_last: bool) -> tuple[Any, Tensor]:
        """Train on a batch.

        Args:
            batch: The inputs of the model, the labels and the weights of the rows.
            update: Updates of the weights before this one.
            is_last: Whether the batch is the last before the weights are updated.

        Returns:
            The outputs and the loss, a scalar, without gradients.

        Raises:
            ModelError: The model fails on the batch.
        """
        outputs, loss, total = self._compute_loss(batch)
        rows = Targets.count_rows(batch.labels)
        if self._options.accumulate > 1:
            total = total * (rows / self._full_rows)
        _compute_gradients(total)
        self._rows += rows
        if is_last:
            self._update(update)
        return _detach(outputs), loss.detach()

    @property
    def _full_rows(self) -> int:
        return self._options.batch_size * self._options.accumulate

    def _compute_loss(self, batch: Split) -> tuple[Any, Tensor, Tensor]:
        """Return the outputs, their loss, and that loss with those of the auxiliary heads."""
        if self._is_mixed:
            with use_precision(self._device, self._options.mixed_precision):
                outputs = _to_float(call_model(self._forward, batch.features))
        else:
            outputs = call_model(self._forward, batch.features)
        _, labels, weights = batch
        loss = total = self._task.compute_loss(outputs, labels, weights)
        for weight, each in self._auxiliary.take():
            total = total + weight * self._task.compute_loss(each.float(), labels, weights)
        return outputs, loss, total

    def _update(self, update: int) -> None:
        options = self._options
        if options.accumulate > 1 and self._rows != self._full_rows:  # fewer at the end of an epoch
            gradients = [each.grad for each in self._parameters if each.grad is not None]
            if gradients:
                torch._foreach_mul_(  # pyright: ignore[reportPrivateUsage, reportPrivateImportUsage]
                    gradients, self._full_rows / self._rows
                )
        if options.max_grad_norm is not None:
            clip_grad_norm_(self._parameters, options.max_grad_norm)
        update_weights(self.optimizer, self._schedule.compute_factor(update))
        for parameter in self._parameters:  # `zero_grad` takes longer than the update of a small network
            parameter.grad = None
        self._rows = 0
        if self.average is not None:
            self.average.update(update + 1)

    @contextmanager
    def evaluation(self) -> Generator[None]:
        """Give the model the weights and the precision that are validated, inside a `with` block."""
        with self.saved_weights(), use_precision(self._device, self._options.mixed_precision):
            yield

    @contextmanager
    def saved_weights(self) -> Generator[None]:
        """Give the model the weights that are validated and saved, inside a `with` block."""
        if self.average is None:
            yield
            return
        with self.average.applied():
            yield


def _detach(outputs: Any) -> Any:
    if isinstance(outputs, Mapping):
        return {name: value.detach() for name, value in outputs.items()}
    return outputs.detach()


def _to_float(outputs: Any) -> Any:
    if isinstance(outputs, Mapping):
        return {name: value.float() for name, value in outputs.items()}
    return outputs.float()


def _compute_gradients(loss: Tensor) -> None:
    try:
        loss.backward()
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        what = f"the gradients cannot be computed: {' '.join(str(error).split())}"
        hint = "find the operation with torch.autograd.set_detect_anomaly(True)"
        raise ModelError(what, hint=hint) from error

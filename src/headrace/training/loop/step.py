"""One step of a training: the loss of a batch, its gradients, and the update of the weights."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from headrace.errors import ModelError
from headrace.training.loop.auxiliary import AuxiliaryOutputs
from headrace.training.loop.device import is_mixed, use_precision
from headrace.training.model_inputs import call_model
from headrace.training.optimization import Schedule, WeightAverage, WeightUpdate, make_optimizer
from headrace.training.options import Options
from headrace.training.ranks import ALONE, Ranks, Replica
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
        ranks: The ranks that train the model together.

    Attributes:
        optimizer: Updates the weights.
        average: The average of the weights; None without `options.ema_decay`.
        is_pending: Whether gradients of earlier batches wait for an update.
        flags: The flags of the last update, summed over the ranks; see `run`.
    """

    def __init__(
        self,
        model: nn.Module,
        task: Task,
        options: Options,
        schedule: Schedule,
        device: torch.device,
        ranks: Ranks = ALONE,
    ) -> None:
        self._model, self._task, self._options, self._schedule = model, task, options, schedule
        self._device = device
        self._is_mixed = is_mixed(device, options.mixed_precision)
        self.optimizer = make_optimizer(model, options, device)
        self.average = None if options.ema_decay is None else WeightAverage(model, options.ema_decay)
        self._auxiliary = AuxiliaryOutputs(model)
        self._forward: Callable[..., Any] = torch.compile(model) if options.compile else model
        self._weight_update = WeightUpdate(self.optimizer)
        self._ranks = ranks
        self._replica: Replica | None = None
        if ranks.are_many:
            overlaps = device.type != "cpu" and options.accumulate == 1
            self._replica = Replica(model, self._compute_outputs, ranks, device, overlaps=overlaps)
        self.flags: Sequence[float] = ()
        self._rows = self._own_rows = 0  # of the gradients that wait for an update; those of this rank

    @property
    def is_pending(self) -> bool:
        """See the class."""
        return self._rows > 0

    def close(self) -> None:
        """Leave the model without hooks and gradients."""
        self._replica = None
        self._auxiliary.close()
        self.optimizer.zero_grad()

    def run(
        self,
        batch: Split | None,
        update: int,
        *,
        is_last: bool,
        rows: int | None = None,
        is_full: bool = True,
        flags: Sequence[float] = (),
    ) -> tuple[Any, Tensor | None]:
        """Train on a batch; of several ranks on this rank's share, by the mean gradient over all rows.

        Args:
            batch: The inputs of the model, the labels and the weights of the rows; None without rows.
            update: Updates of the weights before this one.
            is_last: Whether the batch is the last before the weights are updated.
            rows: Rows of the batch on all ranks; None of a single one.
            is_full: Whether every rank has rows of the batch.
            flags: Small integers, which the ranks sum at an update.

        Returns:
            The outputs and the loss, a scalar, without gradients.

        Raises:
            ModelError: The model fails on the batch.
        """
        outputs, loss = None, None
        own = 0 if batch is None else Targets.count_rows(batch.labels)
        rows = own if rows is None else rows
        if batch is not None:
            outputs, loss, total = self._compute_loss(batch, is_full=is_full)
            whole = rows if self._options.accumulate == 1 else self._full_rows
            if own * self._ranks.count != whole:
                total = total * (own * self._ranks.count / whole)
            self._compute_gradients(total)
            outputs, loss = _detach(outputs), loss.detach()
        self._rows += rows
        self._own_rows += own
        if is_last:
            self.flags = flags
            if self._replica is not None:
                self.flags = self._replica.finish(self._own_rows / self._rows, flags)
            self._update(update)
        return outputs, loss

    @property
    def _full_rows(self) -> int:
        return self._options.batch_size * self._options.accumulate

    def _compute_outputs(self, features: Any) -> tuple[Any, list[tuple[float, Tensor]]]:
        """Return the outputs, and those of the auxiliary heads with their weights."""
        return call_model(self._forward, features), self._auxiliary.take()

    def _compute_loss(self, batch: Split, *, is_full: bool) -> tuple[Any, Tensor, Tensor]:
        """Return the outputs, their loss, and that loss with those of the auxiliary heads."""
        replica, features = self._replica, batch.features
        self._ranks.note("computes a step")
        with use_precision(self._device, self._options.mixed_precision):
            if replica is None:
                outputs, auxiliary = self._compute_outputs(features)
            else:
                outputs, auxiliary = replica.compute(features, is_full=is_full)
        outputs = _to_float(outputs) if self._is_mixed else outputs
        _, labels, weights = batch
        loss = total = self._task.compute_loss(outputs, labels, weights)
        for weight, each in auxiliary:
            total = total + weight * self._task.compute_loss(each.float(), labels, weights)
        return outputs, loss, total

    def _compute_gradients(self, loss: Tensor) -> None:
        replica = self._replica
        backward = loss.backward if replica is None else partial(replica.backward, loss)
        try:
            self._ranks.call(backward)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            what = f"the gradients cannot be computed: {' '.join(str(error).split())}"
            hint = "find the operation with torch.autograd.set_detect_anomaly(True)"
            raise ModelError(what, hint=hint) from error

    def _update(self, update: int) -> None:
        options = self._options
        if options.accumulate > 1 and self._rows != self._full_rows:  # fewer at the end of an epoch
            gradients = [each.grad for each in self._weight_update.parameters if each.grad is not None]
            if gradients:
                torch._foreach_mul_(  # pyright: ignore[reportPrivateUsage, reportPrivateImportUsage]
                    gradients, self._full_rows / self._rows
                )
        if options.max_grad_norm is not None:
            clip_grad_norm_(self._weight_update.parameters, options.max_grad_norm)
        self._weight_update.run(self._schedule.compute_factor(update))
        self._rows = self._own_rows = 0
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

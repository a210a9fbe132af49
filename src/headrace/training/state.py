"""The state of a training: model, optimizer, metric sums, position and files, advanced by `fit`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from math import ceil, isfinite
from time import monotonic
from typing import TYPE_CHECKING

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.tensorboard import SummaryWriter

from headrace.arguments import check_choice
from headrace.errors import ModelError, UsageError
from headrace.training import checkpoint
from headrace.training.augment_batch import augment_batch, batch_seed
from headrace.training.checkpoint import Progress
from headrace.training.identity import TrainingIdentity
from headrace.training.model_inputs import (
    Features,
    call_model,
    call_with_auxiliary_heads,
    find_not_finite,
)
from headrace.training.optimization import make_optimizer, one_cycle
from headrace.training.options import Options
from headrace.training.paths import TrainingPaths
from headrace.training.predict import find_device
from headrace.training.task import Task

if TYPE_CHECKING:
    from headrace.data import Dataset
    from headrace.data.torch import TorchIterator

__all__ = ["TrainingState", "is_finished"]

LOSS_POINTS = 500  # points of the loss curve that TensorBoard gets over a whole training


def is_finished(progress: Progress, options: Options) -> bool:
    """Return whether all epochs are done or patience has run out."""
    epochs_since_best = progress.epoch - progress.best_epoch
    out_of_patience = (
        options.patience is not None and progress.epoch > 0 and epochs_since_best >= options.patience
    )
    return out_of_patience or progress.epoch >= options.epochs


def _make_accelerator(device: str | None, mixed_precision: str) -> Accelerator:
    check_choice(mixed_precision, "mixed_precision", ("no", "bf16"))
    try:
        kind = None if device is None else torch.device(device).type
    except RuntimeError as error:
        raise UsageError(f"device '{device}' is unknown", hint="use 'cpu', 'cuda' or 'mps'") from error
    # Accelerate keeps its first configuration for the whole process; the next training may use another.
    AcceleratorState._reset_state(reset_partial_state=True)  # pyright: ignore[reportPrivateUsage]
    accelerator = Accelerator(cpu=device == "cpu", mixed_precision=mixed_precision)
    if accelerator.num_processes > 1:
        raise UsageError("training in several processes is not supported", hint="start one process")
    if kind is not None and kind != accelerator.device.type:
        raise UsageError(
            f"device '{device}' is not available", hint=f"use '{accelerator.device.type}' or None"
        )
    return accelerator


class TrainingState:
    """Everything that changes during a training: weights, optimizer, metric sums, position and files.

    Attributes:
        model: The model, moved to the device of the training in channels-last memory order.
        progress: The position.

    Raises:
        UsageError: The device, precision or optimizer is not available, or several processes train.
    """

    def __init__(
        self, model: nn.Module, task: Task, identity: TrainingIdentity, paths: TrainingPaths
    ) -> None:
        self.model, self.progress = model, Progress()
        self._task, self._identity, self._paths = task, identity, paths
        self._options = options = identity.options
        self._accelerator = _make_accelerator(options.device, options.mixed_precision)
        self._device: torch.device = self._accelerator.device
        model.to(self._device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self._optimizer: Optimizer
        optimizer = make_optimizer(model, options, self._device)
        forward, self._optimizer = self._accelerator.prepare(model, optimizer)
        self._forward: Callable[..., Tensor] = torch.compile(forward) if options.compile else forward
        has_float64 = self._device.type != "mps"
        self._sums = torch.zeros(
            task.sum_count, dtype=torch.float64, device=self._device if has_float64 else "cpu"
        )
        self._total_steps = options.epochs * ceil(identity.train_rows / options.batch_size)
        self._board: SummaryWriter | None = None
        self._data: TorchIterator | None = None
        self._batch: tuple[Features, Tensor] | None = None  # the last one, for errors
        self._saved_at = self._stepped_at = monotonic()

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return is_finished(self.progress, self._options)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        return one_cycle(self.progress.step, self._total_steps, self._options.learning_rate)

    @contextmanager
    def session(self) -> Generator[None]:
        """Seed torch, restore the checkpoint if there is one, and clean up at the end.

        Afterwards torch's random generators, the model's device and its forward method are as before.
        """
        original_device = find_device(self.model)
        cuda = [torch.cuda.current_device()] if self._device.type == "cuda" else []
        with torch.random.fork_rng(devices=cuda):
            torch.manual_seed(self._options.seed)
            if self._paths.state.exists():
                self.progress, _ = checkpoint.read_progress(self._paths.state)
                checkpoint.restore_checkpoint(self._paths.state, self.model, self._optimizer, self._sums)
            self._board = SummaryWriter(str(self._paths.tensorboard), purge_step=self.progress.step)
            try:
                yield
            finally:
                self._board.close()
                self._accelerator.unwrap_model(self.model, keep_fp32_wrapper=False)
                self.model.to(original_device)

    def remaining_batches(self, train: Dataset) -> Iterator[Features]:
        """Yield the remaining batches of the current epoch, on the device; a thread prefetches them."""
        self._stepped_at = monotonic()
        size = self._options.batch_size
        rows = train.epoch(self.progress.epoch).batch(size).prefetch()
        is_pinned = self._device.type == "cuda"
        batches = iter(rows.to_torch(self._device, pin_memory=is_pinned, non_blocking=is_pinned))
        try:
            self._seek(batches)
            self._data = batches
            while True:
                requested_at = monotonic()
                batch = next(batches, None)
                self.progress.epoch_wait_seconds += monotonic() - requested_at
                if batch is None:
                    return
                yield batch
        finally:
            self._data = None
            batches.close()

    def _seek(self, batches: TorchIterator) -> None:
        """Move to the first batch that is not done."""
        if self.progress.data is not None:
            batches.load_state_dict(self.progress.data)
            return
        if self.progress.batches:
            raise UsageError(
                "an earlier version, which ordered rows differently, interrupted the training in mid-epoch",
                path=str(self._paths.state),
                hint="train again with fresh=True",
            )

    def step(self, features: Features, labels: Tensor) -> None:
        """Train on one batch."""
        options = self._options
        self._batch = features, labels
        if options.augment is not None:
            seed = batch_seed(options.seed, self.progress.epoch, self.progress.batches)
            features, labels = augment_batch(options.augment, features, labels, seed)
        for group in self._optimizer.param_groups:
            group["lr"] = self.learning_rate
        weight: float = getattr(self.model, "auxiliary_weight", 0.0)  # of heads that only help training
        if weight:
            outputs, *auxiliary = call_with_auxiliary_heads(self._forward, features)
        else:
            outputs, auxiliary = call_model(self._forward, features), []
        loss = self._task.compute_loss(outputs, labels)
        extra = sum(weight * self._task.compute_loss(each, labels) for each in auxiliary)
        self._accelerator.backward(loss + extra)
        if options.max_grad_norm is not None:
            self._accelerator.clip_grad_norm_(self.model.parameters(), options.max_grad_norm)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self._record_step(outputs.detach(), labels, loss.detach())

    def _record_step(self, outputs: Tensor, labels: Tensor, loss: Tensor) -> None:
        self._sums += self._task.compute_sums(outputs, labels, loss).to(self._sums)
        if self._board is not None and self.progress.step % max(1, self._total_steps // LOSS_POINTS) == 0:
            self._board.add_scalar("step/loss", loss.item(), self.progress.step)
            self._board.add_scalar("step/learning_rate", self.learning_rate, self.progress.step)
        now = monotonic()
        self.progress.epoch_seconds += now - self._stepped_at
        self._stepped_at = now
        self.progress.batches += 1
        self.progress.step += 1

    def compute_metrics(self) -> dict[str, float]:
        """Compute the training metrics of the current epoch so far.

        Raises:
            ModelError: The loss is not finite.
        """
        sums = self._sums.tolist()
        if not all(map(isfinite, sums)):
            what = f"the loss is not finite in epoch {self.progress.epoch + 1}, batch {self.progress.batches}"
            cause = find_not_finite(*self._batch, self._identity.label) if self._batch else None
            if cause is not None:
                raise ModelError(f"{what}: {cause}", hint="fill in missing values, or drop these rows")
            raise ModelError(what, hint="lower learning_rate, or set max_grad_norm=1.0")
        return self._task.compute_metrics(sums)

    def end_epoch(self, validation: dict[str, float]) -> dict[str, float]:
        """Add the epoch to the history and write its files.

        Returns:
            The epoch's row of the history.
        """
        progress, train = self.progress, self.compute_metrics()
        rows = int(self._sums[0].item())
        row = {
            "epoch": progress.epoch + 1,
            **{f"train_{name}": value for name, value in train.items()},
            **{f"validation_{name}": value for name, value in validation.items()},
            "learning_rate": self.learning_rate,
            "seconds": progress.epoch_seconds,
            "examples_per_second": rows / max(1e-9, progress.epoch_seconds),
            "data_wait": progress.epoch_wait_seconds / max(1e-9, progress.epoch_seconds),
        }
        is_best = not progress.best_epoch or self._improves(row, progress.history[progress.best_epoch - 1])
        self.progress = Progress(
            epoch=progress.epoch + 1,
            step=progress.step,
            rows=progress.rows + rows,
            seconds=progress.seconds + progress.epoch_seconds,
            wait_seconds=progress.wait_seconds + progress.epoch_wait_seconds,
            best_epoch=progress.epoch + 1 if is_best else progress.best_epoch,
            history=[*progress.history, row],
        )
        self._sums.zero_()
        self._write_epoch(row, is_best)
        return row

    def _improves(self, row: dict[str, float], best: dict[str, float]) -> bool:
        name = f"validation_{self._task.monitor}"
        return row[name] > best[name] if self._task.larger_is_better else row[name] < best[name]

    def _write_epoch(self, row: dict[str, float], is_best: bool) -> None:
        # The checkpoint goes last: a kill before it repeats the end of the epoch, with the same bits.
        if is_best:
            checkpoint.save_weights(self.model, self._paths.best)
        checkpoint.save_weights(self.model, self._paths.last)
        self._paths.write_history(self._identity.to_json(), self.progress.history)
        if self._board is not None:
            for name in row.keys() - {"epoch", "learning_rate", "seconds"}:
                self._board.add_scalar(f"epoch/{name}", row[name], self.progress.epoch)
        self._save_checkpoint()

    def save_if_due(self) -> None:
        """Write a checkpoint if the last one is `checkpoint_seconds` old."""
        interval = self._options.checkpoint_seconds
        if interval is not None and monotonic() - self._saved_at >= interval:
            self.compute_metrics()  # raises if the loss is not finite: such a state is not worth resuming
            self.progress.data = None if self._data is None else self._data.state_dict()
            self._save_checkpoint()

    def _save_checkpoint(self) -> None:
        checkpoint.save_checkpoint(
            self._paths.state,
            self.model,
            self._optimizer,
            self._sums,
            self.progress,
            self._identity.to_json(),
        )
        self._saved_at = self._stepped_at = monotonic()

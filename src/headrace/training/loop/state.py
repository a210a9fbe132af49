"""The state of a training: model, optimizer, metric sums, position and files, advanced by `fit`."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING

import torch
from torch import nn

from headrace.errors import ModelError, UsageError
from headrace.progress import Bar
from headrace.training import checkpoint
from headrace.training.checkpoint import Progress
from headrace.training.identity import TrainingIdentity
from headrace.training.loggers import call_loggers
from headrace.training.loggers.tensorboard import TensorBoardLogger
from headrace.training.loop.augment_batch import augment_batch, batch_seed
from headrace.training.loop.device import choose_device
from headrace.training.loop.metric_sums import MetricSums
from headrace.training.loop.step import TrainingStep
from headrace.training.loop.train_batches import TrainBatches, count_batches
from headrace.training.model_inputs import Features, find_not_finite
from headrace.training.optimization import Schedule, training_modes
from headrace.training.optimization_options import LENGTH_FREE
from headrace.training.options import Options
from headrace.training.paths import TrainingPaths
from headrace.training.predictions import find_device
from headrace.training.tasks import Split, Targets, Task

if TYPE_CHECKING:
    from headrace.data import Dataset
    from headrace.data.torch import TorchIterator

__all__ = ["TrainingState", "is_finished"]

_REPORT_SECONDS = 0.1
LOSS_POINTS = 200  # points of the loss curve that loggers get over a whole training


def is_finished(progress: Progress, options: Options) -> bool:
    """Return whether all epochs are done or patience has run out."""
    epochs_since_best = progress.epoch - progress.best_epoch
    out_of_patience = (
        options.patience is not None and progress.epoch > 0 and epochs_since_best >= options.patience
    )
    return out_of_patience or progress.epoch >= options.epochs


class TrainingState:
    """Everything that changes during a training: weights, optimizer, metric sums, position and files.

    Attributes:
        model: The model, moved to the device of the training in channels-last memory order.
        progress: The position.
        continued_after: Epochs of the training that this session continues, if their learning rates followed
            a shorter schedule; else None.

    Raises:
        UsageError: The device, precision or optimizer is not available, or several processes train.
    """

    def __init__(
        self,
        model: nn.Module,
        task: Task,
        targets: Targets,
        identity: TrainingIdentity,
        paths: TrainingPaths,
    ) -> None:
        self.model, self.progress = model, Progress()
        self.continued_after: int | None = None
        self._identity, self._paths, self._targets = identity, paths, targets
        self._options = options = identity.options
        self._original_device = find_device(model)
        self._device = choose_device(options.device)
        self._task = task.to(self._device)
        model.to(self._device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self._batches_per_epoch = count_batches(identity.train_rows, options.batch_size)
        self._schedule = Schedule(options, ceil(self._batches_per_epoch / options.accumulate))
        self._step = TrainingStep(model, self._task, options, self._schedule, self._device)
        self._sums = MetricSums(self._task)
        self._board: TensorBoardLogger | None = None
        self._data: TrainBatches | None = None
        self._untold_rows = 0  # that the progress bar does not show yet
        self._saved_at = self._stepped_at = self._told_at = monotonic()

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return is_finished(self.progress, self._options)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next update of the weights."""
        return self._schedule.compute_factor(self._updates) * self._options.learning_rate

    @property
    def _updates(self) -> int:
        """Updates of the weights so far."""
        progress, per_epoch = self.progress, self._schedule.updates_per_epoch
        is_ended = progress.batches >= self._batches_per_epoch
        in_epoch = per_epoch if is_ended else progress.batches // self._options.accumulate
        return progress.epoch * per_epoch + in_epoch

    @contextmanager
    def session(self) -> Generator[None]:
        """Seed torch, restore the checkpoint if there is one, and clean up at the end.

        Afterwards torch's random generators, the model's device and the modes of its layers are as before.
        """
        cuda = [torch.cuda.current_device()] if self._device.type == "cuda" else []
        with torch.random.fork_rng(devices=cuda), training_modes(self.model, self._options.freeze):
            torch.manual_seed(self._options.seed)
            if self._paths.state.exists():
                self._restore()
            self._board = TensorBoardLogger(self._paths.tensorboard, self.progress.step)
            try:
                yield
            finally:
                self._board.close()
                self._step.close()
                self.model.to(self._original_device)

    def _restore(self) -> None:
        options = self._options
        self.progress, settings = checkpoint.read_progress(self._paths.state)
        trained = self._collect()
        checkpoint.restore_checkpoint(self._paths.state, self.model, trained)
        self._sums.values = trained.sums.tolist()
        if settings["epochs"] < options.epochs and options.schedule not in LENGTH_FREE:
            self.continued_after = settings["epochs"]
            self.progress.lengths.append(settings["epochs"])

    def remaining_batches(self, train: Dataset) -> Iterator[Features]:
        """Yield the remaining batches of the current epoch, on the device; a thread prefetches them."""
        self._stepped_at = monotonic()
        rows, size = self._identity.train_rows, self._options.batch_size
        self._data = batches = TrainBatches(train.epoch(self.progress.epoch), rows, size, self._device)
        try:
            for batch in batches.iterate(self.progress.batches, self._seek):
                self.progress.epoch_wait_seconds += batches.wait_seconds
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

    def step(self, batch: Split) -> None:
        """Train on one batch."""
        options, progress = self._options, self.progress
        used = batch
        if options.augment is not None:
            seed = batch_seed(options.seed, progress.epoch, progress.batches)
            features, labels = augment_batch(options.augment, batch.features, batch.labels, seed)
            used = Split(features, labels, batch.weights)
        done = progress.batches + 1
        is_last = done % options.accumulate == 0 or done >= self._batches_per_epoch
        outputs, loss = self._step.run(used, self._updates, is_last=is_last)
        self._sums.add(done, batch, used.labels, outputs, loss)
        if progress.step % self._log_interval == 0:
            self._log({"step/loss": loss.item(), "step/learning_rate": self.learning_rate})
        now = monotonic()
        progress.epoch_seconds += now - self._stepped_at
        self._stepped_at = now
        self._untold_rows += Targets.count_rows(batch.labels)
        progress.batches += 1
        progress.step += 1

    @property
    def _log_interval(self) -> int:
        return max(1, self._options.epochs * self._batches_per_epoch // LOSS_POINTS)

    def _log(self, metrics: dict[str, float]) -> None:
        if self._board is not None:
            self._board.log(metrics, self.progress.step)
        call_loggers(self._options.logger, metrics, self.progress.step)

    def report(self, bar: Bar, *, now: bool = False) -> None:
        """Show the progress and the metrics, a few times a second only: both take longer than a step."""
        if not now and self._stepped_at - self._told_at < _REPORT_SECONDS:
            return
        shown = "  ".join(f"{name} {value:.4g}" for name, value in self.compute_metrics().items())
        title = f"epoch {self.progress.epoch + 1}/{self._options.epochs}"
        bar.advance(self._untold_rows, description=title, note=shown)
        self._untold_rows, self._told_at = 0, self._stepped_at

    def evaluation(self) -> AbstractContextManager[None]:
        """Return a context in which the model has the weights and the precision that are validated."""
        return self._step.evaluation()

    def compute_metrics(self) -> dict[str, float]:
        """Compute the training metrics of the current epoch so far.

        Raises:
            ModelError: The loss is not finite.
        """
        self._sums.flush()
        if self._sums.failure is not None:
            number, batch = self._sums.failure
            what = f"the loss is not finite in epoch {self.progress.epoch + 1}, batch {number}"
            cause = find_not_finite(batch, self._targets)
            if cause is not None:
                raise ModelError(f"{what}: {cause}", hint="fill in missing values, or drop these rows")
            raise ModelError(what, hint="lower learning_rate, or set max_grad_norm=1.0")
        return self._task.compute_metrics(self._sums.values)

    def end_epoch(self, validation: dict[str, float]) -> dict[str, float]:
        """Add the epoch to the history and write its files.

        Returns:
            The epoch's row of the history.
        """
        progress, train = self.progress, self.compute_metrics()
        rows = int(self._sums.values[0])
        row = {
            "epoch": progress.epoch + 1,
            **{f"train_{name}": value for name, value in train.items()},
            **{f"validation_{name}": value for name, value in validation.items()},
            "learning_rate": self.learning_rate,
            "seconds": progress.epoch_seconds,
            "examples_per_second": rows / max(1e-9, progress.epoch_seconds),
            "data_wait": progress.epoch_wait_seconds / max(1e-9, progress.epoch_seconds),
        }
        best = progress.history[progress.best_epoch - 1] if progress.best_epoch else None
        is_best = best is None or self._task.monitor.improves(row, best)
        self.progress = Progress(
            epoch=progress.epoch + 1,
            step=progress.step,
            rows=progress.rows + rows,
            seconds=progress.seconds + progress.epoch_seconds,
            wait_seconds=progress.wait_seconds + progress.epoch_wait_seconds,
            best_epoch=progress.epoch + 1 if is_best else progress.best_epoch,
            history=[*progress.history, row],
            lengths=progress.lengths,
        )
        self._sums.reset()
        self._write_epoch(row, is_best)
        return row

    def _write_epoch(self, row: dict[str, float], is_best: bool) -> None:
        # The checkpoint goes last: a kill before it repeats the end of the epoch, with the same bits.
        with self._step.saved_weights():
            if is_best:
                checkpoint.save_weights(self.model, self._paths.best)
            checkpoint.save_weights(self.model, self._paths.last)
        self._paths.write_history(self._identity.to_json(), self.progress.history)
        self._log({f"epoch/{name}": row[name] for name in row if name not in ("learning_rate", "seconds")})
        self._save_checkpoint()

    def save_if_due(self) -> None:
        """Write a checkpoint if the last one is `checkpoint_seconds` old and no gradients are pending."""
        interval = self._options.checkpoint_seconds
        if interval is None or self._step.is_pending or monotonic() - self._saved_at < interval:
            return
        self.compute_metrics()  # raises if the loss is not finite: such a state is not worth resuming
        self.progress.data = None if self._data is None else self._data.state_dict()
        self._save_checkpoint()

    def _collect(self) -> checkpoint.Trained:
        """Collect what a checkpoint holds beside the weights."""
        return checkpoint.Trained(self._step.optimizer, self._sums.to_tensor(), self._step.average)

    def _save_checkpoint(self) -> None:
        path, settings = self._paths.state, self._identity.to_json()
        checkpoint.save_checkpoint(path, self.model, self._collect(), self.progress, settings)
        self._saved_at = self._stepped_at = monotonic()

"""The state of a training: model, optimizer, metric sums, position and files, advanced by `fit`."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING

import torch
from torch import nn

from headrace.errors import UsageError
from headrace.progress import Bar
from headrace.random_order import derive_seed
from headrace.training import checkpoint
from headrace.training.checkpoint import Progress
from headrace.training.identity import TrainingIdentity
from headrace.training.loggers import call_loggers
from headrace.training.loggers.tensorboard import TensorBoardLogger
from headrace.training.loop.augment_batch import augment_split
from headrace.training.loop.check_finite import check_finite
from headrace.training.loop.device import choose_device
from headrace.training.loop.evaluation import find_device
from headrace.training.loop.finish_epoch import finish_epoch
from headrace.training.loop.metric_sums import MetricSums
from headrace.training.loop.rank_states import gather_rank_states, restore_rank_state, seed_rank
from headrace.training.loop.step import TrainingStep
from headrace.training.loop.step_profiler import open_profiler
from headrace.training.loop.train_batches import TrainBatches, count_batches
from headrace.training.model_inputs import Features
from headrace.training.optimization import Schedule, training_modes
from headrace.training.optimization_options import LENGTH_FREE
from headrace.training.options import Options
from headrace.training.paths import TrainingPaths
from headrace.training.ranks import ALONE, Ranks
from headrace.training.tasks import Targets, Task

if TYPE_CHECKING:
    from headrace.data import Dataset

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
        task: The task, on the device.
        progress: The position.
        continued_after: Epochs of the training that this session continues, if their learning rates followed
            a shorter schedule; else None.

    Raises:
        UsageError: The device, precision or optimizer is not available.
    """

    def __init__(
        self,
        model: nn.Module,
        task: Task,
        targets: Targets,
        identity: TrainingIdentity,
        paths: TrainingPaths,
        ranks: Ranks = ALONE,
    ) -> None:
        self._ranks = ranks
        self.model, self.progress = model, Progress()
        self.continued_after: int | None = None
        self._identity, self._paths, self._targets = identity, paths, targets
        self._options = options = identity.options
        self._original_device = find_device(model)
        self._device = choose_device(options.device, ranks)
        self.task = task.to(self._device)
        model.to(self._device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self._batches_per_epoch = count_batches(identity.train_rows, options.batch_size)
        self._schedule = Schedule(options, ceil(self._batches_per_epoch / options.accumulate))
        self._step = TrainingStep(model, self.task, options, self._schedule, self._device, ranks)
        self._sums = MetricSums(self.task)
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
            seed_rank(self._options.seed, self._ranks)
            if self._ranks.broadcast(self._paths.state.exists):
                self._restore()
            if self._ranks.is_first:
                self._board = TensorBoardLogger(self._paths.tensorboard, self.progress.step)
            try:
                yield
            finally:
                self._step.close()
                self.model.to(self._original_device)
                if self._board is not None:  # last: it raises if the disk is full
                    self._board.close()

    def _restore(self) -> None:
        options, path = self._options, self._paths.state
        data = self._ranks.broadcast_bytes(lambda: checkpoint.read_checkpoint(path))
        self.progress, settings = checkpoint.parse_progress(data, path)
        trained = self._collect()
        of_ranks = checkpoint.restore_checkpoint(path, self.model, trained, data)
        step = self.progress.step
        restore_rank_state(of_ranks, trained.sums, self._device, self._ranks, options.seed, step)
        self._sums.values = trained.sums.tolist()
        if settings["epochs"] < options.epochs and options.schedule not in LENGTH_FREE:
            self.continued_after = settings["epochs"]
            self.progress.lengths.append(settings["epochs"])

    def remaining_batches(self, train: Dataset) -> Iterator[Features]:
        """Yield the remaining batches of the current epoch, on the device; a thread prefetches them."""
        self._stepped_at = monotonic()
        rows, size = self._identity.train_rows, self._options.batch_size
        data = train.epoch(self.progress.epoch)
        profiler = None
        if self._ranks.is_first:
            profiler = open_profiler(self._options, self._batches_per_epoch, self.progress)
        self._check_position()
        self._data = batches = TrainBatches(data, rows, size, self._device, profiler, self._ranks)
        remaining = batches.iterate(self.progress.batches, self.progress.data)
        if profiler is not None:
            remaining = profiler.watch(remaining, self.progress.step)
        try:
            for batch in remaining:
                self.progress.epoch_wait_seconds += batches.wait_seconds
                yield batch
        finally:
            self._data = None
            batches.close()
        if profiler is not None and self._board is not None:
            profiler.save(self._paths.profile, self._board, self.progress.step)

    def _check_position(self) -> None:
        if self.progress.batches and self.progress.data is None:
            raise UsageError(
                "an earlier version, which ordered rows differently, interrupted the training in mid-epoch",
                path=str(self._paths.state),
                hint="train again with fresh=True",
            )

    def step(self, features: Features) -> None:
        """Train on one batch; of several ranks on a share of it, which may be empty."""
        options, progress = self._options, self.progress
        used = batch = self._targets.split(features) if features else None
        if options.augment is not None and batch is not None:
            seed = derive_seed(options.seed, progress.epoch, progress.batches, *self._ranks.seeds)
            used = augment_split(options.augment, batch, seed, progress.epoch)
        done = progress.batches + 1
        is_last = done % options.accumulate == 0 or done >= self._batches_per_epoch
        own = 0 if batch is None else Targets.count_rows(batch.labels)
        rows, is_full = (own, True) if self._data is None else self._data.count_rows(progress.batches, own)
        flags = [float(self._is_save_due()), float(self._sums.failure is not None)]
        outputs, loss = self._step.run(
            used, self._updates, is_last=is_last, rows=rows, is_full=is_full, flags=flags
        )
        if batch is not None and used is not None and loss is not None:
            self._sums.add(done, batch, used.labels, outputs, loss)
        if progress.step % self._log_interval == 0:
            (mean,) = self._ranks.sum([0.0 if loss is None else loss.item() * (own / rows)])
            self._log({"step/loss": mean, "step/learning_rate": self.learning_rate})
        now = monotonic()
        progress.epoch_seconds += now - self._stepped_at
        self._stepped_at = now
        self._untold_rows += rows
        progress.batches += 1
        progress.step += 1

    @property
    def _log_interval(self) -> int:
        return max(1, self._options.epochs * self._batches_per_epoch // LOSS_POINTS)

    def _log(self, metrics: dict[str, float]) -> None:
        if self._board is not None:
            self._board.log(metrics, self.progress.step)
        if self._ranks.is_first:
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
        """Compute the training metrics of the current epoch so far, of this rank; see `check`."""
        self._sums.flush()
        if not self._ranks.are_many:  # several check together, when all are here
            self.check()
        return self.task.compute_metrics(self._sums.values) if self._sums.values[0] else {}

    def end_epoch(self, validation: dict[str, float]) -> dict[str, float]:
        """Add the epoch to the history and write its files; of several ranks, the first one decides.

        Returns:
            The epoch's row of the history.
        """
        sums, rate = self._ranks.sum(self._sums.to_tensor().tolist()), self.learning_rate
        train, monitor = self.task.compute_metrics(sums), self.task.monitor
        done = finish_epoch(self.progress, train, validation, rate, int(sums[0]), monitor)
        self.progress = Progress(**self._ranks.broadcast(lambda: asdict(done)))
        self._sums.reset()
        row = self.progress.history[-1]
        if self._ranks.is_first:
            self._write_epoch(row, is_best=self.progress.best_epoch == self.progress.epoch)
        self._save_checkpoint()
        return row

    def _write_epoch(self, row: dict[str, float], *, is_best: bool) -> None:
        # The checkpoint goes last: a kill before it repeats the end of the epoch, with the same bits.
        with self._step.saved_weights():
            if is_best:
                checkpoint.save_weights(self.model, self._paths.best)
            checkpoint.save_weights(self.model, self._paths.last)
        self._paths.write_history(self._identity.to_json(), self.progress.history)
        self._log({f"epoch/{name}": row[name] for name in row if name not in ("learning_rate", "seconds")})

    def save_if_due(self) -> None:
        """Write a checkpoint if the last one is `checkpoint_seconds` old and no gradients are pending.

        The first rank decides when, at an update; a loss that is not finite on any rank ends the training.
        """
        if self._step.is_pending or not any(self._step.flags):
            return
        self.check()
        if self._data is not None:
            self.progress.data = self._data.state_dict(self.progress.batches)
        self._save_checkpoint()

    def _is_save_due(self) -> bool:
        interval = self._options.checkpoint_seconds
        is_due = interval is not None and monotonic() - self._saved_at >= interval
        return is_due and self._ranks.is_first

    def check(self) -> None:
        """Check that no loss of the epoch so far is NaN or infinite, see `check_finite`."""
        self._sums.flush()
        check_finite(self._sums.failure, self.progress.epoch + 1, self._targets, self._ranks)

    def _collect(self) -> checkpoint.Trained:
        """Collect what a checkpoint holds beside the weights."""
        return checkpoint.Trained(self._step.optimizer, self._sums.to_tensor(), self._step.average)

    def _save_checkpoint(self) -> None:
        path, settings, trained = self._paths.state, self._identity.to_json(), self._collect()
        of_ranks = gather_rank_states(trained.sums, self._device, self._ranks)
        if self._ranks.is_first:
            self._ranks.note("writes a checkpoint")
            checkpoint.save_checkpoint(path, self.model, trained, self.progress, settings, of_ranks)
        self._saved_at = self._stepped_at = monotonic()

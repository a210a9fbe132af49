"""Profile some steps of a training: its input as it is read, and how long the training waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import torch

from headrace.data.profiling import MODEL, TENSORS, Profile, ProfiledBatches, Recorder
from headrace.data.torch import Placement, TorchBatches
from headrace.training.checkpoint import Progress
from headrace.training.loggers.tensorboard import TensorBoardLogger
from headrace.training.model_inputs import Features
from headrace.training.options import Options

if TYPE_CHECKING:
    from headrace.data import Dataset
    from headrace.data.torch import TorchIterator

__all__ = ["StepProfiler", "choose_steps", "open_profiler"]

_STEPS = 200  # that are profiled, if the caller does not choose
_FIRST = 10  # steps of the epoch before them, in which caches and memory fill


def choose_steps(chosen: tuple[int, int] | bool, epochs: int, per_epoch: int) -> tuple[int, int]:
    """Return the first step to profile and the one behind the last; by default of the second epoch.

    Example:
        >>> choose_steps(True, epochs=3, per_epoch=50), choose_steps((5, 8), 3, 50)
        ((60, 100), (5, 8))
    """
    if not isinstance(chosen, bool):
        return chosen
    start = per_epoch if epochs > 1 else 0
    first = start + min(_FIRST, per_epoch // 4)
    return first, min(start + per_epoch, first + _STEPS)


def open_profiler(options: Options, per_epoch: int, progress: Progress) -> StepProfiler | None:
    """Return a profiler if some of the remaining steps of an epoch are to be profiled."""
    if options.profile is False:
        return None
    profiler = StepProfiler(*choose_steps(options.profile, options.epochs, per_epoch))
    return profiler if profiler.covers(progress.step, per_epoch - progress.batches) else None


class StepProfiler:
    """Profiles the steps from `first` to the one before `stop`, or to the end of their epoch.

    The batches are the same. Steps of other epochs are read without it.

    Args:
        first: The first step, counted from 0 over all epochs.
        stop: The step behind the last.
    """

    def __init__(self, first: int, stop: int) -> None:
        self._first, self._stop = first, stop
        self._recorder = Recorder()
        self._batches: ProfiledBatches | None = None
        self._steps = self._begun = self._waited = self._seconds = 0.0

    def covers(self, step: int, steps: int) -> bool:
        """Return whether some of the next `steps` steps are to be profiled."""
        return step < self._stop and self._first < step + steps

    def open(self, data: Dataset, device: torch.device, *, is_pinned: bool) -> TorchIterator:
        """Open batches whose costs are measured while the profile runs."""
        batches = ProfiledBatches(data.source, data.stages, data.epoch_number, self._recorder)
        self._batches = batches
        return iter(TorchBatches(batches, Placement(device, is_pinned, is_pinned)))

    def next_batch(self, batches: TorchIterator) -> Features | None:
        """Return the next batch, or None at the end; its conversion to tensors is measured."""
        recorder = self._recorder
        batch = recorder.call(TENSORS, next, batches, None)
        if batch is not None and recorder.is_on:
            column = next(iter(batch.values()))
            rows = column.shape[0] if isinstance(column, torch.Tensor) else column.row_splits.shape[0] - 1
            recorder.count(TENSORS, rows, _count_bytes(batch))
        return batch

    def watch(self, batches: Iterator[Features], step: int) -> Iterator[Features]:
        """Yield the batches from step number `step` on, and measure what happens between them.

        What the training does with a batch, its checkpoints and reports included, is the model's time.
        """
        recorder = self._recorder
        while True:
            if recorder.is_on and step >= self._stop:
                self._end()
            if not recorder.is_on and self._first <= step < self._stop:
                recorder.start()
                self._begun, self._steps = perf_counter(), step
            requested = perf_counter()
            batch = next(batches, None)
            if recorder.is_on:
                self._waited += perf_counter() - requested
            if batch is None:
                break
            with recorder.measure(MODEL):
                yield batch
            step += 1
        if recorder.is_on:
            self._end()

    def _end(self) -> None:
        self._recorder.stop()
        self._seconds = perf_counter() - self._begun

    def save(self, path: Path, board: TensorBoardLogger, step: int) -> None:
        """Write the profile, if steps were profiled; call it after the batches are closed."""
        profile = self.summarize()
        if profile is not None:
            profile.save(path)
            board.write_profile(profile, step)

    def summarize(self) -> Profile | None:
        """Make the profile; None if no step was profiled."""
        if self._batches is None or not self._seconds or MODEL not in self._recorder.meters:
            return None
        meter = self._recorder.meters[MODEL]
        meter.rows = self._recorder.meters[TENSORS].rows
        first = int(self._steps)
        return self._batches.summarize((first, first + meter.calls), self._seconds, self._waited)


def _count_bytes(batch: Features) -> int:
    columns = [
        part
        for each in batch.values()
        for part in ([each] if isinstance(each, torch.Tensor) else [each.values, each.row_splits])
    ]
    return sum(int(each.numel()) * each.element_size() for each in columns)

"""The end of an epoch: its row of the history, and the progress after it."""

from __future__ import annotations

from collections.abc import Mapping

from headrace.training.checkpoint import Progress
from headrace.training.metrics import Monitor

__all__ = ["finish_epoch"]


def finish_epoch(
    progress: Progress,
    train: Mapping[str, float],
    validation: Mapping[str, float],
    learning_rate: float,
    rows: int,
    monitor: Monitor,
) -> Progress:
    """Return the progress after an epoch, whose row is the last of the history.

    Args:
        progress: The progress after the last batch.
        train: The metrics of the training.
        validation: The metrics of the validation data.
        learning_rate: The learning rate of the next update.
        rows: The rows of the epoch.
        monitor: Selects the best epoch.
    """
    row = {
        "epoch": progress.epoch + 1,
        **{f"train_{name}": value for name, value in train.items()},
        **{f"validation_{name}": value for name, value in validation.items()},
        "learning_rate": learning_rate,
        "seconds": progress.epoch_seconds,
        "examples_per_second": rows / max(1e-9, progress.epoch_seconds),
        "data_wait": progress.epoch_wait_seconds / max(1e-9, progress.epoch_seconds),
    }
    best = progress.history[progress.best_epoch - 1] if progress.best_epoch else None
    is_best = best is None or monitor.improves(row, best)
    return Progress(
        epoch=progress.epoch + 1,
        step=progress.step,
        rows=progress.rows + rows,
        seconds=progress.seconds + progress.epoch_seconds,
        wait_seconds=progress.wait_seconds + progress.epoch_wait_seconds,
        best_epoch=progress.epoch + 1 if is_best else progress.best_epoch,
        history=[*progress.history, row],
        lengths=progress.lengths,
    )

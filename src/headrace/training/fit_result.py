"""The result of a training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headrace.data.profiling import Profile
from headrace.training.checkpoint import Progress
from headrace.training.identity import TrainingIdentity
from headrace.training.paths import TrainingPaths
from headrace.training.tasks import Task

if TYPE_CHECKING:
    from headrace.heads import Head

__all__ = ["FitResult", "make_result"]


@dataclass(frozen=True)
class FitResult:
    """A finished training.

    Attributes:
        task: "classification", "multi_label", "regression", "quantiles" or "several".
        history: One dict per epoch: `epoch` (from 1), `train_loss`, `validation_loss`, `train_accuracy` and
            `validation_accuracy` (or `train_rmse` and `validation_rmse`, in the label's units),
            `learning_rate` (at the end of the epoch), `seconds` (training only), `examples_per_second`,
            `data_wait` (share of `seconds`, 0 to 1, in which the training waited for data); and
            `validation_METRIC` for each of `Options.metrics`.
        best_epoch: The epoch, from 1, with the best `monitor` of the validation data.
        best: The row of `history` of the best epoch.
        epochs: Finished epochs; fewer than requested if patience ran out.
        parameters: Number of trainable parameters of the model.
        seconds: Seconds in training steps, over all sessions of a resumed training, without validation.
        examples_per_second: Training rows per second over that time.
        resumed_at_step: The step at which this call resumed; None if it started at the beginning.
        best_weights: safetensors file of the best epoch's weights.
        last_weights: safetensors file of the last epoch's weights.
        data_wait: Share of `seconds`, 0 to 1, in which the training waited for data.
        lengths: Numbers of epochs that were asked for before, if the training went on for more and their
            learning rates followed a shorter schedule.
        monitor: The metric that selected the best epoch, such as "accuracy".
        head: The head to export with the model: the given one, with the class names that the label defines,
            and the temperature and threshold that the options ask for.
        profile: The steps that `Options.profile` names, measured; `print` shows where their time went.
    """

    task: str
    history: list[dict[str, float]]
    best_epoch: int
    best: dict[str, float]
    epochs: int
    parameters: int
    seconds: float
    examples_per_second: float
    resumed_at_step: int | None
    best_weights: Path
    last_weights: Path
    data_wait: float = 0.0
    lengths: tuple[int, ...] = ()
    monitor: str = "loss"
    head: Head | None = None
    profile: Profile | None = None


def make_result(
    task: Task,
    head: Head,
    paths: TrainingPaths,
    identity: TrainingIdentity,
    done: Progress,
    resumed_at_step: int | None,
) -> FitResult:
    """Make the result of a finished training."""
    return FitResult(
        task=task.name,
        history=done.history,
        best_epoch=done.best_epoch,
        best=done.history[done.best_epoch - 1],
        epochs=done.epoch,
        parameters=identity.parameters,
        seconds=done.seconds,
        examples_per_second=done.rows / max(1e-9, done.seconds),
        resumed_at_step=resumed_at_step,
        best_weights=paths.best,
        last_weights=paths.last,
        data_wait=done.wait_seconds / max(1e-9, done.seconds),
        lengths=tuple(done.lengths),
        monitor=task.monitor.name,
        head=head,
        profile=Profile.load(paths.profile) if paths.profile.exists() else None,
    )

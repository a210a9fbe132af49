"""The training loop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from torch import nn

from headrace.arguments import check_flag, show_value
from headrace.errors import UsageError
from headrace.nn import check_model, digest_weights
from headrace.progress import Bar, duration, progress_bar
from headrace.storage import FolderLock, local_target
from headrace.training import checkpoint
from headrace.training.calibration import check_choice, fit_head
from headrace.training.check_agreement import find_agreement
from headrace.training.checkpoint import Progress
from headrace.training.identity import TrainingIdentity, count_parameters, digest_layers
from headrace.training.loop import TrainingState, is_finished, reuse_freed_memory, use_threads
from headrace.training.model_inputs import count_rows, digest_batch, read_first_batch
from headrace.training.optimization import frozen_parts
from headrace.training.options import Options
from headrace.training.paths import TrainingPaths
from headrace.training.predictions import evaluate_task
from headrace.training.string_labels import number_labels
from headrace.training.tasks import Targets, Task, choose_task, weigh_training

if TYPE_CHECKING:
    from headrace.data import Dataset
    from headrace.heads import Head

__all__ = ["FitResult", "fit"]


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


def fit(
    model: nn.Module,
    train: Dataset,
    validation: Dataset,
    *,
    label: str | Mapping[str, str],
    out_dir: str | os.PathLike[str],
    head: Head | Mapping[str, Head] | None = None,
    options: Options | None = None,
    fresh: bool = False,
    progress: bool = True,
    **overrides: Any,
) -> FitResult:
    """Train a model, resuming a killed training of the same `out_dir`.

    Integer labels mean cross entropy and accuracy, floating-point labels mean squared error and RMSE, and a
    head says what else a label may be; see `docs/tasks.md`. Head, label, network and class names must agree,
    or the training does not start. On a CPU with a fixed seed, the weights after any number of kills and
    resumes are bit for bit those of an uninterrupted training; a finished training returns its stored result
    at once. With more epochs than before it goes on: the schedules "constant" and "exponential" then give the
    weights of a training that was asked for all epochs at first; with the others the epochs so far have
    followed the shorter schedule, which `FitResult.lengths` states.

    What the caller froze (`requires_grad=False`) is not trained, and layers in evaluation mode inside a model
    in training mode stay in it. Batch norms of frozen parts keep their statistics. A last batch of a single
    row is trained together with the batch before it.

    Convolution weights are converted to channels-last memory order, which about doubles the speed of a CNN on
    a CPU, and memory that one step frees is reused by the next (see `reuse_freed_memory`). A thread
    prefetches the batches; `data_wait` is the share of the time in which the training still waited for them.

    Args:
        model: Called as `model(x)` with one feature, `model(**features)` with several. On return it holds the
            best epoch's weights, on its original device.
        train: Transformed batches, with the label; epoch k reads `train.epoch(k)`, so shuffle the dataset.
        validation: Transformed batches, with the label; evaluated after every epoch.
        label: The label column; of a model that returns a dict, output to label column. Strings are numbered
            by the class names of the head, or else by the sorted labels of the training data.
        out_dir: Folder for `state.safetensors` (the checkpoint), `best.safetensors`, `last.safetensors`
            (weights), `history.json` and `tensorboard/`.
        head: The head that will be exported with the model, such as `hr.deploy.Classifier(class_names)`; None
            is a `Regressor` for floating-point labels and a `Classifier` for others. Of a model that returns
            a dict, output to head.
        options: The training options; None uses the defaults.
        fresh: Delete the files of an earlier training in `out_dir` first.
        progress: Show progress on standard error.
        **overrides: Fields of `Options` that replace those of `options`, such as `epochs=5`.

    Raises:
        UsageError: An argument has the wrong type or value, `out_dir` holds a training with other options,
            model or data, or another process is training in it.
        SchemaError: The label column is missing or does not fit the head, or `augment` does not find exactly
            one feature of images.
        ModelError: The outputs do not fit the label or the head, the loss is not finite, or the checkpoint is
            damaged.
    """
    check_model(model)
    for data, name in ((train, "train"), (validation, "validation")):
        if not hasattr(data, "to_torch"):
            hint = "pass a headrace Dataset, such as hr.Dataset.from_arrays(...)"
            raise UsageError(f"{name}: expected a Dataset, got {show_value(data)}", hint=hint)
    if not isinstance(options, Options | None):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(
            f"options: expected Options, got {show_value(options)}", hint="pass Options(epochs=3)"
        )
    fresh, progress = check_flag(fresh, "fresh"), check_flag(progress, "progress")
    options = (options or Options()).override(**overrides)
    options = options.check()
    targets = Targets(label, options.sample_weight).check()
    paths = TrainingPaths(local_target(out_dir))
    with FolderLock(paths.folder, "wait until it has finished, or choose another out_dir"):
        if fresh:
            paths.clear()
        with frozen_parts(model, options.freeze):
            return _fit(model, train, validation, targets, head, options, paths, progress=progress)


def _fit(
    model: nn.Module,
    train: Dataset,
    validation: Dataset,
    targets: Targets,
    head: Any,
    options: Options,
    paths: TrainingPaths,
    *,
    progress: bool,
) -> FitResult:
    train, validation, head = number_labels(train, validation, targets, head)
    batch = read_first_batch(validation, "validation data")
    labels = targets.split(batch).labels
    first = TrainingIdentity(
        label=targets.label,
        options=options,
        parameters=count_parameters(model),
        layers=digest_layers(model),
        train_rows=count_rows(train),
        validation_data=digest_batch(batch),
        weights=digest_weights(model),
    )
    first.check()
    head, outputs = find_agreement(model, batch, targets, head, (train, validation))
    task = choose_task(head, labels, options)
    check_choice(task, outputs, options)
    stored, identity = _read_stored(paths, first)
    done = stored
    if done is None or not is_finished(done, options):
        weighted, targets = weigh_training(task, targets, train, options.class_weight, outputs)
        state = TrainingState(model, weighted, targets, identity, paths)
        with (
            reuse_freed_memory(),
            use_threads(model, targets.split(batch).features, options.batch_size),
            state.session(),
            _progress_bar(identity, stored, show=progress) as bar,
        ):
            _train(state, task, targets, train, validation, options, bar)
        done = state.progress
    checkpoint.load_weights(model, paths.best)
    position = {"epoch": done.epoch, "best_epoch": done.best_epoch, "weights": identity.weights}
    head = fit_head(head, task, model, validation, targets, options, paths.folder, position)
    return _make_result(task, head, paths, identity, done, None if stored is None else stored.step)


def _train(
    state: TrainingState,
    task: Task,
    targets: Targets,
    train: Dataset,
    validation: Dataset,
    options: Options,
    bar: Bar,
) -> None:
    if state.continued_after is not None:
        bar.say(
            f"continues after epoch {state.continued_after}: the learning rate so far followed a schedule of "
            f"{state.continued_after} epochs, and now follows one of {options.epochs}"
        )
    while not state.finished:
        title = f"epoch {state.progress.epoch + 1}/{options.epochs}"
        for batch in state.remaining_batches(train):
            state.step(targets.split(batch))
            state.save_if_due()
            state.report(bar)
        state.report(bar, now=True)
        with state.evaluation():
            metrics = evaluate_task(state.model, validation, task, targets)
        bar.say(_format_epoch(title, state.end_epoch(metrics)))


def _read_stored(
    paths: TrainingPaths, identity: TrainingIdentity
) -> tuple[Progress | None, TrainingIdentity]:
    """Read the progress of the training in the folder, and name the first weights of that training."""
    if not paths.state.exists():
        return None, identity
    progress, stored = checkpoint.read_progress(paths.state)
    first = stored.get("weights", identity.weights)
    files = [path for path in (paths.best, paths.last) if first != identity.weights and path.exists()]
    saved = {checkpoint.digest_saved(path) for path in files}
    identity.check_equal(stored, str(paths.state), progress, saved)
    return progress, replace(identity, weights=first)


def _progress_bar(
    identity: TrainingIdentity, stored: Progress | None, *, show: bool
) -> AbstractContextManager[Bar]:
    rows, options = identity.train_rows, identity.options
    done = 0 if stored is None else stored.epoch * rows + stored.batches * options.batch_size
    console = Console(stderr=True, quiet=not show)
    return progress_bar("training", options.epochs * rows, done=done, console=console)


def _format_metrics(metrics: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())


def _format_epoch(title: str, row: dict[str, float]) -> str:
    scores = {
        name.replace("_", " "): value
        for name, value in row.items()
        if name.startswith(("train_", "validation_"))
    }
    speed = f"{row['examples_per_second']:,.0f} examples/s"
    wait = f"data wait {row['data_wait']:.0%}"
    return "  ".join([title, _format_metrics(scores), speed, duration(row["seconds"]), wait])


def _make_result(
    task: Task,
    head: Head,
    paths: TrainingPaths,
    identity: TrainingIdentity,
    done: Progress,
    resumed_at_step: int | None,
) -> FitResult:
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
    )

"""The training loop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from rich.console import Console
from torch import nn

from headrace.arguments import check_flag, show_value
from headrace.errors import UsageError
from headrace.nn import check_model, digest_weights, note_label_columns
from headrace.progress import Bar, duration, progress_bar
from headrace.storage import FolderLock, local_target
from headrace.training import checkpoint
from headrace.training.allocator import reuse_freed_memory
from headrace.training.calibration import check_choice, fit_head
from headrace.training.check_agreement import create_lazy_parameters, find_agreement
from headrace.training.checkpoint import Progress
from headrace.training.fit_result import FitResult, make_result
from headrace.training.identity import TrainingIdentity, count_parameters, digest_layers
from headrace.training.loop import TrainingState, is_finished, use_threads
from headrace.training.loop.evaluation import evaluate_task
from headrace.training.model_inputs import count_rows, digest_batch, read_first_batch
from headrace.training.optimization import frozen_parts, skip_compiler
from headrace.training.options import Options
from headrace.training.paths import TrainingPaths
from headrace.training.ranks import Ranks, join_ranks, unwrap
from headrace.training.string_labels import name_and_number
from headrace.training.tasks import Targets, choose_task, weigh_training

if TYPE_CHECKING:
    from headrace.data import Dataset
    from headrace.heads import Head

__all__ = ["fit"]


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

    Lazy layers, such as `nn.LazyLinear`, get their shapes from the first rows of the validation data.
    Convolution weights are converted to channels-last memory order, which about doubles the speed of a CNN on
    a CPU, and memory that one step frees is reused by the next (see `reuse_freed_memory`). A thread
    prefetches the batches; `data_wait` is the share of the time in which the training still waited for them.

    In the processes of `torchrun` or `accelerate launch`, and where a process group of torch is initialised,
    all ranks call `fit` alike, and train one model: each reads its share of every batch. The first rank
    writes the files; the result is the same on all. See "Several processes" in `docs/training.md`.

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
        RankError: Another process of the training failed, ended or hangs.
    """
    model = unwrap(check_model(model))
    for data, name in ((train, "train"), (validation, "validation")):
        if not hasattr(data, "to_torch"):
            hint = "pass a headrace Dataset, such as hr.Dataset.from_arrays(...)"
            raise UsageError(f"{name}: expected a Dataset, got {show_value(data)}", hint=hint)
    if not isinstance(options, Options | None):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(
            f"options: expected Options, got {show_value(options)}", hint="pass Options(epochs=3)"
        )
    fresh, progress = check_flag(fresh, "fresh"), check_flag(progress, "progress")
    options = (options or Options()).override(**overrides).check()
    targets = Targets(label, options.sample_weight).check()
    paths = TrainingPaths(local_target(out_dir))
    lock = FolderLock(paths.folder, "wait until it has finished, or choose another out_dir")
    with join_ranks(options.rank_timeout) as ranks, ranks.only_first(lock):
        if fresh and ranks.is_first:
            paths.clear()
        with frozen_parts(model, options.freeze), skip_compiler():
            show = progress and ranks.is_first
            return _fit(model, train, validation, targets, head, options, paths, ranks, progress=show)


def _fit(
    model: nn.Module,
    train: Dataset,
    validation: Dataset,
    targets: Targets,
    head: Any,
    options: Options,
    paths: TrainingPaths,
    ranks: Ranks,
    *,
    progress: bool,
) -> FitResult:
    ranks.note("reads the first rows")
    train, validation, head = name_and_number(train, validation, targets, head)
    batch = read_first_batch(validation, "validation data")
    labels = targets.split(batch).labels
    create_lazy_parameters(model, batch, targets)
    ranks.broadcast_weights(model)
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
    first.check_ranks(ranks)
    head, outputs = find_agreement(model, batch, targets, head, (train, validation))
    task = choose_task(head, labels, options)
    check_choice(task, outputs, options)
    stored, identity = _read_stored(paths, first, ranks)
    done = stored
    if done is None or not is_finished(done, options):
        weighted, targets = weigh_training(task, targets, train, options.class_weight, outputs)
        state = TrainingState(model, weighted, targets, identity, paths, ranks)
        with (
            reuse_freed_memory(),
            use_threads(model, targets.split(batch).features, options.batch_size // ranks.count),
            state.session(),
            _progress_bar(identity, stored, show=progress) as bar,
        ):
            _train(state, targets, train, validation, options, bar, ranks)
        done = state.progress
    if ranks.is_first:
        checkpoint.load_weights(model, paths.best)
    ranks.broadcast_weights(model)
    note_label_columns(model, targets.columns)
    position = {"epoch": done.epoch, "best_epoch": done.best_epoch, "weights": identity.weights}
    head = fit_head(head, task, model, validation, targets, options, paths.folder, position, ranks)
    return make_result(task, head, paths, identity, done, None if stored is None else stored.step)


def _train(
    state: TrainingState,
    targets: Targets,
    train: Dataset,
    validation: Dataset,
    options: Options,
    bar: Bar,
    ranks: Ranks,
) -> None:
    if state.continued_after is not None:
        bar.say(
            f"continues after epoch {state.continued_after}: the learning rate so far followed a schedule of "
            f"{state.continued_after} epochs, and now follows one of {options.epochs}"
        )
    while not state.finished:
        title = f"epoch {state.progress.epoch + 1}/{options.epochs}"
        for batch in state.remaining_batches(train):
            state.step(batch)
            state.save_if_due()
            state.report(bar)
        state.check()
        state.report(bar, now=True)
        with state.evaluation():
            metrics = evaluate_task(state.model, validation, state.task, targets, ranks=ranks)
        bar.say(_format_epoch(title, state.end_epoch(metrics)))


def _read_stored(
    paths: TrainingPaths, identity: TrainingIdentity, ranks: Ranks
) -> tuple[Progress | None, TrainingIdentity]:
    """Read the progress of the training in the folder, and name the first weights of that training."""
    stored, first = ranks.broadcast(lambda: _compare_stored(paths, identity))
    return None if stored is None else Progress(**stored), replace(identity, weights=first)


def _compare_stored(paths: TrainingPaths, identity: TrainingIdentity) -> tuple[dict[str, Any] | None, str]:
    if not paths.state.exists():
        return None, identity.weights
    progress, stored = checkpoint.read_progress(paths.state)
    first = stored.get("weights", identity.weights)
    files = [path for path in (paths.best, paths.last) if first != identity.weights and path.exists()]
    saved = {checkpoint.digest_saved(path) for path in files}
    identity.check_equal(stored, str(paths.state), progress, saved)
    return asdict(progress), first


def _progress_bar(
    identity: TrainingIdentity, stored: Progress | None, *, show: bool
) -> AbstractContextManager[Bar]:
    rows, options = identity.train_rows, identity.options
    done = 0 if stored is None else stored.epoch * rows + stored.batches * options.batch_size
    console = Console(stderr=True, quiet=not show)
    return progress_bar("training", options.epochs * rows, done=done, console=console)


def _format_epoch(title: str, row: dict[str, float]) -> str:
    scores = {
        name.replace("_", " "): value
        for name, value in row.items()
        if name.startswith(("train_", "validation_"))
    }
    speed = f"{row['examples_per_second']:,.0f} examples/s"
    wait = f"data wait {row['data_wait']:.0%}"
    metrics = (f"{name} {value:.4g}" for name, value in scores.items())
    return "  ".join([title, *metrics, speed, duration(row["seconds"]), wait])

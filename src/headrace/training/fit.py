"""The training loop."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from torch import nn

from headrace.errors import UsageError
from headrace.progress import Bar, duration, progress_bar
from headrace.training import checkpoint
from headrace.training.allocator import kept_memory
from headrace.training.checkpoint import Progress
from headrace.training.model_inputs import Features, fingerprint, split_label
from headrace.training.paths import RunFiles
from headrace.training.predict import evaluate
from headrace.training.result import FitResult
from headrace.training.settings import Settings, layers_digest, parameter_count
from headrace.training.state import Run, accelerator_for, is_finished
from headrace.training.task import Task, task_of

if TYPE_CHECKING:
    from headrace.data import Dataset
    from headrace.vision.augment import Augmentation

__all__ = ["fit"]


def fit(
    model: nn.Module,
    train: Dataset,
    validation: Dataset,
    *,
    label: str,
    epochs: int,
    out_dir: str | os.PathLike[str],
    batch_size: int = 64,
    optimizer: str = "adamw",
    learning_rate: float = 1e-3,
    weight_decay: float = 0.01,
    label_scale: float = 1.0,
    label_smoothing: float = 0.0,
    max_grad_norm: float | None = None,
    augment: Augmentation | None = None,
    seed: int = 0,
    device: str | None = None,
    mixed_precision: str = "no",
    compile: bool = False,  # noqa: A002
    checkpoint_seconds: float | None = 60.0,
    patience: int | None = None,
    fresh: bool = False,
    progress: bool = True,
) -> FitResult:
    """Train a model, and go on from where a killed training of the same `out_dir` stopped.

    The learning rate goes through one cycle. Integer labels ask for cross entropy and accuracy,
    floating-point ones for mean squared error and RMSE. On a CPU with a fixed seed, weights after any number
    of kills and resumes are bit for bit those of an uninterrupted training; a finished training gives its
    stored result back at once.

    Convolutions' weights are put into channels-last memory order, which about doubles the speed of a CNN on a
    CPU, and what a step frees is kept for the next (see `kept_memory`).

    Args:
        model: Called as `model(x)` with one feature, `model(**features)` with several. It comes back with the
            best epoch's weights, on the device it came from.
        train: Transformed batches, label among them; epoch k is `train.epoch(k)`, so shuffle it.
        validation: Likewise; evaluated after every epoch.
        label: The label column.
        epochs: Passes over `train`.
        out_dir: For `state.safetensors` (to resume from), `best.safetensors`, `last.safetensors` (weights),
            `history.json` and `tensorboard/`.
        batch_size: Rows a step.
        optimizer: "adamw" or "sgd", the latter with Nesterov's momentum of 0.9. SGD takes a higher rate and
            less decay: the CIFAR-10 recipe has 0.2 and 5e-4, the Fashion-MNIST one, by AdamW, 1e-3 and 0.01.
        learning_rate: The schedule's peak.
        weight_decay: The optimizer's, on matrices, kernels and embeddings, not on biases.
        label_scale: Regression: errors are divided by this before they are squared in the loss; give the
            label's standard deviation if the model predicts in the label's units (see `nn.AffineOutput`).
        label_smoothing: Classification: share of each label's weight that goes to all classes alike, in the
            training loss (and in `train_loss`) only; 0.1 is usual.
        max_grad_norm: Gradients longer than this are scaled down to it; None leaves them.
        augment: How training images change, anew in every epoch (see `hr.vision.augment`); validation images
            stay as they are.
        seed: Of dropout and augmentation; the order of the data is the dataset's own.
        device: "cpu", "cuda", "mps"; None takes the best there is.
        mixed_precision: "no" or "bf16".
        compile: Whether to put the model through `torch.compile`.
        checkpoint_seconds: Longest time between states stored within an epoch; None stores at epochs' ends.
        patience: End after that many epochs without a better one; None trains them all.
        fresh: Whether to delete what `out_dir` holds of an earlier training.
        progress: Whether to show progress on standard error.

    Raises:
        UsageError: `out_dir` holds a training with other settings, model or data, or an argument is bad.
        SchemaError: No such label; no images to augment, or several features of them.
        ModelError: Outputs do not fit the label, the loss is not finite, or the stored state is damaged.
    """
    if augment is not None and not callable(augment):
        raise UsageError(f"augment is {augment}", hint="make it one by hr.vision.augment.compose(...)")
    files = RunFiles(Path(out_dir))
    if fresh:
        files.clear()
    first = _first_batch(validation)
    _, labels = split_label(first, label)
    settings = Settings(
        label=label,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        label_scale=label_scale,
        label_smoothing=label_smoothing,
        max_grad_norm=max_grad_norm,
        augment=None if augment is None else repr(augment),
        seed=seed,
        mixed_precision=mixed_precision,
        patience=patience,
        parameters=parameter_count(model),
        layers=layers_digest(model),
        train_rows=_count_rows(train),
        validation_data=fingerprint(first),
    )
    settings.check()
    task = task_of(labels, scale=label_scale, label_smoothing=label_smoothing)
    stored = _stored_progress(files, settings)
    if stored is None or not is_finished(stored, settings):
        run = Run(model, task, settings, files, accelerator_for(device, mixed_precision), augment, compile)
        with kept_memory(), run.under_way(), _bar(settings, stored, show=progress) as bar:
            _train(run, train, validation, checkpoint_seconds, bar)
        done = run.progress
    else:
        done = stored
    checkpoint.load_weights(model, files.best)
    return _result(task, files, settings, done, None if stored is None else stored.step)


def _train(run: Run, train: Dataset, validation: Dataset, checkpoint_seconds: float | None, bar: Bar) -> None:
    settings = run.settings
    while not run.finished:
        run.model.train()
        title = f"epoch {run.progress.epoch + 1}/{settings.epochs}"
        for batch in run.rest_of_epoch(train):
            features, labels = split_label(batch, settings.label)
            run.step(features, labels)
            run.save_if_due(checkpoint_seconds)
            bar.advance(len(labels), description=title, note=run.note)
        metrics = evaluate(run.model, validation, label=settings.label, label_scale=settings.label_scale)
        bar.say(_line(title, run.end_epoch(metrics)))


def _first_batch(validation: Dataset) -> Features:
    batches = iter(validation.batch(256).to_torch())
    try:
        return next(batches)
    except StopIteration:
        raise UsageError("the validation data has no rows", hint="check its source and filters") from None
    finally:
        batches.close()


def _count_rows(train: Dataset) -> int:
    return sum(batch.num_rows for batch in train) if train.num_rows is None else train.num_rows


def _stored_progress(files: RunFiles, settings: Settings) -> Progress | None:
    if not files.state.exists():
        return None
    progress, stored = checkpoint.read_progress(files.state)
    settings.must_equal(stored, str(files.state))
    return progress


def _bar(settings: Settings, stored: Progress | None, *, show: bool) -> AbstractContextManager[Bar]:
    done = 0 if stored is None else stored.epoch * settings.train_rows + stored.batches * settings.batch_size
    console = Console(stderr=True, quiet=not show)
    return progress_bar("training", settings.epochs * settings.train_rows, done=done, console=console)


def _line(title: str, row: dict[str, float]) -> str:
    scores = [
        f"{name.replace('_', ' ')} {value:.4g}"
        for name, value in row.items()
        if name.startswith(("train_", "validation_"))
    ]
    speed = f"{row['examples_per_second']:,.0f} examples/s"
    return "  ".join([title, *scores, speed, duration(row["seconds"])])


def _result(
    task: Task, files: RunFiles, settings: Settings, done: Progress, resumed_at_step: int | None
) -> FitResult:
    return FitResult(
        task=task.name,
        history=done.history,
        best_epoch=done.best_epoch,
        best=done.history[done.best_epoch - 1],
        epochs=done.epoch,
        parameters=settings.parameters,
        seconds=done.seconds,
        examples_per_second=done.rows / max(1e-9, done.seconds),
        resumed_at_step=resumed_at_step,
        best_weights=files.best,
        last_weights=files.last,
    )

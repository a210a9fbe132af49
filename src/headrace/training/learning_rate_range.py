"""The learning rate range test: the loss while the rate grows from step to step."""

from __future__ import annotations

import copy
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from headrace.arguments import check_extension, check_integer, check_number
from headrace.errors import ModelError, UsageError
from headrace.nn import check_model
from headrace.random_order import derive_seed
from headrace.storage import local_target, write_bytes
from headrace.training.check_agreement import find_agreement
from headrace.training.loop.augment_batch import augment_split
from headrace.training.loop.device import choose_device
from headrace.training.loop.step import TrainingStep
from headrace.training.loop.train_batches import TrainBatches
from headrace.training.model_inputs import Features, read_first_batch
from headrace.training.optimization import Schedule, frozen_parts, training_modes
from headrace.training.options import Options
from headrace.training.string_labels import name_and_number
from headrace.training.tasks import Targets, choose_task, weigh_training

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = ["LearningRateRange", "find_learning_rate"]

_SMOOTHING = 0.9
_DIVERGED = 4.0  # times the lowest loss


@dataclass(frozen=True)
class LearningRateRange:
    """The result of a learning rate range test.

    Attributes:
        rates: The learning rate of each step.
        losses: The training loss of each step, smoothed.
        best: The suggestion: a tenth of the rate with the lowest loss.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    best: float

    def plot(self, path: str | os.PathLike[str]) -> Path:
        """Draw loss over learning rate, with the suggestion, as a PNG file; return its path.

        Raises:
            UsageError: The extension is not .png, or the file cannot be written.
        """
        check_extension(path)
        from matplotlib.figure import Figure  # loads in a tenth of a second

        figure = Figure(figsize=(5.4, 3), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(self.rates, self.losses)
        axes.axvline(self.best, color="0.5", linestyle="--", label=f"suggestion: {self.best:.2g}")
        axes.set(xscale="log", xlabel="learning rate", ylabel="smoothed training loss")
        axes.legend()
        content = BytesIO()
        figure.savefig(content, format="png", dpi=150)
        target = local_target(path)
        write_bytes(target, content.getvalue())
        return target


@dataclass(frozen=True)
class _Range(Schedule):
    """A learning rate that grows by the same factor in every step."""

    lowest: float = 1e-6
    highest: float = 1.0
    steps: int = 100

    def compute_factor(self, update: int) -> float:
        rate = self.lowest * (self.highest / self.lowest) ** (update / max(1, self.steps - 1))
        return rate / self.options.learning_rate


def find_learning_rate(
    model: nn.Module,
    train: Dataset,
    *,
    label: Any,
    head: Any = None,
    options: Options | None = None,
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 100,
    **overrides: Any,
) -> LearningRateRange:
    """Train a copy of a model at learning rates from `lowest` to `highest`, and suggest one.

    L. Smith, Cyclical Learning Rates for Training Neural Networks, 2017, arXiv:1506.01186, section 3.3. The
    test ends where the loss has grown to four times its lowest value. The model is not changed.

    Args:
        model: The model, as for `fit`.
        train: The training data, as for `fit`; read again from the start where it has too few batches.
        label: The label column, as for `fit`.
        head: The head, as for `fit`.
        options: The training options; `learning_rate`, `schedule` and `epochs` do not matter.
        lowest: The first learning rate.
        highest: The last learning rate.
        steps: Batches to train on, at least 10.
        **overrides: Fields of `Options` that replace those of `options`.

    Raises:
        UsageError: An argument has the wrong type or value.
        SchemaError: The label column is missing or does not fit the head.
        ModelError: The model fails, or its loss is never finite.

    Example:
        >>> import headrace as hr
        >>> found = hr.training.find_learning_rate(model, train, label="label")  # doctest: +SKIP
        >>> found.plot("rates.png")  # doctest: +SKIP
        >>> hr.training.fit(model, train, validation, label="label", out_dir="runs/first",
        ...                 learning_rate=found.best)  # doctest: +SKIP
    """
    model = copy.deepcopy(check_model(model))
    options = (options or Options()).override(**overrides).check()
    options = replace(options, ema_decay=None, accumulate=1, schedule="constant", warmup_steps=0)
    steps = check_integer(steps, "steps", 10)
    lowest = check_number(lowest, "lowest", above=0)
    if check_number(highest, "highest", above=0) <= lowest:
        raise UsageError(f"highest is {highest:g}", hint=f"pass a rate above lowest, {lowest:g}")
    targets = Targets(label, options.sample_weight).check()
    train, _, head = name_and_number(train, train, targets, head)
    device = choose_device(options.device)
    batch = read_first_batch(train, "training data")
    with frozen_parts(model, options.freeze), _seeded(options.seed), training_modes(model, options.freeze):
        head, outputs = find_agreement(model, batch, targets, head, (train,))
        task = choose_task(head, targets.split(batch).labels, options)
        task, targets = weigh_training(task, targets, train, options.class_weight, outputs)
        model.to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        schedule = _Range(options, steps, lowest, highest, steps)
        step = TrainingStep(model, task.to(device), options, schedule, device)
        losses = list(_train(step, train, targets, options, device, steps))
    return _summarize([schedule.compute_factor(n) * options.learning_rate for n in range(steps)], losses)


@contextmanager
def _seeded(seed: int) -> Generator[None]:
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


def _train(
    step: TrainingStep, train: Dataset, targets: Targets, options: Options, device: torch.device, steps: int
) -> Iterator[float]:
    """Yield the smoothed loss of each step, until it diverges."""
    smoothed, lowest = 0.0, float("inf")
    for number, batch in enumerate(_repeat(train, options, device)):
        if number == steps:
            return
        split = targets.split(batch)
        if options.augment is not None:
            seed = derive_seed(options.seed, 0, number)
            split = augment_split(options.augment, split, seed, 0)
        found = step.run(split, number, is_last=True)[1]
        loss = float("nan") if found is None else found.item()
        smoothed = _SMOOTHING * smoothed + (1 - _SMOOTHING) * loss
        corrected = smoothed / (1 - _SMOOTHING ** (number + 1))
        if not isfinite(corrected) or corrected > _DIVERGED * lowest:
            return
        lowest = min(lowest, corrected)
        yield corrected


def _repeat(train: Dataset, options: Options, device: torch.device) -> Iterator[Features]:
    rows = sum(batch.num_rows for batch in train) if train.num_rows is None else train.num_rows
    for epoch in range(2**31):
        batches = TrainBatches(train.epoch(epoch), rows, options.batch_size, device)
        try:
            yield from batches.iterate()
        finally:
            batches.close()


def _summarize(rates: list[float], losses: list[float]) -> LearningRateRange:
    if len(losses) < 2:
        raise ModelError("the loss is not finite at the lowest rate", hint="check the data for NaN")
    best = rates[min(range(len(losses)), key=losses.__getitem__)] / 10
    return LearningRateRange(tuple(rates[: len(losses)]), tuple(losses), best)

"""A training under way: model, optimizer, position and files, stepped by `fit`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from math import ceil, isfinite
from time import monotonic
from typing import TYPE_CHECKING

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.tensorboard import SummaryWriter

from headrace.errors import ModelError, UsageError
from headrace.training import checkpoint
from headrace.training.augment_batch import augmented, batch_seed
from headrace.training.checkpoint import Progress
from headrace.training.model_inputs import Features, call, call_with_heads
from headrace.training.optimizers import make_optimizer
from headrace.training.paths import RunFiles
from headrace.training.predict import device_of
from headrace.training.schedule import one_cycle
from headrace.training.settings import Settings
from headrace.training.task import Task

if TYPE_CHECKING:
    from headrace.data import Dataset
    from headrace.vision.augment import Augmentation

__all__ = ["Run", "is_finished"]

SCALARS = 500  # points of the loss that TensorBoard gets over a whole training


def is_finished(progress: Progress, settings: Settings) -> bool:
    """Whether all epochs are done, or patience is at its end."""
    waited = progress.epoch - progress.best_epoch
    impatient = settings.patience is not None and progress.epoch > 0 and waited >= settings.patience
    return impatient or progress.epoch >= settings.epochs


def accelerator_for(device: str | None, mixed_precision: str) -> Accelerator:
    """An accelerator for one process.

    Raises:
        UsageError: A precision or device that cannot be had, or several processes.
    """
    if mixed_precision not in ("no", "bf16"):
        raise UsageError(f"mixed_precision is '{mixed_precision}'", hint="give 'no' or 'bf16'")
    # Accelerate keeps the first choice for the whole process; a second training may choose anew.
    AcceleratorState._reset_state(reset_partial_state=True)  # pyright: ignore[reportPrivateUsage]
    accelerator = Accelerator(cpu=device == "cpu", mixed_precision=mixed_precision)
    if accelerator.num_processes > 1:
        raise UsageError("training in several processes is not supported", hint="start one process")
    if device is not None and torch.device(device).type != accelerator.device.type:
        raise UsageError(f"no device '{device}'", hint=f"give '{accelerator.device.type}' or None")
    return accelerator


class Run:
    """What changes while a model is trained: weights, optimizer, metrics' sums, position, files."""

    def __init__(
        self,
        model: nn.Module,
        task: Task,
        settings: Settings,
        files: RunFiles,
        accelerator: Accelerator,
        augment: Augmentation | None,
        compile: bool,  # noqa: A002
    ) -> None:
        self.model, self.task, self.settings, self.files = model, task, settings, files
        self.augment = augment
        self.device: torch.device = accelerator.device
        self._accelerator = accelerator
        model.to(self.device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.optimizer: Optimizer
        forward, self.optimizer = accelerator.prepare(model, make_optimizer(model, settings, self.device))
        self.forward: Callable[..., Tensor] = torch.compile(forward) if compile else forward
        self.progress = Progress()
        no_float64 = self.device.type == "mps"
        self.sums = torch.zeros(task.width, dtype=torch.float64, device="cpu" if no_float64 else self.device)
        self.total_steps = settings.epochs * ceil(settings.train_rows / settings.batch_size)
        self._board: SummaryWriter | None = None
        self._saved_at = self._stepped_at = monotonic()

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to train."""
        return is_finished(self.progress, self.settings)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the step that comes next."""
        return one_cycle(self.progress.step, self.total_steps, self.settings.learning_rate)

    @contextmanager
    def under_way(self) -> Generator[None]:
        """Seed torch, go on from the stored state if there is one, and put the world back at the end.

        Torch's generators, the model's device and its forward method are what they were before.
        """
        home = device_of(self.model)
        cuda = [torch.cuda.current_device()] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=cuda):
            torch.manual_seed(self.settings.seed)
            if self.files.state.exists():
                self.progress, _ = checkpoint.read_progress(self.files.state)
                checkpoint.restore(self.files.state, self.model, self.optimizer, self.sums)
            self._board = SummaryWriter(str(self.files.tensorboard), purge_step=self.progress.step)
            try:
                yield
            finally:
                self._board.close()
                self._accelerator.unwrap_model(self.model, keep_fp32_wrapper=False)
                self.model.to(home)

    def rest_of_epoch(self, train: Dataset) -> Iterator[Features]:
        """What is left of the epoch under way, in batches on the device: all of it, unless just resumed."""
        self._stepped_at = monotonic()
        size = self.settings.batch_size
        rows = train.epoch(self.progress.epoch).skip(self.progress.batches * size)
        batches = iter(rows.batch(size).to_torch(self.device))
        try:
            yield from batches
        finally:
            batches.close()

    def step(self, features: Features, labels: Tensor) -> None:
        """One step of the optimizer."""
        if self.augment is not None:
            seed = batch_seed(self.settings.seed, self.progress.epoch, self.progress.batches)
            features, labels = augmented(self.augment, features, labels, seed)
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate
        weight: float = getattr(self.model, "auxiliary_weight", 0.0)  # of heads that help in training
        heads = call_with_heads(self.forward, features) if weight else (call(self.forward, features),)
        outputs, *others = heads
        loss = self.task.loss(outputs, labels)
        self._accelerator.backward(loss + sum(weight * self.task.loss(each, labels) for each in others))
        if self.settings.max_grad_norm is not None:
            self._accelerator.clip_grad_norm_(self.model.parameters(), self.settings.max_grad_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self._count(outputs.detach(), labels, loss.detach())

    def _count(self, outputs: Tensor, labels: Tensor, loss: Tensor) -> None:
        self.sums += self.task.sums(outputs, labels, loss).to(self.sums)
        if self._board is not None and self.progress.step % max(1, self.total_steps // SCALARS) == 0:
            self._board.add_scalar("step/loss", loss.item(), self.progress.step)
            self._board.add_scalar("step/learning_rate", self.learning_rate, self.progress.step)
        now = monotonic()
        self.progress.epoch_seconds += now - self._stepped_at
        self._stepped_at = now
        self.progress.batches += 1
        self.progress.step += 1

    @property
    def note(self) -> str:
        """The epoch's metrics so far, in words."""
        return "  ".join(f"{name} {value:.4g}" for name, value in self.metrics().items())

    def metrics(self) -> dict[str, float]:
        """Training metrics so far in this epoch.

        Raises:
            ModelError: The loss is no longer a number.
        """
        sums = self.sums.tolist()
        if not all(map(isfinite, sums)):
            raise ModelError(
                f"the loss is not finite in epoch {self.progress.epoch + 1}, batch {self.progress.batches}",
                hint="lower learning_rate, give max_grad_norm=1.0, or look for NaN in the features",
            )
        return self.task.metrics(sums)

    def end_epoch(self, validation: dict[str, float]) -> dict[str, float]:
        """Add the epoch to the history, keep its weights if they are the best, and store everything."""
        at, train = self.progress, self.metrics()
        rows = int(self.sums[0].item())
        row = {
            "epoch": at.epoch + 1,
            **{f"train_{name}": value for name, value in train.items()},
            **{f"validation_{name}": value for name, value in validation.items()},
            "learning_rate": self.learning_rate,
            "seconds": at.epoch_seconds,
            "examples_per_second": rows / max(1e-9, at.epoch_seconds),
        }
        better = not at.best_epoch or self._is_better(row, at.history[at.best_epoch - 1])
        self.progress = Progress(
            epoch=at.epoch + 1,
            step=at.step,
            rows=at.rows + rows,
            seconds=at.seconds + at.epoch_seconds,
            best_epoch=at.epoch + 1 if better else at.best_epoch,
            history=[*at.history, row],
        )
        self.sums.zero_()
        self._store_epoch(row, better)
        return row

    def _is_better(self, row: dict[str, float], best: dict[str, float]) -> bool:
        name = f"validation_{self.task.decides}"
        return row[name] > best[name] if self.task.larger_is_better else row[name] < best[name]

    def _store_epoch(self, row: dict[str, float], better: bool) -> None:
        # The state goes last: a kill before it repeats the epoch's end, with the same bits.
        if better:
            checkpoint.save_weights(self.model, self.files.best)
        checkpoint.save_weights(self.model, self.files.last)
        self.files.write_history(asdict(self.settings), self.progress.history)
        if self._board is not None:
            for name in row.keys() - {"epoch", "learning_rate", "seconds"}:
                self._board.add_scalar(f"epoch/{name}", row[name], self.progress.epoch)
        self.save()

    def save_if_due(self, seconds: float | None) -> None:
        """Store the whole state if the last time is `seconds` ago; None leaves it to the epoch's end."""
        if seconds is not None and monotonic() - self._saved_at >= seconds:
            self.metrics()  # a state that is not finite is not worth going on from
            self.save()

    def save(self) -> None:
        """Store the whole state."""
        checkpoint.save(
            self.files.state, self.model, self.optimizer, self.sums, self.progress, asdict(self.settings)
        )
        self._saved_at = self._stepped_at = monotonic()

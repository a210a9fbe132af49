"""The outputs of a model over a dataset, divided among the ranks, and the metrics of all its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import torch
from torch import nn

from headrace.errors import ModelError, UsageError
from headrace.nn import check_model, temporary_mode
from headrace.training.allocator import reuse_freed_memory
from headrace.training.model_inputs import call_model, find_not_finite
from headrace.training.ranks import ALONE, Ranks
from headrace.training.tasks import Split, Targets, Task

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = [
    "collect_outputs",
    "concatenate",
    "evaluate_task",
    "find_device",
    "iterate_outputs",
    "move_to_cpu",
]


def find_device(model: nn.Module) -> torch.device:
    """Return the device of a model's weights; the CPU for a model without weights."""
    return next((weight.device for weight in model.parameters()), torch.device("cpu"))


def iterate_outputs(
    model: nn.Module,
    dataset: Dataset,
    targets: Targets | None,
    batch_size: int | None = None,
    ranks: Ranks = ALONE,
) -> Iterator[tuple[Split, Any]]:
    """Yield the batches of this rank, and what the model returns for them."""
    device = find_device(check_model(model))
    rows = _choose_batch_size(dataset, device) if batch_size is None else batch_size
    batches = dataset.as_supervised(None).batch(rows)
    if ranks.are_many:
        batches = batches.divide_batches(ranks.rank, ranks.count)
    with temporary_mode(model, training=False), reuse_freed_memory():
        for batch in batches.prefetch().to_torch(device):
            split = Split(batch, None, None) if targets is None else targets.split(batch)
            with torch.inference_mode():  # around the loop, it would be active in the caller too
                outputs = call_model(model, split.features)
            yield split, outputs


def _choose_batch_size(dataset: Dataset, device: torch.device) -> int:
    """Choose the rows of a call: a CPU's cache does not hold the activations of many images."""
    has_images = any(isinstance(each.type, pa.FixedShapeTensorType) for each in dataset.schema)
    return 64 if has_images and device.type == "cpu" else 256


@dataclass
class _Collected:
    """The outputs and labels of the batches of this rank.

    Attributes:
        rows: The rows of each batch.
        losses: The loss of each batch.
        outputs: The outputs of each batch, on the CPU.
        labels: The labels of each batch, on the CPU, as the task reads them.
    """

    rows: list[int] = field(default_factory=list[int])
    losses: list[float] = field(default_factory=list[float])
    outputs: list[Any] = field(default_factory=list[Any])
    labels: list[Any] = field(default_factory=list[Any])

    def gather(self, ranks: Ranks) -> _Collected:
        """Return the batches of all ranks on the first rank, in their order in the dataset."""
        if not ranks.are_many:
            return self
        names = ("outputs", "labels")
        mine = {}
        for name in names if self.rows else ():
            joined = concatenate(getattr(self, name))
            parts = joined if isinstance(joined, Mapping) else {"": joined}
            mine |= {f"{name}/{key}": value for key, value in parts.items()}
        counts = ranks.gather([self.rows, self.losses])
        found = [
            {key: value.split(rows) for key, value in tensors.items()}
            for tensors, (rows, _) in zip(ranks.gather_tensors(mine), counts, strict=False)
        ]
        order = [
            (number, rank)
            for number in range(max(len(rows) for rows, _ in counts))
            for rank, (rows, _) in enumerate(counts)
            if number < len(rows)
        ]
        whole = _Collected(*([counts[rank][place][number] for number, rank in order] for place in (0, 1)))
        for number, rank in order if found else ():
            for name in names:
                keys = [key for key in found[rank] if key.startswith(f"{name}/")]
                parts = {key.removeprefix(f"{name}/"): found[rank][key][number] for key in keys}
                getattr(whole, name).append(parts[""] if list(parts) == [""] else parts)
        return whole


def collect_outputs(
    model: nn.Module, dataset: Dataset, task: Task, targets: Targets, ranks: Ranks = ALONE
) -> tuple[Any, Any]:
    """Collect the outputs of a model over a dataset, and the labels as `Task.read_labels` returns them.

    Of several ranks, the first one gets those of all; the others get none.
    """
    found = _Collected()
    for split, outputs in iterate_outputs(model, dataset, targets, None, ranks):
        labels = task.read_labels(outputs, split.labels)
        found.rows.append(task.count_rows(labels))
        found.losses.append(0.0)
        found.outputs.append(move_to_cpu(outputs))
        found.labels.append(move_to_cpu(labels))
    whole = found.gather(ranks)
    return (concatenate(whole.outputs), concatenate(whole.labels)) if ranks.is_first else (None, None)


def evaluate_task(
    model: nn.Module,
    dataset: Dataset,
    task: Task,
    targets: Targets,
    batch_size: int | None = None,
    ranks: Ranks = ALONE,
) -> dict[str, float]:
    """Compute the metrics of a task over a dataset, see `evaluate`; of several ranks over all their rows."""
    task = task.for_validation()
    found = _Collected()
    ranks.note("evaluates the validation data")
    for number, (split, outputs) in enumerate(iterate_outputs(model, dataset, targets, batch_size, ranks), 1):
        labels = task.read_labels(outputs, split.labels)
        loss = float(task.compute_loss(outputs, labels))
        if not isfinite(loss):
            cause = find_not_finite(split._replace(weights=None), targets)
            what = f"the loss is not finite in batch {number}" + (f": {cause}" if cause else "")
            raise ModelError(what, hint="fill in missing values, or drop these rows")
        found.rows.append(task.count_rows(labels))
        found.losses.append(loss)
        found.outputs.append(move_to_cpu(outputs))
        found.labels.append(move_to_cpu(labels))
    whole = found.gather(ranks)
    if not sum(whole.rows):
        raise UsageError("the dataset has no rows", hint="check its source and filters")
    return ranks.broadcast(lambda: _measure(task, whole))


def _measure(task: Task, found: _Collected) -> dict[str, float]:
    total = 0.0
    for loss, rows in zip(found.losses, found.rows, strict=True):
        total += loss * rows
    scores = task.measure(concatenate(found.outputs), concatenate(found.labels))
    return {"loss": total / sum(found.rows), **scores}


def move_to_cpu(value: Any) -> Any:
    """Return a tensor, or a dict of tensors, on the CPU."""
    if isinstance(value, Mapping):
        return {name: each.cpu() for name, each in value.items()}
    return value.cpu()


def concatenate(parts: Sequence[Any]) -> Any:
    """Join the tensors of all batches; floats become float32, also from bfloat16."""
    if isinstance(parts[0], Mapping):
        return {name: concatenate([part[name] for part in parts]) for name in parts[0]}
    joined = torch.cat(list(parts))
    return joined.float() if joined.dtype in (torch.bfloat16, torch.float16) else joined

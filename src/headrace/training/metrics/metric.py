"""Metrics by name: what a task can be measured by, and how the user chooses among them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headrace.errors import UsageError
from headrace.suggestions import suggest

__all__ = ["LOSS", "RECALLS", "Metric", "Metrics", "Monitor", "choose_metrics", "choose_monitor"]

LOSS = "loss"
RECALLS = "recall_by_class"


@dataclass(frozen=True)
class Metric:
    """A measure of predictions, computed once over all rows.

    Attributes:
        compute: Computes the value from the scores of a task, or several values by name.
        larger_is_better: Whether a larger value is better.
        several: Whether it computes several values.
    """

    compute: Callable[[Any], float | Mapping[str, float]]
    larger_is_better: bool = True
    several: bool = False


Metrics = Mapping[str, Metric]


@dataclass(frozen=True)
class Monitor:
    """The metric of the validation data that selects the best epoch.

    Attributes:
        name: The name of the metric, or "loss".
        larger_is_better: Whether a larger value is better.
    """

    name: str
    larger_is_better: bool = False

    def improves(self, row: Mapping[str, float], best: Mapping[str, float]) -> bool:
        """Return whether an epoch is better than the best one so far; of equal ones, by its smaller loss.

        Args:
            row: The row of the history of the epoch.
            best: That of the best epoch.
        """
        value, record = row[f"validation_{self.name}"], best[f"validation_{self.name}"]
        if value == record:
            return row["validation_loss"] < best["validation_loss"]
        return value > record if self.larger_is_better else value < record


def choose_metrics(known: Metrics, names: Iterable[str], task: str) -> dict[str, Metric]:
    """Return the metrics of a task by their names.

    Raises:
        UsageError: The task does not have a metric of this name.
    """
    chosen = dict[str, Metric]()
    for name in names:
        if name not in known:
            raise UsageError(f"metrics: {task} does not have the metric '{name}'", hint=suggest(name, known))
        chosen[name] = known[name]
    return chosen


def choose_monitor(known: Metrics, name: str, task: str, classes: Sequence[str] | None = None) -> Monitor:
    """Return the monitor of a task.

    Args:
        known: The metrics of the task.
        name: A metric, "loss", or "recall_CLASS" of a class.
        task: The name of the task.
        classes: The names of the classes; None is their numbers.

    Raises:
        UsageError: The task does not have a metric of this name.
    """
    single = {key: metric for key, metric in known.items() if not metric.several}
    if name == LOSS:
        return Monitor(LOSS)
    if name in single:
        return Monitor(name, known[name].larger_is_better)
    by_class = [f"recall_{each}" for each in classes or ()] if RECALLS in known else []
    is_number = classes is None and RECALLS in known and re.fullmatch(r"recall_\d+", name)
    if name in by_class or is_number:
        return Monitor(name, larger_is_better=True)
    hint = suggest(name, [LOSS, *single, *by_class])
    raise UsageError(f"monitor: {task} does not have the metric '{name}'", hint=hint)

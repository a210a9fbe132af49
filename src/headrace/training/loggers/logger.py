"""The protocol of loggers: `log(metrics, step)`, which MLflow, W&B and TensorBoard fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast, runtime_checkable

from headrace.arguments import show_value
from headrace.errors import UsageError

__all__ = ["Log", "Logger", "Loggers", "call_loggers", "check_loggers"]

Log = Callable[[dict[str, float], int], object]


@runtime_checkable
class Logger(Protocol):
    """An object that takes the metrics of a training, such as a run of W&B."""

    def log(self, metrics: dict[str, float], step: int, /) -> object:
        """Record metrics by name at a step, which grows."""
        ...


Loggers = Log | Logger | Sequence[Log | Logger]


def check_loggers(loggers: Any) -> Loggers | None:
    """Return the loggers as they were passed.

    Raises:
        UsageError: One is neither a function nor an object with a method `log`.
    """
    for each in _list(loggers):
        if isinstance(each, type) or not (callable(each) or callable(getattr(each, "log", None))):
            hint = "pass a function log(metrics, step), such as mlflow.log_metrics or wandb_run.log"
            raise UsageError(f"logger: expected a function, got {show_value(each)}", hint=hint)
    return loggers


def call_loggers(loggers: Loggers | None, metrics: dict[str, float], step: int) -> None:
    """Hand metrics to each logger, a copy each."""
    for each in _list(loggers):
        log = getattr(each, "log", None)
        (log if callable(log) else cast("Log", each))(dict(metrics), step)


def _list(loggers: Any) -> list[Any]:
    if loggers is None:
        return []
    return list(loggers) if isinstance(loggers, Sequence) and not isinstance(loggers, str) else [loggers]

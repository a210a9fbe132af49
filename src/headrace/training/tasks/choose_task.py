"""The task that a head and the training options define."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headrace.errors import UsageError
from headrace.heads import (
    Classifier,
    Head,
    MultiLabelClassifier,
    NamedClasses,
    QuantileRegressor,
    Regressor,
    SeveralHeads,
)
from headrace.suggestions import suggest
from headrace.training.metrics import LOSS, RECALLS, Metric, Monitor, choose_metrics, choose_monitor
from headrace.training.tasks.classification import Classification
from headrace.training.tasks.multi_label import MultiLabel
from headrace.training.tasks.quantiles import Quantiles
from headrace.training.tasks.regression import Regression
from headrace.training.tasks.several import Several
from headrace.training.tasks.task import Task

if TYPE_CHECKING:
    from headrace.training.options import Options

__all__ = ["choose_task"]

_TASKS: Mapping[str, type[Task]] = {
    each.name: each for each in (Classification, MultiLabel, Regression, Quantiles)
}
_HEADS = {"classification": Classifier, "regression": Regressor}


def choose_task(head: Head, labels: Any, options: Options) -> Task:
    """Return the task of a head, with the loss and the metrics that the options choose.

    The weights of classes are those of `weigh_training`.

    Args:
        head: The head, as it agreed with the label. One that does not name a task is trained by its label:
            for a regression on floating-point numbers, for a classification on others.
        labels: The labels of some rows; of several heads, a dict.
        options: The training options.

    Raises:
        UsageError: An option or a metric that the task does not have.
    """
    if isinstance(head, SeveralHeads):
        return _choose_several(head, labels, options)
    name = head.task
    if name is None:
        name = "regression" if labels.is_floating_point() else "classification"
        head = _HEADS[name]()
    return _make_task(name, head, options, options.metrics, options.monitor)


def _make_task(
    name: str, head: Head, options: Options, metrics: Sequence[str], monitor: str | None, prefix: str = ""
) -> Task:
    _check_options(name, options)
    kind = _TASKS[name]
    title = f"output '{prefix}', {name}," if prefix else name
    if monitor is None:
        monitor = kind.default_metrics[0] if options.class_weight is None else LOSS
    chosen_monitor = _choose_monitor(kind, head, monitor, title)
    wanted = [*kind.default_metrics, *metrics]
    if chosen_monitor.name != LOSS:
        wanted.append(chosen_monitor.name if chosen_monitor.name in kind.known_metrics else RECALLS)
    chosen = choose_metrics(kind.known_metrics, dict.fromkeys(wanted), title)
    return _build(head, options, chosen, chosen_monitor)


def _choose_monitor(kind: type[Task], head: Head, monitor: str, title: str) -> Monitor:
    names = head.names if isinstance(head, NamedClasses) else None
    return choose_monitor(kind.known_metrics, monitor, title, names)


def _build(head: Head, options: Options, metrics: Mapping[str, Metric], monitor: Monitor) -> Task:
    common: dict[str, Any] = {"metrics": metrics, "monitor": monitor, "loss": options.loss}
    if isinstance(head, Classifier):
        return Classification(head=head, label_smoothing=options.label_smoothing, **common)
    if isinstance(head, MultiLabelClassifier):
        return MultiLabel(head=head, **common)
    if isinstance(head, QuantileRegressor):
        return Quantiles(head=head, scale=_read_scale(options), **common)
    is_weighted = options.sample_weight is not None
    return Regression(scale=_read_scale(options), is_weighted=is_weighted, **common)


def _read_scale(options: Options) -> Any:
    if isinstance(options.label_scale, Mapping):
        hint = "pass a number, or a list for several numbers of a row"
        raise UsageError("label_scale: expected a number, got one by output", hint=hint)
    return options.label_scale


def _check_options(name: str, options: Options) -> None:
    """Refuse options of another task, which would change nothing.

    Raises:
        UsageError: The task does not have an option that is set.
    """
    if options.label_smoothing and name != "classification":
        what = "label_smoothing needs class labels"
        found = f"got the labels of {name}" if name in ("multi_label",) else "got floating-point labels"
        raise UsageError(f"{what}, {found}", hint="remove label_smoothing")
    for option in ("class_weight", "choose_threshold", "calibrate"):
        if getattr(options, option) and name not in ("classification", "multi_label"):
            raise UsageError(f"{option} needs a classification, got a {name}", hint=f"remove {option}")


def _choose_several(head: SeveralHeads, labels: Mapping[str, Any], options: Options) -> Several:
    """Return a task for each head; a metric without the name of an output is of all that know it."""
    plain = options.override(metrics=(), monitor=None, loss=None)
    scales = options.label_scale if isinstance(options.label_scale, Mapping) else {}
    for key in scales:
        if key not in head.heads:
            raise UsageError(f"label_scale: no output is called {key!r}", hint=suggest(key, head.heads))
    monitor = options.monitor or LOSS
    tasks = dict[str, Task]()
    parts = {key: _choose_part(each, labels[key]) for key, each in head.heads.items()}
    used = set[str]()
    for key, (name, each) in parts.items():
        kind = _TASKS[name]
        own = monitor.removeprefix(f"{key}_") if monitor.startswith(f"{key}_") else None
        metrics = list[str]()
        for metric in options.metrics:
            short = metric.removeprefix(f"{key}_") if metric not in kind.known_metrics else metric
            if short in kind.known_metrics:
                metrics.append(short)
                used.add(metric)
        fitting = _keep_fitting(plain, name)
        if scales:
            fitting = fitting.override(label_scale=scales.get(key, 1.0))
        tasks[key] = _make_task(name, each, fitting, metrics, own, key)
    known = [f"{key}_{each}" for key, (name, _) in parts.items() for each in _TASKS[name].known_metrics]
    for metric in options.metrics:
        if metric not in used:
            raise UsageError(f"metrics: no output has the metric '{metric}'", hint=suggest(metric, known))
    return Several(
        head=head, tasks=tasks, metrics={}, monitor=_join_monitor(monitor, tasks, known), loss=options.loss
    )


def _choose_part(head: Head, labels: Any) -> tuple[str, Head]:
    name = head.task
    if name is not None:
        return name, head
    name = "regression" if labels.is_floating_point() else "classification"
    return name, _HEADS[name]()


def _keep_fitting(options: Options, name: str) -> Options:
    """Drop the options that one output of several does not have."""
    if name == "classification":
        return options
    dropped: dict[str, Any] = {"label_smoothing": 0.0}
    if name != "multi_label":
        dropped |= {"class_weight": None, "choose_threshold": None, "calibrate": False}
    return options.override(**dropped)


def _join_monitor(name: str, tasks: Mapping[str, Task], known: Sequence[str]) -> Monitor:
    if name == LOSS:
        return Monitor(LOSS)
    for key, task in tasks.items():
        if name == f"{key}_{task.monitor.name}":
            return Monitor(name, task.monitor.larger_is_better)
    raise UsageError(f"monitor: no output has the metric '{name}'", hint=suggest(name, [LOSS, *known]))

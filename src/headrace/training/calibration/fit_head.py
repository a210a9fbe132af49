"""The numbers of a head that are fitted after the training: its temperature and its threshold."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from headrace.errors import UsageError
from headrace.heads import Classifier, Head, MultiLabelClassifier, SeveralHeads, check_head
from headrace.json_fields import read_value
from headrace.storage import expand_home, read_bytes, write_text
from headrace.training.calibration.temperature import find_temperature
from headrace.training.calibration.threshold import find_threshold
from headrace.training.loop.evaluation import collect_outputs
from headrace.training.options import Options
from headrace.training.ranks import ALONE, Ranks
from headrace.training.tasks import Classification, MultiLabel, Several, Targets, Task

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = ["FITTED_HEAD", "check_choice", "fit_head", "load_head"]

FITTED_HEAD = "head.json"
_BALANCED = "equal_recall"


def fit_head(
    head: Head,
    task: Task,
    model: nn.Module,
    validation: Dataset,
    targets: Targets,
    options: Options,
    folder: Path,
    state: Mapping[str, Any],
    ranks: Ranks = ALONE,
) -> Head:
    """Fit the numbers that the options ask for, on the validation data; keep them in `head.json`.

    A classifier of two classes whose weights are balanced gets a threshold at which both are found as often,
    unless its head has one. The balanced accuracy hardly changes near its best value: where it is largest
    hangs on a few validation rows, and one class may be found far less often than the other there.

    Args:
        head: The head.
        task: Its task.
        model: The model, with the best weights.
        validation: The validation data.
        targets: The label columns.
        options: The training options.
        folder: The folder of the training.
        state: What the numbers depend on; numbers that were fitted with the same are read from the file.
        ranks: The ranks, which share the validation data; the first one fits.

    Raises:
        UsageError: No threshold fulfils the rule.
    """
    path = folder / FITTED_HEAD
    rules = {key: _choose_rule(part, options) for key, part in _list_parts(task).items()}
    if not any(rules.values()) and not options.calibrate:
        if ranks.is_first:
            path.unlink(missing_ok=True)
        return head
    asked = {**state, "choose_threshold": rules, "calibrate": options.calibrate}
    numbers = ranks.broadcast(lambda: _read_fitted(path, asked))
    if numbers is not None:
        return _apply(head, numbers)
    outputs, labels = collect_outputs(model, validation, task, targets, ranks)

    def fit() -> dict[str, Any]:
        found = (outputs, labels) if isinstance(task, Several) else ({"": outputs}, {"": labels})
        numbers = {
            key: _fit_part(part, found[0][key], found[1][key], rules[key], options)
            for key, part in _list_parts(task).items()
        }
        write_text(path, json.dumps({"asked": asked, "numbers": numbers}, indent=1) + "\n")
        return numbers

    return _apply(head, ranks.broadcast(fit))


def _read_fitted(path: Path, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the numbers in the file, if they are those that are asked for."""
    stored = _read(path) if path.exists() else None
    return None if stored is None or stored["asked"] != asked else stored["numbers"]


def check_choice(task: Task, outputs: Any, options: Options) -> None:
    """Check, before the training, that a threshold can be chosen.

    Raises:
        UsageError: A classifier does not have two classes.
    """
    if options.choose_threshold is None:
        return
    parts = _list_parts(task)
    for key, part in parts.items():
        found = outputs[key] if isinstance(task, Several) else outputs
        if isinstance(part, Classification) and (count := part.head.count_classes(found)) > 2:
            of_output = f" for the output '{key}'" if key else ""
            what = f"choose_threshold needs two classes, got {count}{of_output}"
            raise UsageError(what, hint="remove choose_threshold: the most probable class is the label")


def load_head(head: Head | Mapping[str, Head], folder: str | os.PathLike[str]) -> Head:
    """Return a head with the temperature and the threshold that a training fitted, if it did.

    Args:
        head: The head that the network was trained with.
        folder: The folder of the training.

    Raises:
        UsageError: The file is damaged.
    """
    path = Path(expand_home(folder)) / FITTED_HEAD
    head = check_head(head)
    return _apply(head, _read(path)["numbers"]) if path.exists() else head


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        stored = read_value(json.loads(read_bytes(str(path))), dict[str, dict[str, Any]])
        read_value(stored["numbers"], dict[str, dict[str, float | list[float]]])
        return stored if "asked" in stored else {**stored, "asked": {}}
    except (ValueError, LookupError, RecursionError) as error:
        hint = "delete it, and run again"
        raise UsageError(f"the file is damaged ({error})", path=str(path), hint=hint) from error


def _list_parts(task: Task) -> dict[str, Task]:
    """List the tasks whose heads have such numbers, by output."""
    parts = dict(task.tasks) if isinstance(task, Several) else {"": task}
    return {key: each for key, each in parts.items() if isinstance(each, Classification | MultiLabel)}


def _choose_rule(task: Any, options: Options) -> str | None:
    """Return the rule for a threshold; None leaves the threshold of the head."""
    if options.choose_threshold is not None:
        return options.choose_threshold
    is_balanced = isinstance(task, Classification) and options.class_weight == "balanced"
    return _BALANCED if is_balanced and task.head.threshold is None else None


def _can_choose(task: Any, outputs: Any, labels: Any) -> bool:
    """Return whether there are two classes, with rows of both."""
    classes = labels.argmax(dim=1) if labels.ndim == 2 else labels
    return task.head.count_classes(outputs) == 2 and len(classes.unique()) == 2


def _fit_part(task: Any, outputs: Any, labels: Any, rule: str | None, options: Options) -> dict[str, Any]:
    numbers = dict[str, Any]()
    is_set = isinstance(task, MultiLabel)
    head: Any = task.head
    if options.calibrate:
        scores = replace(task, head=replace(head, temperature=None)).read_scores(outputs, labels)
        targets = scores.labels.double() if is_set else scores.targets
        numbers["temperature"] = find_temperature(scores.logits, targets, is_set=is_set)
        head = replace(head, temperature=numbers["temperature"])
    if rule is not None and (options.choose_threshold is not None or _can_choose(task, outputs, labels)):
        numbers["threshold"] = _choose(head, outputs, labels, rule, is_set=is_set)
    return numbers


def _choose(head: Any, outputs: Any, labels: Any, rule: str, *, is_set: bool) -> float | list[float]:
    with torch.inference_mode():
        likely = replace(head, threshold=None).tensors(outputs.float())[1].numpy()
    if not is_set:
        classes = labels.argmax(dim=1) if labels.ndim == 2 else labels
        return find_threshold(likely[:, 1], classes.numpy() == 1, rule)
    truth = labels.numpy() > 0.5
    mixed = truth.any(axis=0) & ~truth.all(axis=0)
    return [
        find_threshold(likely[:, number], truth[:, number], rule) if mixed[number] else 0.5
        for number in range(truth.shape[1])
    ]


def _apply(head: Head, numbers: Mapping[str, Mapping[str, Any]]) -> Head:
    if isinstance(head, SeveralHeads):
        changed = {key: _set(each, numbers.get(key, {})) for key, each in head.heads.items()}
        return SeveralHeads(changed)
    return _set(head, numbers.get("", {}))


def _set(head: Head, numbers: Mapping[str, Any]) -> Head:
    if not numbers or not isinstance(head, Classifier | MultiLabelClassifier):
        return head
    named = {name: tuple(each) if isinstance(each, list) else each for name, each in numbers.items()}
    return replace(head, **named)

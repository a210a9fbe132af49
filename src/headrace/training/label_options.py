"""The options that say how the labels of a task are weighted, scored and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from headrace.arguments import check_number, check_string, show_value
from headrace.errors import UsageError
from headrace.suggestions import suggest

__all__ = [
    "THRESHOLD_RULES",
    "ClassWeight",
    "LabelScale",
    "LossFunction",
    "check_class_weight",
    "check_label_scale",
    "check_loss",
    "check_metric_names",
    "check_threshold_rule",
    "read_threshold_rule",
]

LossFunction = Callable[[Any, Any], Any]
ClassWeight = str | Mapping[str | int, float]
LabelScale = float | Sequence[float] | Mapping[str, float | Sequence[float]]

THRESHOLD_RULES = ("f1", "balanced_accuracy", "equal_recall", "recall", "precision")
_WITH_LEAST = ("recall", "precision")


def check_loss(loss: Any) -> LossFunction | None:
    """Return a loss function.

    Raises:
        UsageError: It cannot be called, or is the class of a loss.
    """
    if loss is None:
        return None
    if isinstance(loss, type):
        hint = f"pass an instance: loss={loss.__name__}()"
        raise UsageError(f"loss: expected a function, got the class {loss.__name__}", hint=hint)
    if not callable(loss):
        hint = "pass a function of the outputs and the labels, such as torch.nn.functional.l1_loss"
        raise UsageError(f"loss: expected a function, got {show_value(loss)}", hint=hint)
    return loss


def check_metric_names(names: Any) -> tuple[str, ...]:
    """Return names of metrics; which ones there are depends on the task.

    Raises:
        UsageError: They are not a sequence of strings.
    """
    is_list = isinstance(names, Sequence) and not isinstance(names, str)
    if not is_list or not all(isinstance(each, str) and each for each in names):
        hint = 'pass a list of names, such as metrics=["auc", "f1"]'
        raise UsageError(f"metrics: expected names, got {show_value(names)}", hint=hint)
    return tuple(dict.fromkeys(names))


def check_label_scale(scale: Any) -> LabelScale:
    """Return the scale of a label: a number, one for each number of a row, or those by output.

    Raises:
        UsageError: It is something else, or not above 0.
    """
    if isinstance(scale, Mapping):
        return {str(key): _check_scale(each, f"label_scale[{key!r}]") for key, each in scale.items()}
    return _check_scale(scale, "label_scale")


def _check_scale(scale: Any, name: str) -> float | tuple[float, ...]:
    if isinstance(scale, list | tuple) and scale:
        return tuple(check_number(each, f"{name}[{place}]", above=0) for place, each in enumerate(scale))
    return check_number(scale, name, above=0)


def check_class_weight(weights: Any) -> ClassWeight | None:
    """Return "balanced", or class to weight.

    Raises:
        UsageError: It is something else, or a weight is negative or not finite.
    """
    if weights is None or weights == "balanced":
        return weights
    if not isinstance(weights, Mapping) or not weights:
        hint = 'pass class_weight="balanced", or class to weight: {"yes": 5, "no": 1}'
        raise UsageError(f"class_weight: expected weights, got {show_value(weights)}", hint=hint)
    checked = {key: check_number(each, f"class_weight[{key!r}]", least=0) for key, each in weights.items()}
    if not any(checked.values()):
        raise UsageError("class_weight: every weight is 0", hint="give a class a weight above 0")
    return checked


def check_threshold_rule(rule: Any) -> str | None:
    """Return the rule by which a threshold is chosen.

    Raises:
        UsageError: The rule is unknown, or its number is missing or not a share.
    """
    if rule is not None:
        read_threshold_rule(rule)
    return rule


def read_threshold_rule(rule: str) -> tuple[str, float | None]:
    """Split a rule such as "recall=0.9" into its metric and its least value.

    Raises:
        UsageError: The rule is unknown, or its number is missing or not a share.
    """
    name, sign, text = check_string(rule, "choose_threshold").partition("=")
    if name not in THRESHOLD_RULES:
        raise UsageError(f"choose_threshold: unknown rule '{name}'", hint=suggest(name, THRESHOLD_RULES))
    if bool(sign) != (name in _WITH_LEAST):
        shown = f"{name}=0.9" if name in _WITH_LEAST else name
        raise UsageError(f"choose_threshold: expected '{shown}', got '{rule}'", hint=f"pass '{shown}'")
    if not sign:
        return name, None
    try:
        least = float(text)
    except ValueError:
        least = -1.0
    if not 0 < least <= 1:
        what = f"choose_threshold: expected a share above 0 and at most 1, got '{text}'"
        raise UsageError(what, hint=f"pass '{name}=0.9'")
    return name, least

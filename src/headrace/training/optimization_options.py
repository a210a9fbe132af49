"""The options that say how weights are updated: optimizer, schedule, frozen and slower parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headrace.arguments import check_number, is_iterable, show_value
from headrace.errors import UsageError

__all__ = [
    "LENGTH_FREE",
    "OPTIMIZERS",
    "PRECISIONS",
    "SCHEDULES",
    "check_decay",
    "check_parts",
    "check_rates",
]

OPTIMIZERS = (
    "adamw",
    "adam",
    "nadam",
    "radam",
    "adamax",
    "adagrad",
    "adadelta",
    "rmsprop",
    "sgd",
    "asgd",
    "rprop",
)
SCHEDULES = ("one_cycle", "constant", "cosine", "linear", "exponential")
PRECISIONS = ("no", "bf16", "auto")
LENGTH_FREE = ("constant", "exponential")  # the rate of a step does not depend on the number of epochs


def check_parts(patterns: Any, name: str) -> tuple[str, ...]:
    """Return name patterns of parts of a model; a string is one pattern.

    Raises:
        UsageError: They are not strings.
    """
    each = (patterns,) if isinstance(patterns, str) else patterns
    is_list = is_iterable(each) and not isinstance(each, Mapping | bytes)
    found: tuple[Any, ...] = tuple(each) if is_list else ()
    if not is_list or not all(isinstance(pattern, str) and pattern for pattern in found):
        hint = f'pass name patterns, such as {name}=["features.*"]'
        raise UsageError(f"{name}: expected names, got {show_value(patterns)}", hint=hint)
    return found


def check_rates(rates: Any) -> dict[str, float]:
    """Return name pattern to learning rate.

    Raises:
        UsageError: It is not a mapping of names to numbers above 0.
    """
    if not isinstance(rates, Mapping) or not all(isinstance(each, str) and each for each in rates):
        hint = 'pass name patterns and rates: {"features.*": 1e-4}'
        raise UsageError(f"learning_rates: expected a mapping, got {show_value(rates)}", hint=hint)
    for name, rate in rates.items():
        if rate == 0:
            hint = f'freeze it: freeze=["{name}"]'
            raise UsageError(f"learning_rates['{name}'] is 0", hint=hint)
    return {name: check_number(rate, f"learning_rates['{name}']", above=0) for name, rate in rates.items()}


def check_decay(value: Any, name: str) -> float | None:
    """Return a decay, above 0 and below 1, or None.

    Raises:
        UsageError: It is not a number in this range.
    """
    if value is None:
        return None
    number = check_number(value, name, above=0)
    if number >= 1:
        raise UsageError(f"{name} is {number:g}", hint="use a number above 0 and below 1, such as 0.999")
    return number

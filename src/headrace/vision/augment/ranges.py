"""Ranges, and uniform samples from them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from headrace.arguments import check_number, show_value
from headrace.errors import UsageError

__all__ = ["Range", "span", "uniform"]

Range = float | tuple[float, float]


def span(
    value: Range, name: str, centre: float = 0.0, *, least: float | None = None, most: float | None = None
) -> tuple[float, float]:
    """Return a pair as floats, and a number d as the range from `centre` - d to `centre` + d.

    Args:
        value: The range.
        name: Its name, for messages.
        centre: The middle of a range that is given by one number.
        least: The smallest valid end.
        most: The largest valid end.

    Raises:
        UsageError: `value` is not one number or two, the range is empty, or exceeds a bound.
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != 2:
            raise UsageError(
                f"{name}: expected a number or a range of two, got {show_value(value)}",
                hint="pass (low, high)",
            )
        low, high = (check_number(each, name) for each in value)
    else:
        distance = check_number(value, name)
        low, high = centre - distance, centre + distance
    if not low <= high:
        raise UsageError(
            f"{name}: the range from {low:g} to {high:g} is empty", hint="pass the lower end first"
        )
    for end in (low, high):
        check_number(end, name, least=least, most=most)
    return low, high


def uniform(count: int, low: float, high: float, generator: Generator) -> Tensor:
    """Sample float32 [count] uniformly between `low` and `high`, on the generator's device."""
    return torch.rand(count, generator=generator, device=generator.device) * (high - low) + low

"""Random numbers from ranges, by a generator that is handed in."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from headrace.errors import UsageError

__all__ = ["Range", "span", "uniform"]

Range = float | tuple[float, float]


def span(given: Range, centre: float = 0.0) -> tuple[float, float]:
    """A pair as it is; a number d as the range from `centre` - d to `centre` + d.

    Raises:
        UsageError: The range ends before it begins.
    """
    low, high = given if isinstance(given, Sequence) else (centre - given, centre + given)
    if not low <= high:
        raise UsageError(f"the range from {low:g} to {high:g} is empty", hint="give the lower end first")
    return low, high


def uniform(count: int, low: float, high: float, generator: Generator) -> Tensor:
    """float32 [count], each between `low` and `high`, on the generator's device."""
    return torch.rand(count, generator=generator, device=generator.device) * (high - low) + low

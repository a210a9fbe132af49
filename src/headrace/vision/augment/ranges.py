"""Ranges, and uniform samples from them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from headrace.errors import UsageError

__all__ = ["Range", "span", "uniform"]

Range = float | tuple[float, float]


def span(value: Range, centre: float = 0.0) -> tuple[float, float]:
    """Return a pair unchanged, and a number d as the range from `centre` - d to `centre` + d.

    Raises:
        UsageError: The range is empty.
    """
    low, high = value if isinstance(value, Sequence) else (centre - value, centre + value)
    if not low <= high:
        raise UsageError(f"the range from {low:g} to {high:g} is empty", hint="pass the lower end first")
    return low, high


def uniform(count: int, low: float, high: float, generator: Generator) -> Tensor:
    """Sample float32 [count] uniformly between `low` and `high`, on the generator's device."""
    return torch.rand(count, generator=generator, device=generator.device) * (high - low) + low

"""Ranges and values of arguments, and samples drawn from a generator, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from headrace.arguments import check_integer, check_number, show_value
from headrace.errors import UsageError
from headrace.random_order import derive_seed

__all__ = [
    "ChannelValues",
    "Floats",
    "Range",
    "check_channel_values",
    "check_storable",
    "integers",
    "normal",
    "open_generator",
    "span",
    "uniform",
]

Range: TypeAlias = float | tuple[float, float]
ChannelValues: TypeAlias = float | tuple[float, ...]  # one for all channels, or one for each
Floats: TypeAlias = NDArray[np.float32]


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


def check_channel_values(values: Any, name: str) -> ChannelValues:
    """Return a number, or numbers of the channels as a tuple.

    Raises:
        UsageError: `values` is neither.
    """
    if not isinstance(values, list | tuple):
        check_number(values, name)
        return values
    if not values:
        raise UsageError(
            f"{name}: expected a number per channel, got none", hint="pass a number, or one per channel"
        )
    for value in values:
        check_number(value, name)
    return tuple(values)


def check_storable(values: ChannelValues, images: Any, name: str) -> None:
    """Check that images can hold values, and have as many channels.

    Args:
        values: A number, or one for each channel.
        images: A tensor or an array, [N, channels, height, width].
        name: What has the values, for messages.

    Raises:
        UsageError: The images are uint8, and a value is not an integer from 0 to 255; they are float16, and a
        value
            is too large; or the number of channels differs.
    """
    each = values if isinstance(values, tuple) else (values,)
    if isinstance(values, tuple) and len(values) != images.shape[1]:
        what = f"{name} has {len(values)} values, for images of {images.shape[1]} channels"
        raise UsageError(what, hint="pass one value for each channel")
    dtype = str(images.dtype).removeprefix("torch.")
    most = 255.0 if dtype == "uint8" else torch.finfo(getattr(torch, dtype)).max
    for value in each:
        is_byte = value >= 0 and float(value).is_integer()
        if not abs(value) <= most or (dtype == "uint8" and not is_byte):
            what = f"{name} is {value}, which {dtype} cannot hold"
            raise UsageError(what, hint="pass a value of the images: for uint8, an integer from 0 to 255")


def uniform(count: int, low: float, high: float, generator: Generator) -> Floats:
    """Sample float32 [count] uniformly between `low` and `high`."""
    return _to_array(torch.rand(count, generator=generator, device=generator.device)) * np.float32(
        high - low
    ) + np.float32(low)


def integers(count: int, end: int, generator: Generator) -> NDArray[np.int64]:
    """Sample int64 [count] uniformly from 0 to `end` - 1."""
    return _to_array(torch.randint(end, (count,), generator=generator, device=generator.device))


def normal(count: int, width: int, generator: Generator) -> Floats:
    """Sample float32 [count, width] of the standard normal distribution."""
    return _to_array(torch.randn(count, width, generator=generator, device=generator.device))


def _to_array(drawn: Tensor) -> NDArray[Any]:
    return drawn.cpu().numpy()


def open_generator(seed: Any) -> Generator:
    """Return a generator, or seed one with an integer or with several.

    Raises:
        UsageError: Neither a generator nor integers of at least 0.
    """
    if isinstance(seed, Generator):
        return seed
    if isinstance(seed, list | tuple):
        if not seed:
            raise UsageError(
                "seed: expected integers, got none", hint="pass numbers such as (seed, epoch, batch)"
            )
        return torch.Generator().manual_seed(derive_seed(*(check_integer(each, "seed") for each in seed)))
    return torch.Generator().manual_seed(check_integer(seed, "seed"))

"""Colours of images: grayscale, rescaling and standardization of channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headrace.arguments import check_number
from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.composite import composite
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.tracing.column import Column, apply, as_floats, cast_to, constant

__all__ = ["grayscale", "rescale", "standardize"]


@dataclass(frozen=True)
class Grayscale(ElementwiseOp):
    """0.2989 R + 0.587 G + 0.114 B, added in this order: the luma of ITU-R BT.601, rounded."""

    arity = (1, 1)

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if x.dtype != "float32" or x.ragged or len(x.shape) != 3 or x.shape[0] != 3:
            raise TraceError(
                f"grayscale expects float32 images of 3 channels, got {x}",
                hint="pass rows of shape [3, height, width]",
            )
        return replace(x, shape=(1, *x.shape[1:]))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        red, green, blue = (
            x[:, channel : channel + 1, :, :] * xp.asarray(share, dtype=x.dtype)
            for channel, share in enumerate((0.2989, 0.587, 0.114))
        )
        return red + green + blue


@composite
def rescale(x: Column, scale: float, offset: float = 0.0) -> Column:
    """Compute x * scale + offset in float32; `rescale(image, 1 / 255)` maps pixels to [0, 1]."""
    check_number(scale, "scale")
    check_number(offset, "offset")
    scaled = (as_floats(x) if x.type.is_integer else cast_to(x, "float32")) * scale
    return cast_to(scaled + offset if offset else scaled, "float32")


@composite
def standardize(image: Column, mean: float | Sequence[float], std: float | Sequence[float]) -> Column:
    """Compute (image - mean) / std with one mean and one standard deviation per channel.

    Args:
        image: A column of images [channels, height, width]; cast to float32.
        mean: One number per channel, or one for all.
        std: One number per channel, or one for all.

    Raises:
        TraceError: The number of means or deviations is neither 1 nor the number of channels.
    """
    shape = image.type.shape
    means, stds = (np.asarray(each, np.float32).reshape(-1, 1, 1) for each in (mean, std))
    if len(shape) != 3 or len(means) not in (1, shape[0]) or len(stds) not in (1, shape[0]):
        raise TraceError(
            f"expected one mean and one std per channel of {image.type}, got {len(means)} and {len(stds)}",
            hint="pass one per channel, or one for all",
        )
    if not (np.isfinite(means).all() and np.isfinite(stds).all() and (stds > 0).all()):
        what = f"expected finite means and deviations above 0, got {mean} and {std}"
        raise TraceError(what, hint="pass the mean and the standard deviation of each channel")
    return (cast_to(image, "float32") - constant(means)) / constant(stds)


def grayscale(image: Column) -> Column:
    """Convert RGB images [3, height, width] to luma [1, height, width]: float32, ITU-R BT.601."""
    return apply(Grayscale(), cast_to(image, "float32") if not image.type.is_string else image)

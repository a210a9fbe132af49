"""Image ops inside the graph: resize, crop, grayscale, rescale, standardize.

Rows are [..., height, width], channels first, as in torch; with `channels_last`, they are
[..., height, width, channels].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from headrace.arguments import check_number
from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.composite import composite
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.tracing.column import Column, apply, as_floats, cast_to, constant

__all__ = ["center_crop", "grayscale", "rescale", "resize", "standardize"]

_LARGEST = 1 << 16


@dataclass(frozen=True)
class ResizeAxis(ElementwiseOp):
    """Resampling of one axis of an image: an output pixel is a weighted sum of input pixels near its centre.

    The weights form a triangle (bilinear) as wide as an input pixel, or as an output pixel if that is wider
    and `antialias` is set. They are computed in float64 and rounded to float32 once; all runtimes then add
    the same float32 products in the same order, so images are identical to the bit.

    Attributes:
        size: The new size, in pixels.
        axis: The axis of a row, -3 to -1; with channels first, -2 is the height and -1 the width.
        antialias: Average over all input pixels when shrinking, as `torch.nn.functional.interpolate` does.
        nearest: Take the input pixel that contains the centre of the output pixel, instead of a sum.
    """

    arity = (1, 1)

    size: int
    axis: int
    antialias: bool = True
    nearest: bool = False

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if x.dtype != "float32" or len(x.shape) < max(2, -self.axis) or self.axis not in (-3, -2, -1):
            raise TraceError(
                f"resize expects float32 images, got {x}", hint="pass rows of shape [..., height, width]"
            )
        if not 1 <= self.size <= _LARGEST:
            raise TraceError(
                f"expected a size from 1 to {_LARGEST:,} pixels, got {self.size}",
                hint="choose a size in that range",
            )
        shape = list(x.shape)
        shape[self.axis] = self.size
        return replace(x, shape=tuple(shape))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        before = x.shape[self.axis]
        if self.nearest:
            place = np.floor((np.arange(self.size) + 0.5) * (before / self.size)).astype(np.int64)
            return xp.take(x, xp.asarray(place), axis=x.ndim + self.axis)
        places, weights = _taps(before, self.size, self.antialias)
        total = None
        for place, weight in zip(places, weights, strict=True):
            weight = xp.asarray(weight.reshape((-1, *(1 for _ in range(-1 - self.axis)))))
            part = xp.take(x, xp.asarray(place), axis=x.ndim + self.axis) * weight
            total = part if total is None else total + part
        return total


@cache
def _taps(before: int, after: int, antialias: bool) -> tuple[np.ndarray, np.ndarray]:
    """Compute the input pixels of each output pixel, int64 [taps, after], and their weights, float32."""
    scale = before / after
    width = max(scale, 1.0) if antialias else 1.0
    center = (np.arange(after) + 0.5) * scale
    if not antialias:
        center = np.clip(center, 0.5, before - 0.5)
    first = np.maximum(np.floor(center - width + 0.5), 0).astype(np.int64)
    count = min(before, int(np.ceil(2 * width)) + 1)
    place = first + np.arange(count)[:, None]
    weight = np.maximum(0.0, 1.0 - np.abs(place + 0.5 - center) / width) * (place < before)
    weight /= weight.sum(axis=0)
    used = np.flatnonzero(weight.any(axis=1))
    return np.minimum(place, before - 1)[used], weight[used].astype(np.float32)


@dataclass(frozen=True)
class CenterCrop(ElementwiseOp):
    """The central `height` rows and `width` columns; an odd margin is one pixel wider below and right."""

    arity = (1, 1)

    height: int
    width: int
    channels_last: bool = False

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if x.ragged or x.is_string or len(x.shape) < 2 + self.channels_last:
            raise TraceError(
                f"center_crop expects images, got {x}", hint="pass rows of shape [..., height, width]"
            )
        *others, height, width = x.shape[:-1] if self.channels_last else x.shape
        if not (1 <= self.height <= height and 1 <= self.width <= width):
            raise TraceError(
                f"cannot crop {self.height} x {self.width} pixels from an image of {height} x {width}",
                hint="resize the image first",
            )
        channels = x.shape[-1:] if self.channels_last else ()
        return replace(x, shape=(*others, self.height, self.width, *channels))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        del xp
        height, width = x.shape[-3:-1] if self.channels_last else x.shape[-2:]
        top, left = (height - self.height) // 2, (width - self.width) // 2
        rows, columns = slice(top, top + self.height), slice(left, left + self.width)
        return x[..., rows, columns, :] if self.channels_last else x[..., rows, columns]


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


@composite
def resize(
    image: Column,
    height: int,
    width: int,
    *,
    antialias: bool = True,
    nearest: bool = False,
    channels_last: bool = False,
) -> Column:
    """Resize images [..., height, width] bilinearly: float32.

    Results are identical in every runtime, and within 1e-5 of `torch.nn.functional.interpolate` with
    mode="bilinear" and the same `antialias` for pixels in [0, 1].

    Args:
        image: A column of images; cast to float32.
        height: The new height, in pixels.
        width: The new width, in pixels.
        antialias: Average over all pixels when shrinking; without it, fine detail aliases.
        nearest: Take the nearest pixel instead of interpolating.
        channels_last: Images are [..., height, width, channels].
    """
    image = cast_to(image, "float32") if not image.type.is_string else image
    last = -1 - channels_last
    wide = apply(ResizeAxis(width, last, antialias, nearest), image)
    return apply(ResizeAxis(height, last - 1, antialias, nearest), wide)


def center_crop(image: Column, height: int, width: int, *, channels_last: bool = False) -> Column:
    """Crop the centre of images [..., height, width], or [..., height, width, channels] if `channels_last`.

    Raises:
        TraceError: The image is smaller than `height` x `width`.
    """
    return apply(CenterCrop(height, width, channels_last), image)


def grayscale(image: Column) -> Column:
    """Convert RGB images [3, height, width] to luma [1, height, width]: float32, ITU-R BT.601."""
    return apply(Grayscale(), cast_to(image, "float32") if not image.type.is_string else image)

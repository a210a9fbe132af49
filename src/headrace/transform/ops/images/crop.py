"""Crops of images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.tracing.column import Column, apply

__all__ = ["center_crop"]


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


def center_crop(image: Column, height: int, width: int, *, channels_last: bool = False) -> Column:
    """Crop the centre of images [..., height, width], or [..., height, width, channels] if `channels_last`.

    Raises:
        TraceError: The image is smaller than `height` x `width`.
    """
    return apply(CenterCrop(height, width, channels_last), image)

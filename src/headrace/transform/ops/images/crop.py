"""Crops of images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from headrace.arguments import check_integer
from headrace.columns import ANY_SIZE, ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.tracing.column import Column, apply

__all__ = ["center_crop", "crop_to_aspect_ratio"]


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


@dataclass(frozen=True)
class CropToAspectRatio(ElementwiseOp):
    """The largest central part whose sides are as `height` to `width`, of images of any size.

    A side of the part is rounded down, and is at least one pixel; an odd margin is one pixel wider below and
    right. ONNX computes the part from the size that it is fed, where that is not fixed.
    """

    arity = (1, 1)
    takes_any_size = True

    height: int
    width: int
    channels_last: bool = False

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if x.ragged or x.is_string or len(x.shape) < 2 + self.channels_last:
            what = f"crop_to_aspect_ratio expects images, got {x}"
            hint = "decode the files first: hr.transform.decode_image(column)"
            raise TraceError(what, hint=hint if x.is_string else "pass rows of shape [..., height, width]")
        shape = list(x.shape)
        axes = self._axes()
        sides = [shape[axis] for axis in axes]
        known = [ANY_SIZE, ANY_SIZE] if ANY_SIZE in sides else self._measure(*sides)
        for axis, side in zip(axes, known, strict=True):
            shape[axis] = side
        return replace(x, shape=tuple(shape))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        del xp
        sides = [x.shape[axis] for axis in self._axes()]
        starts = [(old - new) // 2 for old, new in zip(sides, self._measure(*sides), strict=True)]
        parts = [slice(a, a + b) for a, b in zip(starts, self._measure(*sides), strict=True)]
        return x[..., *parts, :] if self.channels_last else x[..., *parts]

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`; the part depends on the size that the model is fed, if that is not fixed."""
        (x,) = values
        if all(isinstance(x.shape[axis], int) for axis in self._axes()):
            return super().lower(x)
        from headrace.transform.ops.images.onnx_crop import lower_crop

        return lower_crop(x, self.height, self.width, self._axes())

    def _axes(self) -> tuple[int, int]:
        return (-3, -2) if self.channels_last else (-2, -1)

    def _measure(self, height: int, width: int) -> list[int]:
        """Compute height and width of the part, from those of the image."""
        wanted = (width * self.height // self.width, height * self.width // self.height)
        return [max(min(old, new), 1) for old, new in zip((height, width), wanted, strict=True)]


def crop_to_aspect_ratio(
    image: Column, height: int = 1, width: int = 1, *, channels_last: bool = False
) -> Column:
    """Crop the largest central part of images, of any sizes, whose sides are as `height` to `width`.

    A square by default: the longer side is cut to the length of the shorter side. Resize it afterwards, and
    the image keeps its proportions:

        image = t.resize(t.crop_to_aspect_ratio(t.decode_image(inputs["image"])), 224, 224)

    Args:
        image: A column of images [..., height, width].
        height: The ratio's height, such as 3.
        width: The ratio's width, such as 4.
        channels_last: Images are [..., height, width, channels].

    Raises:
        TraceError: The column does not hold images.
        UsageError: `height` or `width` is not an integer above 0.
    """
    ratio = (check_integer(height, "height", 1), check_integer(width, "width", 1))
    return apply(CropToAspectRatio(*ratio, channels_last), image)

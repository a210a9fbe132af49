"""Where images have their channels, and parts of them in another shape."""

from __future__ import annotations

from headrace.errors import TraceError, UsageError
from headrace.transform import center_crop
from headrace.transform.tracing import Column

__all__ = ["cropped_to_aspect_ratio", "is_channels_last", "size_of"]

_FORMATS = {None: False, "channels_first": False, "channels_last": True}


def is_channels_last(data_format: str | None) -> bool:
    """Whether images are [height, width, channels], and not, as by default, [channels, height, width].

    Raises:
        UsageError: Another format.
    """
    if data_format not in _FORMATS:
        raise UsageError(f"data_format {data_format!r}", hint="choose channels_first or channels_last")
    return _FORMATS[data_format]


def size_of(image: Column, channels_last: bool) -> tuple[int, int]:
    """Height and width.

    Raises:
        TraceError: The rows are no images.
    """
    shape = image.type.shape
    if len(shape) < 2 + channels_last:
        hint = "give rows of [channels, height, width], or of [height, width, channels] as channels_last"
        raise TraceError(f"an image of {image.type}", hint=hint)
    height, width = shape[-3:-1] if channels_last else shape[-2:]
    return height, width


def cropped_to_aspect_ratio(image: Column, height: int, width: int, channels_last: bool) -> Column:
    """The largest middle part with the proportions of `height` to `width`."""
    before = size_of(image, channels_last)
    crop_height = max(min(before[0], int(before[1] * height / width)), 1)
    crop_width = max(min(before[1], int(before[0] * width / height)), 1)
    return center_crop(image, crop_height, crop_width, channels_last=channels_last)

"""Channel order of images."""

from __future__ import annotations

from headrace.errors import TraceError, UsageError
from headrace.transform.tracing import Column

__all__ = ["image_size", "is_channels_last"]

_FORMATS = {None: False, "channels_first": False, "channels_last": True}


def is_channels_last(data_format: str | None) -> bool:
    """Return whether images are [height, width, channels] instead of the default [channels, height, width].

    Raises:
        UsageError: The format is unknown.
    """
    if not isinstance(data_format, str | None) or data_format not in _FORMATS:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(
            f"unknown data_format {data_format!r}", hint="choose channels_first or channels_last"
        )
    return _FORMATS[data_format]


def image_size(image: Column, channels_last: bool) -> tuple[int, int]:
    """Return height and width.

    Raises:
        TraceError: The rows are not images.
    """
    shape = image.type.shape
    if len(shape) < 2 + channels_last:
        hint = "pass rows of [channels, height, width], or of [height, width, channels] as channels_last"
        raise TraceError(f"expected images, got {image.type}", hint=hint)
    height, width = shape[-3:-1] if channels_last else shape[-2:]
    return height, width

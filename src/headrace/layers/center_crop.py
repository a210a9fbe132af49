"""The middle of images."""

from __future__ import annotations

from headrace.errors import UsageError
from headrace.layers.image_format import cropped_to_aspect_ratio, is_channels_last, size_of
from headrace.layers.layer import PreprocessingLayer
from headrace.transform import center_crop, resize
from headrace.transform.tracing import Column, cast_to

__all__ = ["CenterCrop"]


class CenterCrop(PreprocessingLayer):
    """The middle of images, float32, as `keras.layers.CenterCrop`.

    From images that are too small, the largest middle part of those proportions is taken and resized.

    Args:
        height: The new height.
        width: The new width.
        data_format: "channels_first", the default as everywhere in Headrace, or "channels_last", Keras's.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: Another format, or a size below 1.

    Example:
        >>> from headrace.layers import CenterCrop
        >>> CenterCrop(1, 2)([[[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]]])
        array([[[[5., 6.]]]], dtype=float32)
    """

    def __init__(
        self, height: int, width: int, data_format: str | None = None, name: str | None = None
    ) -> None:
        super().__init__(name)
        if min(height, width) < 1:
            raise UsageError(f"an image of {height} x {width} pixels", hint="give 1 or more")
        self.height, self.width = height, width
        self._channels_last = is_channels_last(data_format)

    def call(self, x: Column) -> Column:
        """See the class."""
        height, width = size_of(x, self._channels_last)
        x = cast_to(x, "float32")
        if height >= self.height and width >= self.width:
            return center_crop(x, self.height, self.width, channels_last=self._channels_last)
        part = cropped_to_aspect_ratio(x, self.height, self.width, self._channels_last)
        return resize(part, self.height, self.width, antialias=False, channels_last=self._channels_last)

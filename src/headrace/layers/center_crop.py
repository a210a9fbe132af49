"""Center crops of images."""

from __future__ import annotations

from headrace.arguments import check_integer
from headrace.layers.image_format import image_size, is_channels_last
from headrace.layers.layer import PreprocessingLayer
from headrace.transform import center_crop, crop_to_aspect_ratio, resize
from headrace.transform.tracing import Column, cast_to

__all__ = ["CenterCrop"]


class CenterCrop(PreprocessingLayer):
    """Crops the center of images, float32, like `keras.layers.CenterCrop`.

    Of images that are too small, the largest centered part with the target aspect ratio is cropped and
    resized.

    Args:
        height: Height of the result, in pixels.
        width: Width of the result, in pixels.
        data_format: "channels_first", the default everywhere in Headrace, or "channels_last", as in Keras.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: `data_format` is unknown, or a size is below 1.

    Example:
        >>> from headrace.layers import CenterCrop
        >>> CenterCrop(1, 2)([[[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]]])
        array([[[[5., 6.]]]], dtype=float32)
    """

    def __init__(
        self, height: int, width: int, data_format: str | None = None, name: str | None = None
    ) -> None:
        super().__init__(name)
        self.height, self.width = check_integer(height, "height", 1), check_integer(width, "width", 1)
        self._channels_last = is_channels_last(data_format)

    def call(self, x: Column) -> Column:
        """See the class."""
        height, width = image_size(x, self._channels_last)
        x = cast_to(x, "float32")
        if height >= self.height and width >= self.width:
            return center_crop(x, self.height, self.width, channels_last=self._channels_last)
        crop = crop_to_aspect_ratio(x, self.height, self.width, channels_last=self._channels_last)
        return resize(crop, self.height, self.width, antialias=False, channels_last=self._channels_last)

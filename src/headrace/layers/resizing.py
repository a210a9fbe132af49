"""Resizing of images."""

from __future__ import annotations

from headrace.arguments import check_choice, check_flag, check_integer
from headrace.layers.image_format import image_size, is_channels_last
from headrace.layers.layer import PreprocessingLayer
from headrace.transform import crop_to_aspect_ratio, resize
from headrace.transform.tracing import Column

__all__ = ["Resizing"]


class Resizing(PreprocessingLayer):
    """Resizes images, float32, like `keras.layers.Resizing`.

    The result is within 1e-6 of Keras's, relative to the largest value: interpolation weights are rounded
    once, so that all runtimes add up the same products.

    Args:
        height: Height of the result, in pixels.
        width: Width of the result, in pixels.
        interpolation: "bilinear" or "nearest". (Keras has others, which the graph does not support.)
        crop_to_aspect_ratio: Whether to crop the largest centered part with the target aspect ratio first.
        antialias: Whether shrinking averages over all pixels; without it, Keras's default, fine detail is
            aliased.
        data_format: "channels_first", the default everywhere in Headrace, or "channels_last", as in Keras.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: `interpolation` or `data_format` is unknown, or a size is below 1.

    Example:
        >>> from headrace.layers import Resizing
        >>> Resizing(1, 2)([[[[0, 2, 4, 6]]]])
        array([[[[1., 5.]]]], dtype=float32)
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        antialias: bool = False,
        data_format: str | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.height, self.width = check_integer(height, "height", 1), check_integer(width, "width", 1)
        self.interpolation = check_choice(interpolation, "interpolation", ("bilinear", "nearest"))
        self.antialias = check_flag(antialias, "antialias")
        self.crop_to_aspect_ratio = check_flag(crop_to_aspect_ratio, "crop_to_aspect_ratio")
        self._channels_last = is_channels_last(data_format)

    def call(self, x: Column) -> Column:
        """See the class."""
        image_size(x, self._channels_last)  # raises if the rows are not images
        if self.crop_to_aspect_ratio:
            x = crop_to_aspect_ratio(x, self.height, self.width, channels_last=self._channels_last)
        return resize(
            x,
            self.height,
            self.width,
            antialias=self.antialias,
            nearest=self.interpolation == "nearest",
            channels_last=self._channels_last,
        )

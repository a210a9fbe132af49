"""Images at another size."""

from __future__ import annotations

from headrace.errors import UsageError
from headrace.layers.image_format import cropped_to_aspect_ratio, is_channels_last, size_of
from headrace.layers.layer import PreprocessingLayer
from headrace.transform import resize
from headrace.transform.tracing import Column

__all__ = ["Resizing"]


class Resizing(PreprocessingLayer):
    """Images at another size, float32, as `keras.layers.Resizing`.

    Within 1e-6 of Keras's pixels, relatively to the largest: weights are rounded once, so that all runtimes
    add up the same products.

    Args:
        height: The new height.
        width: The new width.
        interpolation: "bilinear" or "nearest". (Keras has others, which the graph has not.)
        crop_to_aspect_ratio: Whether to take the largest middle part that has the new proportions, first.
        antialias: Whether shrinking averages over all pixels; without, as by default in Keras, fine detail
            turns into patterns.
        data_format: "channels_first", the default as everywhere in Headrace, or "channels_last", Keras's.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: Another interpolation or format, or a size below 1.

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
        if interpolation not in ("bilinear", "nearest"):
            raise UsageError(f"interpolation {interpolation!r}", hint="choose bilinear or nearest")
        if min(height, width) < 1:
            raise UsageError(f"an image of {height} x {width} pixels", hint="give 1 or more")
        self.height, self.width = height, width
        self.interpolation, self.antialias = interpolation, antialias
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self._channels_last = is_channels_last(data_format)

    def call(self, x: Column) -> Column:
        """See the class."""
        size_of(x, self._channels_last)
        if self.crop_to_aspect_ratio:
            x = cropped_to_aspect_ratio(x, self.height, self.width, self._channels_last)
        return resize(
            x,
            self.height,
            self.width,
            antialias=self.antialias,
            nearest=self.interpolation == "nearest",
            channels_last=self._channels_last,
        )

"""Image ops inside the graph: decode, resize, crop, grayscale, rescale, standardize.

Rows are [..., height, width], channels first, as in torch; with `channels_last`, they are
[..., height, width, channels].
"""

from headrace.transform.ops.images.colour import grayscale, rescale, standardize
from headrace.transform.ops.images.crop import center_crop, crop_to_aspect_ratio
from headrace.transform.ops.images.decode import decode_image
from headrace.transform.ops.images.resize import resize

__all__ = [
    "center_crop",
    "crop_to_aspect_ratio",
    "decode_image",
    "grayscale",
    "rescale",
    "resize",
    "standardize",
]

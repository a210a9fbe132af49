"""Images as people have them, of any sizes: paths, bytes, images of Pillow and arrays.

A model of decoded images (`encoding="image"`) takes them as `hr.images.decode_image` decodes them; images of
one size are answered together. For another model that takes pixels of one size, a file is resized and made
grey as its input requires, with a warning.
"""

from headrace.serving.images.answer_by_size import answer_by_size
from headrace.serving.images.fit_image import fit_images
from headrace.serving.images.read_image import read_image
from headrace.serving.images.split_images import IMAGE, ImageRows, list_image_inputs, split_images

__all__ = [
    "IMAGE",
    "ImageRows",
    "answer_by_size",
    "fit_images",
    "list_image_inputs",
    "read_image",
    "split_images",
]

"""Decode JPEG, PNG, BMP, GIF, WebP, TIFF and AVIF files in memory to pixels, by one rule.

- The picture is turned upright, as its EXIF data says: what browsers and viewers show. `datasets` of Hugging
  Face and `cv2.imread` turn it, too; TensorFlow, torchvision and Pillow's `convert("RGB")` do not.
- Alpha is dropped, as by all of them, and the colours below it are unchanged.
- Samples of 16 bits lose their lower 8, as in TensorFlow: values are scaled, not clipped.
- Grey, palettes, 1 bit and CMYK become red-green-blue; colour profiles are ignored. CMYK in a JPEG file is
  inverted, as Adobe stores it.
- Of several frames, the first; a file that is cut off is refused.

But for the orientation, values are those of TensorFlow's `tf.io.decode_jpeg(dct_method="INTEGER_ACCURATE")`,
`decode_png` and so on. Files are untrusted: an image above `PIXEL_LIMIT` is refused before it is decoded,
since a few bytes can claim gigabytes.
"""

from __future__ import annotations

import io
import struct

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from headrace.errors import RecordError, UsageError
from headrace.images.formats import known_format
from headrace.images.limits import check_size
from headrace.images.orientation import (
    find_exif_in_jpeg,
    is_transposed,
    read_orientation,
    turn,
)
from headrace.images.plain_png import decode_plain_png
from headrace.images.png_chunks import drop_notes, find_exif_in_png

__all__ = ["convert_image", "decode_image", "image_shape"]

_READERS: dict[str, type[ImageFile.ImageFile]] = {
    "jpeg": JpegImageFile,
    "png": PngImageFile,
    "bmp": BmpImageFile,
    "gif": GifImageFile,
    "webp": WebPImageFile,
    "tiff": TiffImageFile,
    "avif": AvifImageFile,
}
_WIDE_MODES = {"I", "F", "I;32"}  # which Pillow would clip to 8 bits
_MODES_OF_16_BITS = {"I;16", "I;16B", "I;16L", "I;16N"}
_PNG_COLOUR_TYPE, _GRAY_AND_ALPHA = 25, 4  # the byte's offset in a PNG file, and one of its values
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_CHANNELS = {
    "1": 1,
    "L": 1,
    "LA": 2,
    "RGBA": 4,
    **dict.fromkeys(_MODES_OF_16_BITS, 1),
}  # of Pillow's modes; all others become RGB

_CMYK = ("CMYK", "YCCK")  # the colour spaces of JPEG files with four components
_DECLINED = (ValueError, KeyError)  # raised by simplejpeg for JPEGs that Pillow may be able to decode
# Raised by Pillow for corrupt images.
_DAMAGE = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, struct.error),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)


_UNCLEAR = (LookupError, TypeError, ArithmeticError, struct.error)  # whose messages are about Pillow's code
_NO_SIZE = "not identified by this driver"


def _damaged(format_: str, error: BaseException) -> RecordError:
    is_unclear = isinstance(error.__cause__ if isinstance(error, SyntaxError) else error, _UNCLEAR)
    what = "its header is damaged or cut off" if is_unclear else str(error)
    what = "its header states no size" if what == _NO_SIZE else what
    return RecordError(f"corrupt {format_.upper()} image: {what}", hint="write the image again")


def _open(data: bytes, format_: str) -> ImageFile.ImageFile:
    """Open an image with Pillow without decoding pixels."""
    try:
        image = _READERS[format_](io.BytesIO(drop_notes(data) if format_ == "png" else data))
    except _DAMAGE as error:
        raise _damaged(format_, error) from error
    check_size(image.height, image.width)
    _check_mode(image.mode)
    return image


def _check_mode(mode: str) -> None:
    if mode in _WIDE_MODES:
        what = f"expected samples of 8 or 16 bits, got mode {mode!r} of Pillow"
        raise RecordError(what, hint="scale the image to 8 bits, or read the column as binary")


def _channels(data: bytes, image: ImageFile.ImageFile) -> int:
    """Count the channels as TensorFlow does."""
    if isinstance(image, GifImageFile):
        return 3
    if isinstance(image, PngImageFile) and data[_PNG_COLOUR_TYPE] == _GRAY_AND_ALPHA:
        return 2  # even if Pillow holds it as four
    if image.mode == "P" and "transparency" in image.info:
        return 4
    return _CHANNELS.get(image.mode, 3)


def _jpeg_shape(data: bytes) -> tuple[int, int, int, bool]:
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data, strict=False)
    except _DECLINED:
        image = _open(data, "jpeg")
        return image.height, image.width, _channels(data, image), image.mode == "CMYK"
    return int(height), int(width), 1 if colours == "Gray" else 3, colours in _CMYK


def _orientation(data: bytes, format_: str, image: ImageFile.ImageFile | None) -> int:
    """Read the orientation; Pillow itself turns TIFF files."""
    if format_ == "jpeg":
        return read_orientation(find_exif_in_jpeg(data))
    if format_ == "png":
        return read_orientation(find_exif_in_png(data))
    exif = None if image is None or format_ == "tiff" else image.info.get("exif")
    return read_orientation(exif)


def image_shape(data: bytes) -> tuple[int, int, int]:
    """Return height, width and channels of `decode_image(data, channels=None)`, from the header alone.

    Raises:
        RecordError: Unknown format, a corrupt header, or more than `PIXEL_LIMIT` pixels.

    Example:
        >>> from headrace.images import encode_png
        >>> image_shape(encode_png(np.zeros((2, 3), np.uint8)))
        (2, 3, 1)
    """
    format_, image = known_format(data), None
    if format_ == "jpeg":
        height, width, channels, _ = _jpeg_shape(data)
        check_size(height, width)
    else:
        image = _open(data, format_)
        height, width, channels = image.height, image.width, _channels(data, image)
    if is_transposed(_orientation(data, format_, image)):
        return width, height, channels
    return height, width, channels


def _converted(image: Image.Image, mode: str) -> Image.Image:
    if image.mode == mode:
        return image
    if image.mode in _MODES_OF_16_BITS:  # the high byte counts, as in TensorFlow
        return _converted(Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)), mode)
    if image.mode == "RGBa" or (image.mode == "P" and "transparency" in image.info):
        return image.convert("RGBA").convert(mode)
    return image.convert(mode)


def _decode_by_pillow(data: bytes, format_: str, channels: int | None) -> NDArray[np.uint8]:
    image = _open(data, format_)
    mode = _MODES[channels or _channels(data, image)]
    try:
        image.load()
        pixels = np.array(_converted(image, mode), np.uint8)
    except _DAMAGE as error:
        raise _damaged(format_, error) from error
    return turn(pixels.reshape(image.height, image.width, -1), _orientation(data, format_, image))


def convert_image(image: Image.Image) -> NDArray[np.uint8]:
    """Convert an image that Pillow has opened, by the rule of `decode_image`, to uint8 [height, width, 3].

    Raises:
        RecordError: A truncated image, one of more than `PIXEL_LIMIT` pixels, or of samples of 32 bits.

    Example:
        >>> convert_image(Image.new("1", (1, 1), 1)).tolist()
        [[[255, 255, 255]]]
    """
    check_size(image.height, image.width)
    _check_mode(image.mode)
    try:
        image.load()
        pixels = np.array(_converted(image, "RGB"), np.uint8)
    except _DAMAGE as error:
        raise _damaged(image.format or "", error) from error
    exif = None if image.format == "TIFF" else image.info.get("exif")  # Pillow has turned TIFF files
    return turn(pixels, read_orientation(exif))


def _decode_jpeg(data: bytes, channels: int | None) -> NDArray[np.uint8]:
    """Decode with TurboJPEG, or with Pillow: CMYK, which TurboJPEG rounds otherwise, and harmless defects."""
    height, width, found, is_cmyk = _jpeg_shape(data)
    check_size(height, width, data.count(b"\xff\xda"))
    if is_cmyk:
        return _decode_by_pillow(data, "jpeg", channels)
    space = {1: "GRAY", 3: "RGB", 4: "RGBA"}[channels or found]
    try:
        pixels = simplejpeg.decode_jpeg(data, space)
    except _DECLINED:
        return _decode_by_pillow(data, "jpeg", channels)
    return turn(pixels, _orientation(data, "jpeg", None))


def decode_image(data: bytes, channels: int | None = 3) -> NDArray[np.uint8]:
    """Decode a JPEG, PNG, BMP, GIF, WebP, TIFF or AVIF image to upright red-green-blue pixels.

    The module describes the rule for orientation, alpha, 16 bits, palettes, CMYK and several frames.

    Args:
        data: The file's bytes.
        channels: 3 for red-green-blue, 1 for gray, 4 for alpha, converted if needed; None: as in the file,
            where CMYK and palettes become red-green-blue (with alpha if the palette has transparency).

    Returns:
        uint8 [height, width, channels].

    Raises:
        RecordError: Unknown format, a corrupt or truncated image, or more than `PIXEL_LIMIT` pixels.
        UsageError: Another number of channels.

    Example:
        >>> from headrace.images import encode_png
        >>> decode_image(encode_png(np.array([[0, 255]], np.uint8))).tolist()
        [[[0, 0, 0], [255, 255, 255]]]
    """
    if channels not in (None, 1, 3, 4):
        raise UsageError(
            f"expected 1, 3, 4 or None channels, got {channels}", hint="convert the pixels after decoding"
        )
    format_ = known_format(data)
    if format_ == "jpeg":
        return _decode_jpeg(data, channels)
    plain = decode_plain_png(data, channels) if format_ == "png" else None
    return _decode_by_pillow(data, format_, channels) if plain is None else plain

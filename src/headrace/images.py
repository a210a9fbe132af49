"""Decode JPEG, PNG, BMP, GIF, WebP, TIFF and AVIF files in memory to pixels, and encode JPEG and PNG.

Pixels are uint8 arrays [height, width, channels]; the channels are gray, gray and alpha, red-green-blue, or
red-green-blue and alpha. Files are untrusted: an image above `PIXEL_LIMIT` is refused before it is decoded,
since a few bytes can claim gigabytes.

Values are those of TensorFlow's `tf.io.decode_jpeg(dct_method="INTEGER_ACCURATE")`, `decode_png` and so on.
As there, an EXIF orientation is not applied, and an alpha channel that is not requested is dropped.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

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

from headrace.errors import RecordError, SchemaError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "NAMES_OF_FORMATS",
    "PIXEL_LIMIT",
    "decode_image",
    "encode_jpeg",
    "encode_png",
    "find_unknown_format",
    "image_format",
    "image_shape",
]

PIXEL_LIMIT = 1 << 26  # 8192 x 8192
_SCANS = 16  # of a progressive JPEG of the largest size; smaller ones may have more

NAMES_OF_FORMATS = "JPEG, PNG, BMP, GIF, WebP, TIFF or AVIF"
# The format, the offset of its signature, and the signature.
_SIGNATURES = (
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("bmp", 0, b"BM"),
    ("gif", 0, b"GIF8"),
    ("webp", 8, b"WEBP"),
    *(("tiff", 0, order) for order in (b"II*\0", b"MM\0*")),
    *(("avif", 4, brand) for brand in (b"ftypavif", b"ftypavis")),
)
_READERS: dict[str, type[ImageFile.ImageFile]] = {
    "jpeg": JpegImageFile,
    "png": PngImageFile,
    "bmp": BmpImageFile,
    "gif": GifImageFile,
    "webp": WebPImageFile,
    "tiff": TiffImageFile,
    "avif": AvifImageFile,
}
_WIDE_MODES = {"I", "F", "I;16B", "I;32", "I;16N"}  # which Pillow would clip to 8 bits
_PNG_COLOUR_TYPE, _GRAY_AND_ALPHA = 25, 4  # the byte's offset in a PNG file, and one of its values
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_CHANNELS = {"1": 1, "L": 1, "I;16": 1, "LA": 2, "RGBA": 4}  # of Pillow's modes; all others become RGB

_DECLINED = (ValueError, KeyError)  # raised by simplejpeg for JPEGs that Pillow may be able to decode
# Raised by Pillow for corrupt images.
_DAMAGE = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, struct.error),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)


def image_format(data: bytes) -> str | None:
    """Detect the format by the first bytes: "jpeg", "png", "bmp", "gif", "webp", "tiff", "avif"; else None.

    >>> image_format(b"GIF89a...")
    'gif'
    """
    found = (name for name, start, signature in _SIGNATURES if data.startswith(signature, start))
    return next(found, None)


def find_unknown_format(files: pa.Array) -> int | None:
    """Find the first of n files, binary [n], that does not begin as an image of a known format.

    >>> import pyarrow as pa
    >>> find_unknown_format(pa.array([b"GIF89a...", b"PDF"]))
    1
    """
    import pyarrow as pa  # only readers of folders need it
    import pyarrow.compute as pc

    is_known = pa.array(np.zeros(len(files), np.bool_))
    for _, start, signature in _SIGNATURES:
        options = pc.MatchSubstringOptions(signature)
        from_start = pc.call_function("binary_slice", [files], pc.SliceOptions(start, 16)) if start else files
        found = pc.call_function("starts_with", [from_start], options)
        is_known = pc.call_function("or", [is_known, found])
    place = pc.index(is_known, False).as_py()
    return None if place < 0 else place


def _known_format(data: bytes) -> str:
    format_ = image_format(data)
    if format_ is None:
        raise RecordError(
            f"expected a {NAMES_OF_FORMATS} image, got {len(data):,} bytes of another format",
            hint="convert the image to one of these, or read the column as binary",
        )
    return format_


def _damaged(format_: str, error: BaseException) -> RecordError:
    return RecordError(f"corrupt {format_.upper()} image: {error}", hint="write the image again")


def _check_size(height: int, width: int, scans: int = 1) -> None:
    """Refuses what would take too much memory, or many passes over much memory."""
    if height * width > PIXEL_LIMIT:
        what = f"expected at most {PIXEL_LIMIT:,} pixels, got {width:,} x {height:,}"
        raise RecordError(what, hint="scale it down")
    if height * width * scans > PIXEL_LIMIT * _SCANS:
        what = f"too many scans for {width:,} x {height:,} pixels: {scans:,}"
        raise RecordError(what, hint="write the image in fewer scans, or as a baseline JPEG")


def _open(data: bytes, format_: str) -> ImageFile.ImageFile:
    """Open an image with Pillow without decoding pixels."""
    try:
        image = _READERS[format_](io.BytesIO(data))
    except _DAMAGE as error:
        raise _damaged(format_, error) from error
    _check_size(image.height, image.width)
    if image.mode in _WIDE_MODES and format_ == "tiff":
        what = f"expected samples of 8 or 16 bits, got mode {image.mode!r} of Pillow"
        raise RecordError(what, hint="scale the image to 8 bits, or read the column as binary")
    return image


def _channels(data: bytes, image: ImageFile.ImageFile) -> int:
    """Count the channels as TensorFlow does."""
    if isinstance(image, GifImageFile):
        return 3
    if isinstance(image, PngImageFile) and data[_PNG_COLOUR_TYPE] == _GRAY_AND_ALPHA:
        return 2  # even if Pillow holds it as four
    if image.mode == "P" and "transparency" in image.info:
        return 4
    return _CHANNELS.get(image.mode, 3)


def _jpeg_shape(data: bytes) -> tuple[int, int, int]:
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data, strict=False)
    except _DECLINED:
        image = _open(data, "jpeg")
        return image.height, image.width, _channels(data, image)
    return int(height), int(width), 1 if colours == "Gray" else 3


def image_shape(data: bytes) -> tuple[int, int, int]:
    """Return height, width and channels of `decode_image(data)`, from the header alone.

    Raises:
        RecordError: Unknown format, a corrupt header, or more than `PIXEL_LIMIT` pixels.

    Example:
        >>> image_shape(encode_png(np.zeros((2, 3), np.uint8)))
        (2, 3, 1)
    """
    format_ = _known_format(data)
    if format_ == "jpeg":
        height, width, channels = _jpeg_shape(data)
        _check_size(height, width)
        return height, width, channels
    image = _open(data, format_)
    return image.height, image.width, _channels(data, image)


def _converted(image: Image.Image, mode: str) -> Image.Image:
    if image.mode == mode:
        return image
    if image.mode == "I;16":  # the high byte counts, as in TensorFlow
        return _converted(Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)), mode)
    if image.mode == "P" and "transparency" in image.info:
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
    return pixels.reshape(image.height, image.width, -1)


def _decode_jpeg(data: bytes, channels: int | None) -> NDArray[np.uint8]:
    """Decode with TurboJPEG, or with Pillow if TurboJPEG refuses: CMYK, and harmless defects."""
    height, width, found = _jpeg_shape(data)
    _check_size(height, width, data.count(b"\xff\xda"))
    space = {1: "GRAY", 3: "RGB", 4: "RGBA"}[channels or found]
    try:
        return simplejpeg.decode_jpeg(data, space)
    except _DECLINED:
        return _decode_by_pillow(data, "jpeg", channels)


def decode_image(data: bytes, channels: int | None = None) -> NDArray[np.uint8]:
    """Decode a JPEG, PNG, BMP, GIF, WebP, TIFF or AVIF image; of several frames, the first.

    Args:
        data: The file's bytes.
        channels: 1 for gray, 3 for red-green-blue, 4 for alpha, converted if needed; None: as in the file,
            where CMYK and palettes become red-green-blue (with alpha if the palette has transparency).

    Returns:
        uint8 [height, width, channels]. Samples of 16 bits lose the lower 8.

    Raises:
        RecordError: Unknown format, a corrupt or truncated image, or more than `PIXEL_LIMIT` pixels.
        UsageError: Another number of channels.

    Example:
        >>> decode_image(encode_png(np.array([[0, 255]], np.uint8)), channels=3).tolist()
        [[[0, 0, 0], [255, 255, 255]]]
    """
    if channels not in (None, 1, 3, 4):
        raise UsageError(
            f"expected 1, 3, 4 or None channels, got {channels}", hint="convert the pixels after decoding"
        )
    format_ = _known_format(data)
    return _decode_jpeg(data, channels) if format_ == "jpeg" else _decode_by_pillow(data, format_, channels)


def _pixels(image: Any, channels: tuple[int, ...], format_: str) -> NDArray[np.uint8]:
    """Check pixels, and convert them to a contiguous array [height, width, channels]."""
    pixels: NDArray[Any] = np.asarray(image)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in channels or not pixels.size:
        what = f"{format_} expects uint8 [height, width, {'|'.join(map(str, channels))}], got"
        raise SchemaError(f"{what} {pixels.dtype} {list(pixels.shape)}", hint="cast and reshape the image")
    return np.ascontiguousarray(pixels)


def encode_jpeg(image: Any, quality: int = 95) -> bytes:
    """Encode pixels as JPEG, colours at half resolution (4:2:0) like `tf.io.encode_jpeg`.

    Args:
        image: uint8 [height, width], [height, width, 1] or [height, width, 3].
        quality: From 1 to 100.

    Raises:
        SchemaError: Another dtype or shape, or a side above 65,535.
        UsageError: Another quality.

    Example:
        >>> image_shape(encode_jpeg(np.zeros((8, 16, 3), np.uint8)))
        (8, 16, 3)
    """
    if not 1 <= quality <= 100:
        raise UsageError(f"expected a quality from 1 to 100, got {quality}", hint="pass quality=95")
    pixels = _pixels(image, (1, 3), "JPEG")
    if max(pixels.shape) > 65_500:
        raise SchemaError(
            f"expected sides of at most 65,500, got {list(pixels.shape)}", hint="scale the image down"
        )
    colours, subsampling = ("GRAY", "Gray") if pixels.shape[2] == 1 else ("RGB", "420")
    return simplejpeg.encode_jpeg(pixels, quality, colours, subsampling)


def encode_png(image: Any) -> bytes:
    """Encode pixels as PNG, without loss.

    Args:
        image: uint8 [height, width] or [height, width, channels]; 1 to 4 channels.

    Raises:
        SchemaError: Another dtype or shape.

    Example:
        >>> decode_image(encode_png(np.array([[7, 9]], np.uint8))).tolist()
        [[[7], [9]]]
    """
    pixels = _pixels(image, (1, 2, 3, 4), "PNG")
    file = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(file, "PNG")
    return file.getvalue()

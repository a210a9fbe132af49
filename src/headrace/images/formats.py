"""The formats of image files, by their first bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headrace.errors import RecordError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "NAMES_OF_FORMATS",
    "describe_other",
    "find_unknown_format",
    "has_image_extension",
    "image_format",
    "known_format",
]

_EXTENSIONS = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff", ".avif"),
)
NAMES_OF_FORMATS = "JPEG, PNG, BMP, GIF, WebP, TIFF or AVIF"
# The format, the offset of its signature, and the signature.
_SIGNATURES = (
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("bmp", 0, b"BM"),
    ("gif", 0, b"GIF8"),
    ("webp", 8, b"WEBP"),
    *(("tiff", 0, order) for order in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    *(("avif", 4, brand) for brand in (b"ftypavif", b"ftypavis")),
)
_MOST_BRANDS = 256  # bytes of the box of brands, at the start of AVIF and HEIC files
_UNSUPPORTED = (
    *(("a HEIC image", 4, b"ftyp" + brand) for brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1")),
    *(("a JPEG 2000 image", start, mark) for start, mark in ((4, b"jP  "), (0, b"\xff\x4f\xff\x51"))),
    *(("a JPEG XL image", start, mark) for start, mark in ((4, b"JXL "), (0, b"\xff\x0a"))),
    ("an icon", 0, b"\0\0\1\0"),
    ("a PDF file", 0, b"%PDF"),
    ("a Photoshop file", 0, b"8BPS"),
    *(("an SVG drawing or another XML file", 0, mark) for mark in (b"<svg", b"<?xml")),
    *(("a web page", 0, mark) for mark in (b"<!DOCTYPE html", b"<!doctype html", b"<html")),
    *(("a ZIP archive", 0, mark) for mark in (b"PK\3\4", b"PK\5\6")),
    ("a compressed file", 0, b"\x1f\x8b"),
    ("a video", 4, b"ftyp"),
    ("the notes of macOS on a file", 0, b"\0\5\x16\7"),
    ("a JPEG image in base64", 0, b"/9j/"),
    ("a PNG image in base64", 0, b"iVBORw0KGgo"),
    ("an array of NumPy", 0, b"\x93NUMPY"),
    *(("a Netpbm image", 0, b"P%d\n" % kind) for kind in range(1, 8)),
    ("the pointer of a file in git-lfs", 0, b"version https://git-lfs"),
)


def image_format(data: bytes) -> str | None:
    """Detect the format by the first bytes: "jpeg", "png", "bmp", "gif", "webp", "tiff", "avif"; else None.

    >>> image_format(b"GIF89a...")
    'gif'
    """
    found = (name for name, start, signature in _SIGNATURES if data.startswith(signature, start))
    return next(found, "avif" if _is_general_avif(data) else None)


def _is_general_avif(data: bytes) -> bool:
    """Return whether the brand is of any image of ISO/IEC 23008-12, and AVIF is among the compatible ones."""
    if not data.startswith((b"ftypmif1", b"ftypmsf1"), 4):
        return False
    box = data[: min(int.from_bytes(data[:4]), _MOST_BRANDS)]
    return any(box[start : start + 4] in (b"avif", b"avis") for start in range(16, len(box), 4))


def has_image_extension(name: str) -> bool:
    """Return whether a file is an image by its name.

    >>> has_image_extension("IMG_0001.JPG"), has_image_extension("notes.txt")
    (True, False)
    """
    return name.lower().endswith(_EXTENSIONS)


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
    others = np.flatnonzero(~is_known.to_numpy(zero_copy_only=False)).tolist()
    return next((place for place in others if image_format(files[place].as_py()) is None), None)


def describe_other(data: bytes) -> str:
    """Describe a file of another format by its first bytes.

    >>> describe_other(b"%PDF-1.7"), describe_other(b"abc")
    ('a PDF file', '3 bytes of another format')
    """
    named = (name for name, start, signature in _UNSUPPORTED if data.startswith(signature, start))
    return next(named, f"{len(data):,} bytes of another format") if data else "an empty file"


def known_format(data: bytes) -> str:
    """Detect the format by the first bytes.

    Raises:
        RecordError: Another format; it says which, if that is known.
    """
    format_ = image_format(data)
    if format_ is not None:
        return format_
    hint = "convert the image to one of these, or read the column as binary"
    raise RecordError(f"expected a {NAMES_OF_FORMATS} image, got {describe_other(data)}", hint=hint)

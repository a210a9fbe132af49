"""Many files decoded into one array: the pixels and the errors of `decode_image`, for hostile files too."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import simplejpeg
from PIL import Image

from headrace import _native
from headrace.errors import RecordError, SchemaError, UsageError
from headrace.images import decode_image, decode_images, encode_jpeg, encode_png
from headrace.images.libraries import has_jpeg_library, has_png_library

RANDOM = np.random.default_rng(0)


def photo(height: int = 24, width: int = 40) -> np.ndarray:
    coarse = RANDOM.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3)).repeat(8, 0).repeat(8, 1)
    return (coarse[:height, :width] * 0.8 + RANDOM.integers(0, 50, (height, width, 3))).astype(np.uint8)


def save(pixels: np.ndarray, format_: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format_, **options)
    return file.getvalue()


def exif(orientation: int, order: str = "<") -> bytes:
    entries = [(0x010F, 3, 1, 7), (0x0112, 3, 1, orientation)]
    body = b"".join(struct.pack(f"{order}HHIHH", *entry, 0) for entry in entries)
    start = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}IH", 8, len(entries))
    return b"Exif\0\0" + start + body + b"\0\0\0\0"


def png_files(pixels: np.ndarray) -> Iterator[bytes]:
    smooth = np.add.outer(np.arange(24), np.arange(40) * 3)[..., None] * np.array([1, 2, 3])
    for each in (pixels, smooth.astype(np.uint8), (smooth // 7 % 2 * 90 + pixels // 9).astype(np.uint8)):
        alpha = np.concatenate([each, each[..., :1] // 2], axis=-1)
        yield from (encode_png(each), encode_png(alpha), encode_png(each[..., 0]), encode_png(alpha[..., :2]))
        yield save(each, "PNG", compress_level=0)
        yield save(each[..., 0].astype(np.uint16) * 257, "PNG")
        yield save(each, "PNG", exif=exif(2))
        for mode in ("P", "1"):
            yield save(np.asarray(Image.fromarray(each).convert(mode)), "PNG")
    yield b"".join(split_data(encode_png(pixels), 7))


def split_data(file: bytes, size: int) -> Iterator[bytes]:
    """Write the pixels of a PNG file in chunks of a few bytes."""
    start = file.index(b"IDAT") - 4
    end = start + 12 + int.from_bytes(file[start : start + 4])
    yield file[:start]
    for place in range(start + 8, end - 4, size):
        body = b"IDAT" + file[place : min(place + size, end - 4)]
        yield struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    yield file[end:]


def files_of_one_size() -> Iterator[bytes]:
    pixels = photo()
    for subsampling in ("444", "422", "420", "440", "411"):
        yield simplejpeg.encode_jpeg(pixels, 80, "RGB", subsampling)
    yield encode_jpeg(pixels[..., 0])
    for options in (
        {"progressive": True},
        {"optimize": True},
        {"keep_rgb": True},
        {"restart_marker_rows": 1},
    ):
        yield save(pixels, **options)
    for orientation in range(10):
        turned = pixels if orientation < 5 or orientation > 8 else photo(40, 24)
        yield save(turned, exif=exif(orientation, "<>"[orientation % 2]))
    yield save(pixels, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    yield from png_files(pixels)
    yield from (save(pixels, format_) for format_ in ("BMP", "WEBP", "GIF"))
    cmyk = io.BytesIO()
    Image.fromarray(pixels).convert("CMYK").save(cmyk, "JPEG")
    yield cmyk.getvalue()


@pytest.mark.parametrize("channels_last", [True, False])
@pytest.mark.parametrize("threads", [1, 3, None])
def test_pixels_are_those_of_files_decoded_alone(channels_last: bool, threads: int | None) -> None:
    files = list(files_of_one_size()) * 2
    found = decode_images(files, channels_last=channels_last, threads=threads)
    expected = np.stack([decode_image(file) for file in files])
    assert np.array_equal(found if channels_last else np.moveaxis(found, 1, -1), expected)


@pytest.mark.parametrize("channels", [1, 4])
def test_channels_are_chosen(channels: int) -> None:
    files = list(files_of_one_size())
    expected = np.stack([decode_image(file, channels) for file in files])
    assert np.array_equal(decode_images(files, channels), expected)
    found = decode_images(files, channels, channels_last=False)
    assert np.array_equal(np.moveaxis(found, 1, -1), expected)
    with pytest.raises(UsageError, match="expected 1, 3 or 4 channels, got 2"):
        decode_images(files, 2)


def test_the_kernels_decode_jpeg_and_plain_png_files_themselves() -> None:
    assert has_jpeg_library()
    assert has_png_library()
    pixels = photo()
    plain = (encode_jpeg(pixels), encode_png(pixels), encode_png(pixels[..., 0]))
    for file in plain:
        found = np.zeros((1, 24, 40, 3), np.uint8)
        left = _native.decode_images(np.array([0, len(file)]), np.frombuffer(file, np.uint8), found, True)
        assert not len(left)
        assert np.array_equal(found[0], decode_image(file))


@pytest.mark.parametrize("type_", [pa.binary(), pa.large_binary()])
def test_columns_may_be_slices(type_: pa.DataType) -> None:
    files = [encode_jpeg(photo()) for _ in range(5)]
    column = pa.array(files, type_).slice(1, 3)
    expected = np.stack([decode_image(file) for file in files[1:4]])
    assert np.array_equal(decode_images(column), expected)
    assert np.array_equal(decode_images(pa.chunked_array([column.slice(0, 1), column.slice(1)])), expected)


def test_a_file_that_cannot_be_decoded_is_named_by_its_row() -> None:
    files = [encode_jpeg(photo()) for _ in range(3)]
    with pytest.raises(RecordError, match=r"^record 1: corrupt JPEG image: .*; write the image again"):
        decode_images([files[0], files[1][:300], files[2]])
    with pytest.raises(RecordError, match=r"^record 2: expected a JPEG, .* got an empty file"):
        decode_images([*files[:2], b""])
    with pytest.raises(RecordError, match=r"^record 0: expected a JPEG, .* got a PDF file"):
        decode_images([b"%PDF", *files])
    with pytest.raises(RecordError, match=r"^record 1: the image is missing"):
        decode_images(pa.array([files[0], None]))


def test_images_of_one_size_are_expected() -> None:
    with pytest.raises(
        SchemaError, match=r"^record 1: expected images of 24 x 40 pixels, got 24 x 16; resize"
    ):
        decode_images([encode_jpeg(photo()), encode_jpeg(photo(24, 16))])
    with pytest.raises(SchemaError, match="expected at least one image, got none"):
        decode_images([])
    with pytest.raises(SchemaError, match="expected the bytes of image files, got Arrow type int64"):
        decode_images(pa.array([1, 2]))


def test_a_file_that_claims_gigabytes_is_refused_before_memory_is_taken() -> None:
    bomb = bytearray(encode_jpeg(photo()))
    place = bomb.index(b"\xff\xc0")
    bomb[place + 5 : place + 9] = struct.pack(">HH", 65_000, 65_000)
    for files in ([bytes(bomb)], [encode_jpeg(photo()), bytes(bomb)]):
        with pytest.raises(RecordError, match="expected at most 67,108,864 pixels, got 65,000 x 65,000"):
            decode_images(files)


def decode_or_explain(decode: Any) -> Any:
    try:
        return decode().tobytes()
    except (RecordError, SchemaError) as error:
        return error.what


@pytest.mark.parametrize(
    "whole",
    [
        save(photo(16, 16)),
        save(photo(16, 16), progressive=True),
        save(photo(16, 16), exif=exif(6)),
        save(photo(8, 8), "PNG"),
        b"".join(split_data(encode_png(photo(8, 8)[..., 0]), 20)),
    ],
)
def test_damaged_files_have_the_answer_of_the_decoder_in_python(whole: bytes) -> None:
    for _ in range(150):
        data = bytearray(whole)
        for place in RANDOM.integers(2, len(data), RANDOM.integers(1, 3)):
            data[place] ^= 1 << RANDOM.integers(8)
        damaged = bytes(data[: RANDOM.integers(len(data) // 2, 3 * len(data))])
        expected = decode_or_explain(lambda file=damaged: decode_image(file))
        assert decode_or_explain(lambda file=damaged: decode_images([file])[0]) == expected

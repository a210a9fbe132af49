"""Images are decoded to TensorFlow's pixels (tools/make_golden_images.py), and nothing else gets through."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import simplejpeg
from PIL import Image

from headrace.errors import RecordError, SchemaError, UsageError
from headrace.images import (
    PIXEL_LIMIT,
    decode_image,
    encode_jpeg,
    encode_png,
    find_unknown_format,
    image_format,
    image_shape,
)

pytestmark = pytest.mark.filterwarnings("error")

CASES = json.loads((Path(__file__).parents[1] / "golden" / "pictures.json").read_text())["cases"]
FILES = {case["name"]: base64.b64decode(case["file"]) for case in CASES}
PICTURE = decode_image(FILES["png, plain"])

# Where colours become gray, rounding may differ by 1; else values are equal.
ROUNDED = {
    (f"png, {name}", 1) for name in ("plain", "alpha", "16 bits", "palette", "palette with transparency")
}
# Opaque is 255 with us; TensorFlow gives the highest number of the file's bits, 15 or 1.
OPAQUE = {("png, palette", 4), ("png, 1 bit", 4)}
# TensorFlow cannot make these gray.
OURS_ONLY = {("jpeg, CMYK", 1)}


@pytest.mark.parametrize(
    ("name", "channels", "expected"),
    [(case["name"], int(wanted), found) for case in CASES for wanted, found in case["channels"].items()],
)
def test_pixels_are_tensorflows(name: str, channels: int, expected: Any) -> None:
    if expected is None and (name, channels) not in OURS_ONLY:
        with pytest.raises(RecordError, match="corrupt ") as caught:
            decode_image(FILES[name], channels or None)
        assert caught.value.hint
        return
    found = decode_image(FILES[name], channels or None)
    if expected is None:
        return
    shape, pixels = expected
    difference = found - np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(shape).astype(np.int16)
    if (name, channels) in OPAQUE:
        difference = difference[:, :, :3]
    assert np.abs(difference).max() <= ((name, channels) in ROUNDED)


@pytest.mark.parametrize("name", [name for name in FILES if "cut off" not in name])
def test_the_shape_is_known_without_decoding(name: str) -> None:
    assert image_shape(FILES[name]) == decode_image(FILES[name], None).shape
    assert image_format(FILES[name]) == name.split(",")[0]
    for channels in (1, 3, 4):
        assert decode_image(FILES[name], channels).shape == (*PICTURE.shape[:2], channels)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_keeps_every_value(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    np.testing.assert_array_equal(decode_image(encode_png(pixels), None), pixels)


def test_jpeg_is_close_and_closer_with_quality() -> None:
    smooth = np.asarray(Image.fromarray(PICTURE).resize((64, 48), Image.Resampling.BICUBIC))

    def error(quality: int) -> float:
        return float(np.abs(decode_image(encode_jpeg(smooth, quality)) - smooth.astype(np.int16)).mean())

    assert error(95) < 3 < error(5)
    gray = encode_jpeg(smooth[:, :, 0])
    assert image_shape(gray) == (48, 64, 1)
    assert gray == encode_jpeg(smooth[:, :, :1])


def test_images_need_not_lie_in_one_piece() -> None:
    turned = PICTURE.transpose(1, 0, 2)[::-1]
    np.testing.assert_array_equal(decode_image(encode_png(turned)), turned)
    assert image_shape(encode_jpeg(turned)) == turned.shape


@pytest.mark.parametrize("encode", [encode_jpeg, encode_png])
@pytest.mark.parametrize(
    "image",
    [np.zeros((2, 2)), np.zeros((2, 2, 5), np.uint8), np.zeros((0, 2, 3), np.uint8), np.zeros(3, np.uint8)],
)
def test_what_is_no_image_is_not_encoded(encode: Any, image: np.ndarray) -> None:
    with pytest.raises(SchemaError, match="expects uint8"):
        encode(image)


def test_impossible_arguments_are_refused() -> None:
    with pytest.raises(UsageError, match="expected 1, 3, 4 or None channels, got 2"):
        decode_image(FILES["png, plain"], channels=2)
    with pytest.raises(UsageError, match="quality"):
        encode_jpeg(PICTURE, quality=0)
    with pytest.raises(SchemaError, match="65,500"):
        encode_jpeg(np.zeros((1, 65_501), np.uint8))


@pytest.mark.parametrize("data", [b"", b"GIF", b"RIFF....WAVE", b"8BPS\0\1", b"%!PS-Adobe-3.0 EPSF"])
def test_other_formats_are_refused_even_if_pillow_reads_them(data: bytes) -> None:
    assert image_format(data) is None
    for read in (decode_image, image_shape):
        with pytest.raises(RecordError, match="expected a JPEG, PNG, BMP, GIF, WebP, TIFF or AVIF image"):
            read(data)


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    pixels = zlib.compress(bytes(1 << 16))
    return FILES["png, plain"][:8] + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def bmp_that_claims(width: int, height: int) -> bytes:
    file = bytearray(FILES["bmp, plain"])
    file[18:26] = width.to_bytes(4, "little") + height.to_bytes(4, "little")
    return bytes(file)


def gif_that_claims(width: int, height: int) -> bytes:
    file = bytearray(FILES["gif, plain"])
    file[6:10] = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return bytes(file)


def jpeg_that_claims(width: int, height: int) -> bytes:
    file = bytearray(FILES["jpeg, plain"])
    at = file.index(b"\xff\xc0") + 5
    file[at : at + 4] = height.to_bytes(2) + width.to_bytes(2)
    return bytes(file)


@pytest.mark.parametrize("claim", [png_that_claims, bmp_that_claims, gif_that_claims, jpeg_that_claims])
@pytest.mark.parametrize("side", [8193, 14_000, 65_000])
def test_a_file_that_claims_too_many_pixels_is_refused_before_it_is_decoded(claim: Any, side: int) -> None:
    bomb = claim(side, side)
    assert len(bomb) < 2000
    for read in (decode_image, image_shape):
        with pytest.raises(RecordError, match=f"at most {PIXEL_LIMIT:,} pixels"):
            read(bomb)


def test_a_jpeg_of_countless_scans_is_refused() -> None:
    start = jpeg_that_claims(8000, 8000)
    scan = start[start.index(b"\xff\xda") : start.index(b"\xff\xd9")]
    with pytest.raises(RecordError, match=r"too many scans for .* 101; write the image in fewer"):
        decode_image(start + scan * 100)


@pytest.mark.parametrize("name", ["jpeg, plain", "jpeg, progressive", "png, palette with transparency",
                                  "bmp, plain", "gif, moving"])  # fmt: skip
def test_damaged_files_give_pixels_or_a_clear_error(name: str) -> None:
    file, rng = FILES[name], np.random.default_rng(0)
    damaged = [file[:end] for end in range(0, len(file), 7)]
    for place in rng.integers(0, len(file), 200):
        damaged.append(file[:place] + rng.bytes(1) + file[place + 1 :])
    for data in damaged:
        try:
            shape = decode_image(data, None).shape
        except RecordError:
            continue
        assert shape == image_shape(data)


def test_bytes_that_pillow_tolerates_are_decoded_without_turbojpeg() -> None:
    plain = FILES["jpeg, plain"]
    at = plain.index(b"\xff\xdb")
    blemished = plain[:at] + b"\0\0" + plain[at:]  # between two segments
    with pytest.raises(ValueError, match="extraneous"):
        simplejpeg.decode_jpeg(blemished)
    np.testing.assert_array_equal(decode_image(blemished), decode_image(plain))


def encode(image: Image.Image, format_: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("AVIF", {"quality": 100}),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_webp_tiff_and_avif_are_read_by_pillow(format_: str, options: Any, mode: str) -> None:
    pixels = np.arange(8 * 6 * 3, dtype=np.uint8).reshape(8, 6, 3)
    data = encode(Image.fromarray(pixels).convert(mode), format_, **options)
    expected = np.asarray(Image.open(io.BytesIO(data)))
    found = decode_image(data, None)
    assert np.array_equal(found.squeeze(), expected)
    assert image_shape(data) == found.shape
    assert image_format(data) == format_.lower()
    assert decode_image(data, channels=3).shape == (8, 6, 3)
    assert find_unknown_format(pa.array([data, b"RIFF....WAVE"])) == 1


def test_tiff_of_16_bits_loses_the_low_byte_and_wider_samples_are_refused() -> None:
    wide = encode(Image.fromarray(np.array([[0x1234, 0xFFFF]], np.uint16)), "TIFF")
    assert decode_image(wide)[..., 0].tolist() == [[0x12, 0xFF]]
    for dtype in (np.int32, np.float32):
        with pytest.raises(RecordError, match="expected samples of 8 or 16 bits, got mode"):
            decode_image(encode(Image.fromarray(np.array([[1, 300]], dtype)), "TIFF"))


@pytest.mark.parametrize("format_", ["WEBP", "TIFF", "AVIF"])
def test_damaged_webp_tiff_and_avif_are_record_errors(format_: str) -> None:
    data = encode(Image.fromarray(np.zeros((64, 64, 3), np.uint8)), format_)
    for cut in (14, len(data) // 2, len(data) - 4):
        with contextlib.suppress(RecordError, UserWarning):  # a truncated file may hold all pixels
            assert decode_image(data[:cut]).shape == (64, 64, 3)

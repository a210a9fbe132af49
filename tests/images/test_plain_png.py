"""Plain PNG files are decoded to Pillow's values; all others are left to Pillow."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from headrace.errors import RecordError
from headrace.images import decode_image
from headrace.images.plain_png import decode_plain_png

RANDOM = np.random.default_rng(0)


def write(pixels: np.ndarray, mode: str | None = None, **options: object) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(pixels)
    (image if mode is None else image.convert(mode)).save(file, "PNG", **options)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (64, 33)])
@pytest.mark.parametrize("smooth", [True, False])
def test_the_pixels_are_those_that_were_written(channels: int, shape: tuple[int, int], smooth: bool) -> None:
    pixels = RANDOM.integers(0, 256, (*shape, channels), dtype=np.uint8)
    if smooth:  # so that the writer chooses other filters
        pixels = (
            np.add.outer(np.arange(shape[0]), np.arange(shape[1]))[..., None] * [[range(1, channels + 1)]]
        ).astype(np.uint8)
    data = write(pixels[..., 0] if channels == 1 else pixels)
    assert np.array_equal(decode_plain_png(data, channels), pixels)
    assert np.array_equal(decode_image(data, channels=None), pixels)
    cut = data.index(b"IDAT") - 4
    size = int.from_bytes(data[cut : cut + 4], "big")
    body = data[cut + 8 : cut + 8 + size]
    parts = chunk(b"IDAT", body[:3]) + chunk(b"tEXt", b"a\0b") + chunk(b"IDAT", body[3:])
    assert np.array_equal(decode_plain_png(data[:cut] + parts + data[cut + 12 + size :], channels), pixels)


def test_other_files_are_left_to_pillow() -> None:
    grey = RANDOM.integers(0, 256, (4, 4), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    for data in (
        write(grey, "P"),
        write(grey, "1"),
        write(grey, "LA"),
        write(grey.astype(np.uint16)),
        write(grey, transparency=3),
        write(grey, exif=exif),
    ):
        assert decode_plain_png(data, None) is None
        assert decode_image(data).shape == (4, 4, 3)
    assert decode_plain_png(write(grey), 3) is None
    assert (decode_image(write(grey)) == grey[..., None]).all()


@pytest.mark.parametrize("place", ["header", "pixels", "end"])
def test_damage_is_left_to_pillow_which_names_it(place: str) -> None:
    data = bytearray(write(RANDOM.integers(0, 256, (16, 16), dtype=np.uint8)))
    if place == "end":
        del data[-60:]
    else:
        data[{"header": 18, "pixels": data.index(b"IDAT") + 9}[place]] ^= 0xFF
    assert decode_plain_png(bytes(data), None) is None
    with pytest.raises(RecordError, match="PNG image"):
        decode_image(bytes(data))


def test_a_header_that_claims_gigabytes_is_refused() -> None:
    header = struct.pack(">IIBBBBB", 1 << 20, 1 << 20, 8, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(RecordError, match="pixels"):
        decode_plain_png(data, None)

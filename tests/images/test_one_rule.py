"""Every kind of image file becomes upright red-green-blue pixels by one rule; what is damaged is refused."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image, ImageOps

from headrace.errors import RecordError
from headrace.images import (
    convert_image,
    decode_image,
    decode_images,
    encode_jpeg,
    encode_png,
    find_unknown_format,
    image_format,
    image_shape,
)

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 10, 3), np.uint8)
SMOOTH = np.asarray(Image.fromarray(PIXELS).resize((40, 24), Image.Resampling.BICUBIC))
PICTURE = Image.fromarray(PIXELS)
LOSSLESS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "BMP": {},
    "WEBP": {"lossless": True, "exact": True},
    "TIFF": {},
}


def write(image: Image.Image, format_: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def exif(orientation: int) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    return found


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_in_every_format_that_has_one(format_: str, orientation: int) -> None:
    options = {"lossless": True} if format_ == "WEBP" else {}
    data = write(Image.fromarray(SMOOTH), format_, exif=exif(orientation), **options)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    found = decode_image(data)
    assert found.flags.c_contiguous
    assert found.shape == expected.shape == image_shape(data)
    assert found.shape[:2] == ((40, 24) if orientation >= 5 else (24, 40))
    assert np.abs(found.astype(int) - expected).max() <= (2 if format_ == "JPEG" else 0)


def test_exif_orientation_of_a_png_may_follow_the_pixels() -> None:
    data = write(PICTURE, "PNG", exif=exif(6))
    start = data.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4])
    chunk = data[start:end]
    last = data.index(b"IEND") - 4
    moved = data[:start] + data[end:last] + chunk + data[last:]
    assert np.array_equal(decode_image(moved), decode_image(data))
    assert image_shape(moved) == (10, 6, 3)


def with_chunk(data: bytes, kind: bytes, body: bytes, damage: int = 0) -> bytes:
    checksum = (zlib.crc32(kind + body) ^ damage).to_bytes(4)
    return data[:33] + len(body).to_bytes(4) + kind + body + checksum + data[33:]


def with_exif(exif_: bytes) -> bytes:
    return with_chunk(encode_png(PIXELS), b"eXIf", exif_)


@pytest.mark.parametrize("mode", ["RGB", "P"])  # decoded without Pillow's parser of chunks, and with it
def test_notes_of_a_png_do_not_count(mode: str) -> None:
    data = write(PICTURE.convert(mode), "PNG")
    turned = write(PICTURE.convert(mode), "PNG", exif=exif(6))
    start = turned.index(b"eXIf") - 4
    name = turned[start : start + 12 + int.from_bytes(turned[start : start + 4])]
    for noted in (
        with_chunk(data, b"tEXt", b"Comment\0" + name),
        with_chunk(data, b"tEXt", b"Comment\0 ", damage=1),
        with_chunk(data, b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2 << 20))),
        with_chunk(data, b"iCCP", b"profile\0\0" + zlib.compress(bytes(2 << 20))),
    ):
        assert np.array_equal(decode_image(noted), decode_image(data))
        assert np.array_equal(decode_images([noted])[0], decode_image(data))
        assert image_shape(noted) == image_shape(data)


def test_a_header_that_is_cut_off_is_named() -> None:
    data = encode_jpeg(PIXELS)
    with pytest.raises(RecordError, match="corrupt JPEG image: its header is damaged or cut off"):
        decode_image(data[: data.index(b"\xff\xda")])
    header = b"IHDR" + bytes(8) + b"\x08\2\0\0\0"
    empty = encode_png(PIXELS)[:12] + header + zlib.crc32(header).to_bytes(4) + encode_png(PIXELS)[33:]
    with pytest.raises(RecordError, match="corrupt PNG image: its header states no size"):
        decode_image(empty)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_damaged_orientation_is_upright(order: str) -> None:
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)

    def directory(tag: int, type_: int, value: int) -> bytes:
        return head + struct.pack(order + "HHHIHHI", 1, tag, type_, 1, value, 0, 0)

    good = directory(0x112, 3, 6)
    assert decode_image(with_exif(good)).shape == (10, 6, 3)
    far = head[:4] + struct.pack(order + "I", 0xFFFFFFFF) + good[8:]
    others = [directory(0x112, 3, 9), directory(0x112, 3, 0), directory(0x112, 4, 6), directory(0x113, 3, 6)]
    for damaged in (good[:12], good[:4], b"XX" + good[2:], far, *others, b""):
        assert np.array_equal(decode_image(with_exif(damaged)), PIXELS)


@pytest.mark.parametrize("format_", LOSSLESS)
def test_colours_are_kept_to_the_bit(format_: str) -> None:
    assert np.array_equal(decode_image(write(PICTURE, format_, **LOSSLESS[format_])), PIXELS)


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "TIFF"])
def test_alpha_is_dropped_and_the_colours_below_it_stay(format_: str) -> None:
    alpha = np.dstack([PIXELS, np.resize(np.array([0, 7, 255], np.uint8), PIXELS.shape[:2])])
    data = write(Image.fromarray(alpha), format_, **LOSSLESS[format_])
    assert np.array_equal(decode_image(data), PIXELS)


@pytest.mark.parametrize("format_", ["PNG", "TIFF"])
def test_grey_with_and_without_alpha_becomes_three_equal_channels(format_: str) -> None:
    grey = PIXELS[:, :, 0]
    for image in (Image.fromarray(grey), Image.fromarray(PIXELS[:, :, :2])):
        assert np.array_equal(decode_image(write(image, format_)), np.dstack([grey] * 3))


@pytest.mark.parametrize("format_", ["PNG", "BMP", "TIFF", "GIF"])
def test_one_bit_becomes_black_and_white(format_: str) -> None:
    bits = PIXELS[:, :, 0] > 99
    found = decode_image(write(Image.fromarray(bits), format_))
    assert np.array_equal(found, np.dstack([bits * np.uint8(255)] * 3))


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        *((format_, {}) for format_ in ("PNG", "GIF", "TIFF", "BMP")),
        *((format_, {"transparency": 2}) for format_ in ("PNG", "GIF")),
        ("PNG", {"transparency": b"\0\x80\xff"}),
    ],
)
def test_palettes_become_their_colours_with_and_without_transparency(format_: str, options: Any) -> None:
    palette = PICTURE.quantize(7)
    found = decode_image(write(palette, format_, **options))
    assert np.array_equal(found, np.asarray(palette.convert("RGB")))


def png_of_16_bits(samples: np.ndarray) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    height, width, channels = samples.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bits_are_scaled_not_clipped(channels: int) -> None:
    samples = np.random.default_rng(0).integers(0, 1 << 16, (4, 5, channels), np.uint16)
    found = decode_image(png_of_16_bits(samples))
    expected = (samples >> 8).astype(np.uint8)[:, :, : 3 if channels > 2 else 1]
    assert np.array_equal(found, np.broadcast_to(expected, (4, 5, 3)))


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_of_16_bits_is_scaled_in_both_byte_orders(order: str) -> None:
    grey = np.array([[0, 0x1234, 0xFFFF]], np.uint16)
    tags = [
        (256, 3, 3), (257, 3, 1), (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 0), (277, 3, 1),
        (278, 3, 1), (279, 4, 6),
    ]  # fmt: skip
    start = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(
        struct.pack(order + "HHI", tag, type_, 1)
        + (
            struct.pack(order + "HH", value, 0)
            if type_ == 3
            else struct.pack(order + "I", start if tag == 273 else value)
        )
        for tag, type_, value in tags
    )
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    data = (
        head + struct.pack(order + "H", len(tags)) + entries + bytes(4) + grey.astype(order + "u2").tobytes()
    )
    assert decode_image(data)[0, :, 1].tolist() == [0, 0x12, 0xFF]


def without_adobe_marker(data: bytes) -> bytes:
    at = data.index(b"\xff\xee")
    return data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4]) :]


def test_cmyk_becomes_the_colours_that_it_prints() -> None:
    red = Image.new("CMYK", (16, 16), (0, 240, 230, 10))
    colour = np.asarray(red.convert("RGB"), int)
    adobe = write(red, "JPEG", quality=100)  # stores inverted values, as Adobe's programs do
    assert b"Adobe" in adobe
    for data in (adobe, without_adobe_marker(adobe), write(red, "TIFF")):
        assert np.abs(decode_image(data) - colour).max() <= 3
        assert np.array_equal(convert_image(Image.open(io.BytesIO(data))), decode_image(data))


def test_the_first_frame_of_an_animation_counts() -> None:
    others = [Image.new("RGB", (10, 6), colour) for colour in ("red", "blue")]
    for format_, options in (("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {}), ("TIFF", {})):
        data = write(others[0], format_, save_all=True, append_images=others[1:], **options)
        assert (decode_image(data) == (255, 0, 0)).all()


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("AVIF", {}),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_truncated_file_is_refused(format_: str, options: dict[str, Any]) -> None:
    data = write(Image.fromarray(SMOOTH), format_, **options)
    expected = decode_image(data)
    for end in [*range(0, len(data), max(1, len(data) // 25)), len(data) - 2, len(data) - 1]:
        if end >= len(data) - 4:  # an end marker may be missing
            with contextlib.suppress(RecordError):
                assert np.array_equal(decode_image(data[:end]), expected)
            continue
        with pytest.raises(RecordError) as caught:
            decode_image(data[:end])
        assert caught.value.hint


@pytest.mark.parametrize("brand", [b"mif1", b"msf1"])
def test_avif_files_of_a_general_brand_are_avif(brand: bytes) -> None:
    data = write(Image.fromarray(SMOOTH), "AVIF", quality=100)
    assert data[4:12] == b"ftypavif"
    general = data[:8] + brand + data[12:]
    assert b"avif" in general[16:64]
    assert image_format(general) == "avif"
    assert np.array_equal(decode_image(general), decode_image(data))
    assert np.array_equal(decode_images([general])[0], decode_image(data))
    assert find_unknown_format(pa.array([data, general, data])) is None
    heic = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic"
    assert find_unknown_format(pa.array([general, heic])) == 1
    with pytest.raises(RecordError, match="got a HEIC image"):
        decode_image(heic)


def test_files_of_other_kinds_are_named() -> None:
    cases = {
        b"": "got an empty file",
        b"\0\0\0\x18ftypheic\0\0\0\0": "got a HEIC image",
        b"<svg xmlns=''/>": "got an SVG drawing",
        b"%PDF-1.7": "got a PDF file",
        b"version https://git-lfs.github.com/spec/v1\n": "got the pointer of a file in git-lfs",
        b"PK\3\4": "got a ZIP archive",
        b"\0\5\x16\7": "got the notes of macOS",
        b"\0\0\0\x18ftypmp42": "got a video",
        b"/9j/4AAQSkZJRg": "got a JPEG image in base64",
        b"\0" * 12: "got 12 bytes of another format",
    }
    for data, message in cases.items():
        assert image_format(data) is None
        with pytest.raises(RecordError, match=message):
            decode_image(data)


def test_a_picture_without_orientation_is_that_of_the_fast_decoder() -> None:
    import simplejpeg

    data = encode_jpeg(SMOOTH)
    assert np.array_equal(decode_image(data), simplejpeg.decode_jpeg(data, "RGB"))

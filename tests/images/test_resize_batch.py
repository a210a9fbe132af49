"""Files of any sizes resized into one array: the values of a transform; JPEG files scaled by the decoder."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from headrace import transform as t
from headrace.errors import RecordError, UsageError
from headrace.images import encode_jpeg, encode_png, resize_images

RANDOM = np.random.default_rng(0)
SIZES = [(40, 60), (64, 64), (9, 130), (3, 3)]


def photo(height: int, width: int) -> np.ndarray:
    coarse = RANDOM.integers(0, 256, (height // 16 + 1, width // 16 + 1, 3)).repeat(16, 0).repeat(16, 1)
    return coarse[:height, :width].astype(np.uint8)


def files() -> list[bytes]:
    found = [encode_jpeg(photo(*size)) for size in SIZES] + [encode_png(photo(*size)) for size in SIZES]
    for format_ in ("BMP", "GIF", "WEBP"):
        file = io.BytesIO()
        Image.fromarray(photo(50, 20)).save(file, format_)
        found.append(file.getvalue())
    return found


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize(("antialias", "crop"), [(True, False), (False, True)])
def test_values_are_those_of_a_transform(channels_last: bool, antialias: bool, crop: bool) -> None:
    images = files()
    batch = pa.record_batch({"image": pa.array(images)})

    def preprocess(x: Any) -> dict[str, t.Column]:
        image = t.decode_image(x["image"])
        image = t.crop_to_aspect_ratio(image, 20, 30) if crop else image
        pixels = t.rescale(t.resize(image, 20, 30, antialias=antialias), 1 / 255)
        return {"y": t.standardize(pixels, (0.1, 0.2, 0.3), 0.5)}

    expected = t.analyze(preprocess, [batch])(batch)["y"].to_numpy_ndarray()
    found = resize_images(
        images, 20, 30, scale=1 / 255, mean=(0.1, 0.2, 0.3), deviation=0.5,
        antialias=antialias, crop=crop, channels_last=channels_last,
    )  # fmt: skip
    assert np.array_equal(np.moveaxis(found, -1, 1) if channels_last else found, expected)


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 5), (40, 33), (2, 1030), (32, 32)])
def test_images_of_the_size_of_the_result_are_scaled_only(
    height: int, width: int, channels_last: bool
) -> None:
    mean, deviation = (np.array([values], np.float32) for values in ((0.1, 0.2, 0.3), (0.5, 0.6, 0.7)))
    image = RANDOM.integers(0, 256, (height, width, 3)).astype(np.uint8)
    wider = np.pad(image, ((0, 0), (1, 2), (0, 0)))  # whose central part is the image
    expected = (image.astype(np.float32) * np.float32(1 / 255) - mean) / deviation
    for each, crop in ((image, False), (wider, True)):
        found = resize_images(
            [encode_png(each)] * 2, height, width, scale=1 / 255, mean=mean[0].tolist(),
            deviation=deviation[0].tolist(), crop=crop, channels_last=channels_last,
        )  # fmt: skip
        assert np.array_equal(found[1] if channels_last else np.moveaxis(found[1], 0, -1), expected)


def test_the_decoder_scales_jpeg_files_only_while_both_sides_stay_large_enough() -> None:
    ramps = np.add.outer(np.arange(128), np.arange(256) // 2)[..., None] // [[[2, 3, 5]]]
    image = encode_jpeg(ramps.astype(np.uint8))
    whole = resize_images([image], 16, 16)
    scaled = resize_images([image], 16, 16, shrink=True)
    assert not np.array_equal(scaled, whole)
    assert np.abs(scaled - whole).max() < 3
    for height, width in ((65, 16), (16, 129)):  # half of one side is less than that
        found = (resize_images([image], height, width, shrink=shrink) for shrink in (False, True))
        assert np.array_equal(*found)
    pixels = [encode_png(photo(64, 64))]
    assert np.array_equal(resize_images(pixels, 8, 8), resize_images(pixels, 8, 8, shrink=True))


def test_errors_name_the_row_and_the_argument() -> None:
    good = encode_jpeg(photo(8, 8))
    with pytest.raises(RecordError, match=r"^record 1: corrupt JPEG image"):
        resize_images([good, good[:300]], 4, 4)
    with pytest.raises(RecordError, match=r"^record 1: the image is missing"):
        resize_images(pa.array([good, None]), 4, 4)
    with pytest.raises(UsageError, match="height is 0"):
        resize_images([good], 0, 4)
    for mean in ((1, 2), "grey", float("nan")):
        with pytest.raises(UsageError, match="mean: expected one number or three"):
            resize_images([good], 4, 4, mean=mean)  # pyright: ignore[reportArgumentType]
    assert resize_images([], 4, 4).shape == (0, 3, 4, 4)

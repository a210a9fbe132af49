"""Ops on images, compared with NumPy and torch."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import torch

import headrace as hr
from headrace import transform as t

from .evaluation import evaluate


@pytest.mark.parametrize("size", [(3, 2), (7, 9), (16, 16), (1, 1), (40, 5)])
@pytest.mark.parametrize("antialias", [True, False])
def test_resized_images_match_torch(size: tuple[int, int], antialias: bool) -> None:
    images = np.random.default_rng(0).random((4, 3, 16, 11), np.float32)
    type_ = pa.fixed_shape_tensor(pa.float32(), images.shape[1:])
    storage = pa.FixedSizeListArray.from_arrays(images.reshape(-1), 3 * 16 * 11)
    found = evaluate(
        lambda x: t.resize(x, *size, antialias=antialias), pa.ExtensionArray.from_storage(type_, storage)
    )
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(images), size, mode="bilinear", align_corners=False, antialias=antialias
    )
    np.testing.assert_allclose(np.reshape(found, expected.shape), expected.numpy(), atol=1e-5)


def test_images_are_cropped_converted_to_gray_and_standardised() -> None:
    pixels = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(1, 3, 4, 5)
    storage = pa.FixedSizeListArray.from_arrays(pixels.reshape(-1), 60)
    images = pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.uint8(), (3, 4, 5)), storage)
    crop = np.reshape(evaluate(lambda x: t.center_crop(x, 2, 3), images), (3, 2, 3))
    assert np.array_equal(crop, pixels[0, :, 1:3, 1:4])
    gray = np.reshape(evaluate(t.grayscale, images), (4, 5))
    np.testing.assert_allclose(gray, np.tensordot([0.2989, 0.587, 0.114], pixels[0], 1), rtol=1e-6)
    scaled = np.reshape(
        evaluate(lambda x: t.standardize(t.rescale(x, 1 / 255), [0.1, 0.2, 0.3], 0.5), images), (3, 4, 5)
    )
    means = np.reshape([0.1, 0.2, 0.3], (3, 1, 1))
    np.testing.assert_allclose(scaled, (pixels[0] / 255 - means) / 0.5, rtol=1e-5)
    with pytest.raises(hr.TraceError, match="resize the image first"):
        evaluate(lambda x: t.center_crop(x, 5, 5), images)


def test_transpose_permutes_the_axes_of_images() -> None:
    pixels = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
    images = pa.FixedShapeTensorArray.from_numpy_ndarray(pixels)
    found = np.reshape(evaluate(lambda x: t.transpose(x, (2, 0, 1)), images), (2, 3, 4, 5))
    assert np.array_equal(found, np.moveaxis(pixels, -1, 1))
    for axes in ((0, 1), (0, 1, 1), (1, 2, 3), (-1, 0, 1)):
        with pytest.raises(hr.TraceError, match="give each axis of a row once"):
            evaluate(lambda x, axes=axes: t.transpose(x, axes), images)


def as_column(images: np.ndarray) -> pa.Array:
    return pa.FixedShapeTensorArray.from_numpy_ndarray(images)


@pytest.mark.parametrize(
    ("shape", "ratio", "part"),
    [
        ((4, 7), (1, 1), (slice(0, 4), slice(1, 5))),
        ((7, 4), (1, 1), (slice(1, 5), slice(0, 4))),
        ((6, 6), (3, 4), (slice(1, 5), slice(0, 6))),
        ((1, 9), (1, 1), (slice(0, 1), slice(4, 5))),
        ((9, 1), (1, 100), (slice(4, 5), slice(0, 1))),
    ],
)
def test_crop_to_aspect_ratio_is_the_center_crop_of_the_shorter_side(
    shape: tuple[int, int], ratio: tuple[int, int], part: tuple[slice, slice]
) -> None:
    images = np.arange(2 * np.prod(shape), dtype=np.uint8).reshape(2, *shape)
    found = evaluate(lambda x: t.crop_to_aspect_ratio(x, *ratio), as_column(images))
    expected = images[:, *part]
    assert np.array_equal(np.reshape(found, expected.shape), expected)


def test_crop_to_aspect_ratio_of_files_and_of_wrong_ratios() -> None:
    with pytest.raises(hr.TraceError, match="decode the files first"):
        evaluate(lambda x: t.crop_to_aspect_ratio(x), pa.array(["a"]))
    with pytest.raises(hr.UsageError, match="height"):
        evaluate(lambda x: t.crop_to_aspect_ratio(x, 0), as_column(np.zeros((1, 2, 2), np.uint8)))

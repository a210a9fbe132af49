"""Layers of numbers, against their formulas."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import interpolate

from headrace.errors import TraceError, UsageError
from headrace.layers import CenterCrop, Discretization, Normalization, Rescaling, Resizing

ROWS = np.random.default_rng(0).normal([0, 10, -5], [1, 3, 0], (200, 3)).astype(np.float32)


def test_each_place_is_normalised_by_itself() -> None:
    y = Normalization().adapt(ROWS)(ROWS)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=0), [1, 1, 0], atol=1e-5)


def test_all_values_are_normalised_together() -> None:
    y = Normalization(axis=None).adapt(ROWS)(ROWS)
    np.testing.assert_allclose([y.mean(), y.std()], [0, 1], atol=1e-5)


def test_inversion_undoes_it() -> None:
    forth, back = Normalization().adapt(ROWS), Normalization(invert=True).adapt(ROWS)
    np.testing.assert_allclose(back(forth(ROWS)), ROWS, atol=1e-5)


def test_known_statistics_need_no_data() -> None:
    assert Normalization(mean=3.0, variance=4.0)([1.0, 5.0]).tolist() == [-1.0, 1.0]
    assert Normalization(mean=[0, 2], variance=[1, 4])([[1.0, 4.0]]).tolist() == [[1.0, 1.0]]


def test_missing_values_stay_missing_and_out_of_the_statistics() -> None:
    layer = Normalization().adapt([1.0, float("nan"), 3.0])
    np.testing.assert_array_equal(layer([2.0, float("nan")]), [0.0, np.nan])


def test_boundaries_belong_to_the_upper_bucket() -> None:
    layer = Discretization(bin_boundaries=[0.0, 1.0, 2.0])
    assert layer([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]]).tolist() == [[0, 2, 3, 1], [1, 3, 2, 1]]


def test_bins_hold_equally_many() -> None:
    values = np.random.default_rng(0).exponential(size=1000)
    buckets = Discretization(num_bins=5).adapt(values)(values)
    assert np.bincount(buckets).tolist() == [199, 200, 200, 200, 201]


def test_buckets_as_vectors() -> None:
    assert Discretization([1.0], output_mode="one_hot")([0.0, 2.0]).tolist() == [[1, 0], [0, 1]]


def test_rescaling_by_place() -> None:
    assert Rescaling([1, 10], offset=[0, 1])([[1.0, 1.0]]).tolist() == [[1.0, 11.0]]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Normalization(mean=1.0),
        lambda: Normalization(axis=0),
        lambda: Normalization(mean=[1.0, 2.0], variance=1.0),
        lambda: Resizing(0, 2),
        lambda: Resizing(2, 2, "bicubic"),
        lambda: CenterCrop(2, 0),
        lambda: CenterCrop(2, 2, data_format="last"),
        lambda: Discretization(),
        lambda: Discretization([1.0], num_bins=2),
        lambda: Discretization([1.0], output_mode="tf_idf")([1.0]),
    ],
)
def test_arguments_that_do_not_go_together(make) -> None:
    with pytest.raises(UsageError):
        make()


@pytest.mark.parametrize(
    ("axis", "others"), [(-1, (0, 1, 2)), (1, (0, 2, 3)), ((1, 3), (0, 2)), ((2, -1), (0, 1)), (None, None)]
)
def test_places_along_axes_are_normalised_by_themselves(
    axis: int | tuple[int, ...] | None, others: tuple[int, ...] | None
) -> None:
    images = np.random.default_rng(0).normal(3, 2, (7, 4, 5, 3)).astype(np.float32)
    images[0, 0, 0, 0] = np.nan
    layer = Normalization(axis=axis).adapt(images[:3]).adapt(images[3:], reset_state=False)
    center = np.nanmean(images, others, np.float64, keepdims=True)
    expected = (images - center) / np.nanstd(images, others, np.float64, keepdims=True)
    np.testing.assert_allclose(layer(images), expected, atol=1e-5)


def test_known_statistics_lie_along_the_axes() -> None:
    layer = Normalization(axis=1, mean=[1.0, 2.0], variance=[1.0, 4.0])
    assert layer(np.full((1, 2, 3), 4.0)).tolist() == [[[3.0] * 3, [1.0] * 3]]


def test_axes_that_rows_do_not_have() -> None:
    with pytest.raises(TraceError, match=r"axis \(4,\) of rows of shape \[3\]"):
        Normalization(axis=4).adapt(ROWS)
    with pytest.raises(TraceError, match="choose None: lists have no places"):
        Normalization().adapt([[1.0], []])
    assert Normalization(axis=None).adapt([[1.0], [], [3.0, 5.0]])([[3.0]]).tolist() == [[0.0]]


def test_images_at_another_size() -> None:
    image = np.random.default_rng(0).integers(0, 256, (2, 3, 9, 8)).astype(np.uint8)
    pixels = torch.from_numpy(image).float()
    for antialias in (False, True):
        expected = interpolate(pixels, (4, 12), mode="bilinear", antialias=antialias)
        np.testing.assert_allclose(Resizing(4, 12, antialias=antialias)(image), expected, atol=1e-3)
    last = Resizing(4, 12, data_format="channels_last")(image.transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(last.transpose(0, 3, 1, 2), Resizing(4, 12)(image))
    assert Resizing(3, 4, "nearest")(image)[0, 0].tolist() == image[0, 0, 1::3, 1::2].tolist()


def test_the_middle_of_images() -> None:
    image = np.arange(30, dtype=np.uint8).reshape(1, 1, 5, 6)
    cropped = CenterCrop(2, 3)(image)
    assert cropped.dtype == np.float32
    assert cropped[0, 0].tolist() == image[0, 0, 1:3, 1:4].tolist()
    assert CenterCrop(6, 6)(image).shape == (1, 1, 6, 6)
    model = nn.Sequential(CenterCrop(4, 4), Resizing(2, 2), nn.Conv2d(1, 3, 2))
    assert model(torch.from_numpy(image)).shape == (1, 3, 1, 1)
    with pytest.raises(TraceError, match="give rows of"):
        CenterCrop(2, 3)([1.0])

"""Ops on numbers and lists, compared with Python and NumPy; tests/conformance compares their ONNX forms."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr
from headrace import transform as t

Function = Callable[[t.Column], t.Column]


def evaluate(function: Function, values: Any) -> list[Any]:
    batch = pa.record_batch({"x": values})
    return t.analyze(lambda x: {"y": function(x["x"])}, [batch])(batch)["y"].to_pylist()


FLOATS = [-2.5, -0.5, 0.25, 1.0, 3.7]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (t.abs, abs),
        (abs, abs),
        (t.exp, math.exp),
        (t.floor, math.floor),
        (t.ceil, math.ceil),
        (t.round, round),
        (t.sign, lambda x: math.copysign(1, x)),
        (lambda x: x // 2, lambda x: x // 2),
        (lambda x: x % 2, lambda x: x % 2),
        (lambda x: 2.0**x, lambda x: 2**x),
        (lambda x: t.log(abs(x)), lambda x: math.log(abs(x))),
    ],
)
def test_elementary_functions_match_python(function: Function, expected: Callable[[float], float]) -> None:
    np.testing.assert_allclose(evaluate(function, FLOATS), [expected(x) for x in FLOATS], rtol=1e-15)


@given(st.lists(st.integers(-(2**62), 2**62)), st.integers(-(2**62), 2**62))
def test_integer_division_matches_python(values: list[int], by: int) -> None:
    numbers = pa.array(values, pa.int64())
    if by:
        assert evaluate(lambda x: x // by, numbers) == [x // by for x in values]
        assert evaluate(lambda x: x % by, numbers) == [x % by for x in values]
    assert evaluate(lambda x: x // 0, numbers) == [0] * len(values)
    assert evaluate(lambda x: x % 0, numbers) == values


def test_logical_operators_combine_conditions() -> None:
    found = evaluate(lambda x: ((x > 1) & (x < 4)) | ~(x >= 0) ^ (x == 9), [-1, 0, 2, 5, 9])
    assert found == [True, False, True, False, True]
    with pytest.raises(hr.TraceError, match="logical_and expects booleans, got int64"):
        evaluate(lambda x: x & (x > 1), [1])


def test_isin_and_lookup_find_values() -> None:
    assert evaluate(lambda x: t.isin(x, [3, 5]), [1, 3, 5]) == [False, True, True]
    assert evaluate(lambda x: t.isin(x, ["a", "b"]), ["a", "", "c"]) == [True, False, False]
    assert evaluate(lambda x: t.lookup(x, [0.5, 2.0], -1.0), [[0, 1], [2, -1]]) == [[0.5, 2.0], [-1.0, -1.0]]


@given(st.lists(st.integers(-(2**35), 2**36)))
def test_date_parts_match_datetime(values: list[int]) -> None:
    dates = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=x) for x in values]
    seconds = pa.array(values, pa.int64())
    for part in ("year", "month", "day", "hour", "minute", "second"):
        assert evaluate(lambda x, part=part: t.date_part(x, part), seconds) == [
            getattr(d, part) for d in dates
        ]
    assert evaluate(lambda x: t.date_part(x, "weekday"), seconds) == [date.weekday() for date in dates]
    days = [date.timetuple().tm_yday for date in dates]
    assert evaluate(lambda x: t.date_part(x, "day_of_year"), seconds) == days


def test_dates_in_strings_are_refused() -> None:
    with pytest.raises(hr.TraceError, match="got strings, which runtimes parse differently"):
        evaluate(lambda x: t.date_part(x, "year"), ["2024-01-01"])


def test_lists_convert_to_rows_and_vectors() -> None:
    lists = [[1, 2, 3, 1], [], [9, -1, 1]]
    assert evaluate(lambda x: t.to_dense(x, 3, -7), lists) == [[1, 2, 3], [-7, -7, -7], [9, -1, 1]]
    assert evaluate(lambda x: t.count_vector(x, 4), lists) == [[0, 2, 1, 1], [0] * 4, [0, 1, 0, 0]]
    assert evaluate(lambda x: t.multi_hot(x, 4), lists) == [[0, 1, 1, 1], [0] * 4, [0, 1, 0, 0]]
    assert evaluate(t.segment_indices, [[0, 0, 1, 2, 2, 2], [], [5, 4, 4]]) == [
        [0, 1, 0, 0, 1, 2],
        [],
        [0, 0, 1],
    ]


PLACES = ["<1H OCEAN", "INLAND", "NEAR OCEAN", "NEAR BAY", "ISLAND"]


def test_unknown_strings_are_hashed_into_two_buckets(tmp_path: Any) -> None:
    batch = pa.record_batch({"x": ["NEAR BAY", "DESERT", "INLAND", "INLAND"]})

    def preprocess(x: Any) -> dict[str, t.Column]:
        index = t.apply_vocabulary(x["x"], PLACES, num_oov_buckets=2)
        return {"index": index, "one_hot": t.one_hot(index, 7)}

    frozen = t.analyze(preprocess, [batch])
    frozen.save(tmp_path / "t")
    for each in (frozen, hr.Transform.load(tmp_path / "t")):
        found = each(batch).to_pydict()
        assert found["index"][0::2] == [3, 1]
        assert found["index"][1] in (5, 6)
        assert found["index"][3] == 1
        assert [len(row) for row in found["one_hot"]] == [7] * 4
        assert found["one_hot"][0] == [0, 0, 0, 1, 0, 0, 0]


def test_words_of_a_vocabulary_are_counted() -> None:
    words = ["and", "basketball", "more"]
    found = evaluate(lambda x: t.count_vector(t.apply_vocabulary(t.tokenize(x), words), 3), ["more and more"])
    assert found == [[1, 0, 2]]


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

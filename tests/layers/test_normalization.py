"""Normalization, against its formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as ht
from headrace.errors import TraceError
from headrace.layers import Normalization

ROWS = np.random.default_rng(0).normal([0, 10, -5], [1, 3, 0], (200, 3)).astype(np.float32)


def test_each_column_of_rows_is_normalised_separately() -> None:
    y = Normalization().adapt(ROWS)(ROWS)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=0), [1, 1, 0], atol=1e-5)


def test_axis_none_normalises_all_values_together() -> None:
    y = Normalization(axis=None).adapt(ROWS)(ROWS)
    np.testing.assert_allclose([y.mean(), y.std()], [0, 1], atol=1e-5)


def test_invert_is_the_inverse() -> None:
    forth, back = Normalization().adapt(ROWS), Normalization(invert=True).adapt(ROWS)
    np.testing.assert_allclose(back(forth(ROWS)), ROWS, atol=1e-5)


def test_known_statistics_need_no_adapting() -> None:
    assert Normalization(mean=3.0, variance=4.0)([1.0, 5.0]).tolist() == [-1.0, 1.0]
    assert Normalization(mean=[0, 2], variance=[1, 4])([[1.0, 4.0]]).tolist() == [[1.0, 1.0]]


def test_nan_is_ignored_and_remains_nan() -> None:
    layer = Normalization().adapt([1.0, float("nan"), 3.0])
    np.testing.assert_array_equal(layer([2.0, float("nan")]), [0.0, np.nan])


@pytest.mark.parametrize(
    ("axis", "others"), [(-1, (0, 1, 2)), (1, (0, 2, 3)), ((1, 3), (0, 2)), ((2, -1), (0, 1)), (None, None)]
)
def test_elements_of_axes_are_normalised_separately(
    axis: int | tuple[int, ...] | None, others: tuple[int, ...] | None
) -> None:
    images = np.random.default_rng(0).normal(3, 2, (7, 4, 5, 3)).astype(np.float32)
    images[0, 0, 0, 0] = np.nan
    layer = Normalization(axis=axis).adapt(images[:3]).adapt(images[3:], reset_state=False)
    center = np.nanmean(images, others, np.float64, keepdims=True)
    expected = (images - center) / np.nanstd(images, others, np.float64, keepdims=True)
    np.testing.assert_allclose(layer(images), expected, atol=1e-5)


def test_known_statistics_apply_along_the_axes() -> None:
    layer = Normalization(axis=1, mean=[1.0, 2.0], variance=[1.0, 4.0])
    assert layer(np.full((1, 2, 3), 4.0)).tolist() == [[[3.0] * 3, [1.0] * 3]]


def test_axes_out_of_range_are_rejected() -> None:
    with pytest.raises(TraceError, match=r"axis \(4,\) is out of range for rows of shape \[3\]"):
        Normalization(axis=4).adapt(ROWS)
    with pytest.raises(TraceError, match="choose None: the elements of lists"):
        Normalization().adapt([[1.0], []])
    assert Normalization(axis=None).adapt([[1.0], [], [3.0, 5.0]])([[3.0]]).tolist() == [[0.0]]


@pytest.mark.parametrize("axis", [None, -1])
@pytest.mark.parametrize("first", [2**60, 2**53 + 1, 1_700_000_000_000_000_001, -(2**63)])
def test_integers_whose_mean_is_not_a_float64_are_normalized_exactly(
    first: int, axis: int | None, tmp_path: Path
) -> None:
    values = np.array([[first], [first + 2]])
    layer = Normalization(axis=axis).adapt(values)
    np.testing.assert_array_equal(layer(values), [[-1.0], [1.0]])
    again = Normalization(axis=axis).adapt(np.array([[0], [1]]))
    again.load_state_dict(layer.state_dict())
    np.testing.assert_array_equal(again(values), [[-1.0], [1.0]])
    batch = pa.record_batch({"x": values[:, 0]})
    transform = ht.analyze(lambda x: {"y": Normalization(axis=axis)(x["x"])}, [batch])
    transform.to_onnx(tmp_path / "model.onnx")
    for found in (transform(batch), hr.serving.load(tmp_path / "model.onnx").predict(batch)):
        assert found["y"].to_pylist() == [-1.0, 1.0]

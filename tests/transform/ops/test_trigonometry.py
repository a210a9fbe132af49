"""Sine, cosine and cycles, compared with Python's `math` and with ONNX Runtime, bit for bit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
from headrace import transform as t

from .evaluation import evaluate

angles = st.one_of(
    st.floats(-(2**29), 2**29),
    st.floats(-10, 10),
    st.builds(lambda n, d: n * math.pi / 2 + d, st.integers(-(10**8), 10**8), st.sampled_from([0.0, 1e-9])),
)


def in_onnx(function: Any, values: np.ndarray) -> np.ndarray:
    batch = pa.record_batch({"x": values})
    model = t.analyze(lambda x: {"y": function(x["x"])}, [batch]).to_onnx()
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": values})[0]


@settings(max_examples=30)
@given(st.lists(angles, min_size=1))
def test_sines_and_cosines_are_right_to_two_units_in_the_last_place(values: list[float]) -> None:
    for function, exact in ((t.sin, math.sin), (t.cos, math.cos)):
        found = np.array(evaluate(function, values))
        expected = np.array([exact(each) for each in values])
        np.testing.assert_array_less(np.abs(found - expected), 2 * np.spacing(np.abs(expected)) + 1e-300)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_training_and_onnx_compute_the_same_bits(dtype: type) -> None:
    values = np.random.default_rng(0).standard_normal(5_000).astype(dtype) * 1000
    for function in (t.sin, t.cos, lambda x: t.cycle(x, 24)):
        found = np.array(evaluate(function, pa.array(values)), np.float32 if dtype is np.float32 else None)
        assert np.array_equal(found.astype(np.float32), in_onnx(function, values).astype(np.float32))


def test_angles_that_are_not_known_to_a_fraction_of_a_turn_are_missing() -> None:
    assert np.isnan(evaluate(t.sin, [math.inf, -math.inf, math.nan, 1e9])).all()
    assert not np.isnan(evaluate(t.cos, [2.0**29, -(2.0**29)])).any()


@pytest.mark.parametrize("period", [7, 12, 24, 60, 365.2425])
def test_a_cycle_is_a_circle_whose_ends_meet(period: float) -> None:
    values = np.arange(-100, 100) * period / 8
    found = np.array(evaluate(lambda x: t.cycle(x, period), values))
    turns = np.arange(-100, 100) % 8 / 8 * 2 * math.pi
    np.testing.assert_allclose(found, np.stack([np.sin(turns), np.cos(turns)], 1), atol=1e-7)
    np.testing.assert_allclose((found**2).sum(axis=1), 1, rtol=1e-6)


def test_quarters_of_a_cycle_are_exact() -> None:
    found = evaluate(lambda x: t.cycle(x, 24), [0, 6, 12, 18, 24, -6])
    assert found == [[0, 1], [1, 0], [0, -1], [-1, 0], [0, 1], [-1, 0]]


@pytest.mark.parametrize("values", [[[1.0, 2.0]], pa.array([[1.0, 2.0]], pa.list_(pa.float64(), 2))])
def test_a_cycle_is_of_one_number_per_row(values: Any) -> None:
    with pytest.raises(hr.TraceError, match="cycle expects one number per row"):
        evaluate(lambda x: t.cycle(x, 24), values)


def test_a_missing_number_has_no_place_in_a_cycle() -> None:
    assert np.isnan(evaluate(lambda x: t.cycle(x, 24), [math.nan])).all()


@pytest.mark.parametrize("period", [0, -1, math.nan, math.inf, "24"])
def test_a_period_is_a_number_above_0(period: Any) -> None:
    with pytest.raises(hr.HeadraceError, match="period"):
        evaluate(lambda x: t.cycle(x, period), [1.0])

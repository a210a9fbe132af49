"""Ops on numbers and conditions, compared with Python."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr
from headrace import transform as t

from .evaluation import Function, evaluate

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

"""Roots of many functions at once."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headrace.transform.analyzers.roots import find_roots


@given(st.lists(st.floats(-0.99, 0.99), min_size=1, max_size=20))
def test_roots_are_found_to_full_precision(goals: list[float]) -> None:
    targets = np.array(goals)
    calls: list[int] = []

    def functions(points: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        calls.append(len(points))
        return np.tanh(points) - targets[chosen]

    found = find_roots(functions, np.full(len(goals), -3.0), np.full(len(goals), 3.0))
    np.testing.assert_allclose(found, np.arctanh(targets), rtol=1e-13, atol=1e-15)
    assert len(calls) < 40  # bisection takes 55


def test_the_end_of_an_interval_stands_for_a_root_outside() -> None:
    found = find_roots(lambda x, _: x - 5, np.array([0.0, 6.0, 4.0, 5.0]), np.array([4.0, 7.0, 6.0, 6.0]))
    assert found.tolist() == [4.0, 6.0, 5.0, 5.0]


def test_steep_and_flat_functions_end() -> None:
    scales = np.array([1e-280, 1e-3, 1.0, 1e3, 1e280])
    found = find_roots(
        lambda x, chosen: scales[chosen] * (np.exp(x) - math.e) ** 3, np.full(5, -9.0), np.full(5, 9.0)
    )
    np.testing.assert_allclose(found, 1.0, atol=1e-4)

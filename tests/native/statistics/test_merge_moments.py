"""Sums of groups added to others in place."""

from __future__ import annotations

import numpy as np
import pytest

from headrace import _native


def test_merged_sums_are_the_sums_of_all_rows() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(1000, 3)) * 10.0 ** rng.integers(-20, 20, (1000, 1))
    values[rng.random((1000, 3)) < 0.05] = np.nan
    values[7, 0], values[8, 1] = np.inf, -np.inf
    codes = rng.integers(0, 7, 1000).astype(np.int32)
    expected = _native.moments(values, codes, 7).reshape(7, 3, 7)
    out = np.zeros((7, 3, 8))
    for rows in (slice(0, 400), slice(400, 1000)):
        groups, first = np.unique(codes[rows], return_inverse=True)
        states = _native.moments(values[rows], first.astype(np.int32), len(groups)).reshape(-1, 3, 7)
        _native.merge_moments(out, np.pad(states, [(0, 0), (0, 0), (0, 1)]), groups.astype(np.int64))
    heads = [0, 2, 4, 6]
    np.testing.assert_array_equal(out[..., heads], expected[..., heads])
    assert not out[..., 7].any()


@pytest.mark.parametrize(
    ("places", "shape", "message"),
    [
        ([2], (1, 1, 7), "places"),
        ([-1], (1, 1, 7), "places"),
        ([0, 1], (1, 1, 7), "places"),
        ([0], (1, 2, 7), "states"),
    ],
)
def test_places_and_shapes_outside_the_groups_are_rejected(
    places: list[int], shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _native.merge_moments(np.zeros((2, 1, 7)), np.zeros(shape), np.array(places))

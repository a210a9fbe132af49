"""Positions of values among boundaries."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from headrace import transform as t

from .serving import serve


def test_interpolation_maps_values_to_positions_among_boundaries(tmp_path: Path) -> None:
    found = serve(lambda x: t.apply_buckets_with_interpolation(x["x"], [0.0, 10.0, 30.0]), tmp_path)
    np.testing.assert_allclose(found[:5], [0.05, 0.5, 0.1, 0.35, 1.0])
    assert found[-1] == 0.5

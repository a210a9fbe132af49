"""Densities, compared with histograms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from headrace import transform as t


def test_densities_match_the_histogram() -> None:
    x = np.array([0.05, 0.1, 0.15, 0.55, 1.0, 2.0, np.nan])
    batch = pa.record_batch({"x": x, "s": ["a", "b", "a", "", "a", "c", "b"]})

    def preprocess(x: Any) -> dict[str, t.Column]:
        return {
            "x": t.estimated_probability_density(x["x"], [0, 0.1, 0.5, 1.0]),
            "n": t.estimated_probability_density(x["x"], 3),
            "s": t.estimated_probability_density(x["s"], categorical=True),
        }

    found = t.analyze(preprocess, [batch])(batch).to_pydict()
    np.testing.assert_allclose(found["x"], [2, 1, 1, 0.8, 0.8, 0, 0], rtol=1e-6)
    width = (2.0 - 0.05) / 2
    np.testing.assert_allclose(found["n"], [*[5 / 6 / width] * 5, 1 / 6 / width, 0], rtol=1e-6)
    np.testing.assert_allclose(found["s"], [1 / 2, 1 / 3, 1 / 2, 0, 1 / 2, 1 / 6, 1 / 3], rtol=1e-6)

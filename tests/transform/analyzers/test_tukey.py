"""Fits of Tukey's hh-distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import transform as t

RANDOM = np.random.default_rng(0)


def sum_of(pair: tuple[Any, Any]) -> Any:
    return pair[0] + pair[1]


def test_the_parameters_of_a_tukey_distribution_are_recovered() -> None:
    z = RANDOM.normal(size=30_000)
    x = 5 + 2 * z * np.exp(np.where(z < 0, 0.1, 0.3) * z * z / 2)
    frozen = t.analyze(
        lambda i: {
            "location": i["x"] * t.tukey_location(i["x"]),
            "scale": i["x"] * t.tukey_scale(i["x"]),
            "tails": i["x"] * sum_of(t.tukey_h_params(i["x"])),
        },
        [pa.record_batch({"x": x})],
    )
    values = [float(value) for value in frozen.statistics.values()]
    np.testing.assert_allclose(values, [5, 2, 0.1, 0.3], atol=0.03)


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0, 4.0, 5.0], [3.0, 3.0], [7.0]])
def test_short_tails_are_fitted_as_gaussian(values: list[float]) -> None:
    frozen = t.analyze(
        lambda i: {"y": i["x"] + sum_of(t.tukey_h_params(i["x"]))}, [pa.record_batch({"x": values})]
    )
    assert [float(value) for value in frozen.statistics.values()] == [0.0, 0.0]

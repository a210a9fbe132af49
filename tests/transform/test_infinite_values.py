"""Infinite values in columns that are scaled: the line that names them, and what helps."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import transform as t
from headrace.layers import Normalization

SCALINGS: dict[str, Callable[[Any, Any], Any]] = {
    "scale_to_z_score": lambda x, _: t.scale_to_z_score(x),
    "scale_to_0_1": lambda x, _: t.scale_to_0_1(x),
    "scale_by_min_max": lambda x, _: t.scale_by_min_max(x, -1.0, 2.0),
    "scale_to_gaussian": lambda x, _: t.scale_to_gaussian(x),
    "scale_to_z_score_per_key": t.scale_to_z_score_per_key,
    "scale_to_0_1_per_key": t.scale_to_0_1_per_key,
    "scale_to_gaussian_per_key": t.scale_to_gaussian_per_key,
}
REMEDIES: dict[str, Callable[[Any], Any]] = {
    "clip": lambda x: t.clip(x, -9.0, 9.0),
    "where": lambda x: t.where(t.abs(x) < float("inf"), x, float("nan")),
}
BAD = [
    [1.0, 2.0, 3.0, np.inf],
    [1.0, -np.inf, 2.0, 3.0],
    [np.inf, 1.0, -np.inf, 2.0],
    [np.inf, np.nan, 1.0, 2.0],
]


def _batch(values: list[float]) -> pa.RecordBatch:
    return pa.record_batch({"x": values, "key": ["a", "a", "b", "b"]})


@pytest.mark.parametrize("name", SCALINGS)
@pytest.mark.parametrize("values", BAD)
def test_a_mapper_with_infinite_values_is_named_once(name: str, values: list[float]) -> None:
    def preprocess(x: Any) -> dict[str, Any]:
        return {"y": SCALINGS[name](x["x"], x["key"])}

    with pytest.warns(RuntimeWarning) as caught:
        t.analyze(preprocess, [_batch(values), _batch([1.0, 2.0, 3.0, 4.0])])
    (text,) = [str(each.message) for each in caught]
    assert f"'x' has infinite values, which make the statistics of {name} infinite or NaN; limit them" in text
    assert f"{__file__}, line " in text


@pytest.mark.parametrize("name", SCALINGS)
@pytest.mark.parametrize("remedy", REMEDIES)
def test_the_remedies_of_the_warning_make_finite_results(name: str, remedy: str) -> None:
    batch = _batch(BAD[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frozen = t.analyze(lambda x: {"y": SCALINGS[name](REMEDIES[remedy](x["x"]), x["key"])}, [batch])
    assert np.isfinite(frozen(batch)["y"].to_numpy()[:3]).all()


@pytest.mark.parametrize("values", [[1.0, np.nan, 2.0, 3.0], [np.nan] * 4, [8e307, -8e307, 1e307, 0.0]])
def test_missing_and_large_values_are_not_infinite(values: list[float]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        t.analyze(lambda x: {name: f(x["x"], x["key"]) for name, f in SCALINGS.items()}, [_batch(values)])


def test_statistics_that_are_asked_for_may_be_infinite() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frozen = t.analyze(lambda x: {"y": t.max(x["x"]) + t.mean(x["x"]) + 0 * x["x"]}, [_batch(BAD[0])])
        assert frozen(_batch([1.0, 2.0, 3.0, 4.0]))["y"].to_pylist() == [np.inf] * 4
        t.analyze(lambda x: {"y": t.bucketize(x["x"], 2)}, [_batch(BAD[0])])


def test_a_layer_that_is_adapted_to_infinite_values_is_named() -> None:
    with pytest.warns(
        RuntimeWarning, match="has infinite values, which make the statistics of normalization"
    ):
        Normalization().adapt(np.array([1.0, 2.0, np.inf]))

"""Statistics and scaling near the ends of float32 and float64, and the rules for infinity and NaN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest

from headrace import transform as t
from headrace.columns import from_arrow

Z = 1.224744871391589
ENDS = [
    ("float32", 3e38),
    ("float32", 1e38),
    ("float32", 1e-38),
    ("float32", 1.4e-42),
    ("float64", 1.7e308),
    ("float64", 1e200),
    ("float64", 1e-200),
    ("float64", 1e-300),
]
every_end = pytest.mark.parametrize(("dtype", "end"), ENDS)


def run(function: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """Compute an output in Python and in ONNX Runtime, which must agree bit for bit."""
    batch = pa.record_batch({"x": pa.array(x), "k": ["a"] * len(x)})
    frozen = t.analyze(lambda x: {"out": function(x)}, [batch])
    found = np.asarray(from_arrow(frozen(batch)["out"]))
    session = onnxruntime.InferenceSession(frozen.to_onnx().SerializeToString())
    feeds = {"x": x, "k": np.array(["a"] * len(x), object)}
    (onnx,) = session.run(None, {each.name: feeds[each.name] for each in session.get_inputs()})
    assert (onnx.dtype, onnx.tobytes()) == (found.dtype, found.tobytes())
    return found


@every_end
def test_scaling_near_the_ends_of_a_type(dtype: str, end: float) -> None:
    x = np.array([-end, 0, end], dtype)
    assert run(lambda x: t.scale_to_0_1(x["x"]), x).tolist() == [0, 0.5, 1]
    assert run(lambda x: t.scale_by_min_max(x["x"], -1, 1), x).tolist() == [-1, 0, 1]
    assert run(lambda x: t.scale_to_z_score(x["x"]), x) == pytest.approx([-Z, 0, Z], rel=1e-3)
    if end < 1.7e308:  # the scale would be beyond float64
        assert run(lambda x: t.scale_to_gaussian(x["x"]), x) == pytest.approx([-0.846, 0, 0.846], rel=1e-2)
    if end > 1e-38 or dtype == "float64":
        assert run(lambda x: t.scale_to_0_1_per_key(x["x"], x["k"]), x).tolist() == [0, 0.5, 1]
        assert run(lambda x: t.scale_to_z_score_per_key(x["x"], x["k"]), x) == pytest.approx([-Z, 0, Z])


@every_end
def test_moments_near_the_ends_of_a_type(dtype: str, end: float) -> None:
    x = np.array([-end, 0, end], dtype)
    exact = float(x[2])

    def found(function: Callable[[Any], Any]) -> float:
        batches = [pa.record_batch({"x": x[:1]}), pa.record_batch({"x": x[1:]})]
        frozen = t.analyze(lambda x: {"y": x["x"] * function(x["x"])}, batches)
        return float(next(iter(frozen.statistics.values())))

    assert found(t.sum) == found(t.mean) == 0
    assert found(t.standard_deviation) == pytest.approx(exact * (2 / 3) ** 0.5, rel=1e-14)
    with np.errstate(over="ignore", under="ignore"):
        variance = np.float64(exact) * exact * 2 / 3  # beyond float64, it is infinite or 0
    assert found(t.var) == pytest.approx(variance, rel=1e-14)
    assert (found(t.min), found(t.max)) == (-exact, exact)


def test_the_sum_and_mean_of_values_whose_partial_sums_overflow() -> None:
    x = np.array([1.7e308, 1.7e308, -1.7e308])
    frozen = t.analyze(lambda x: {"y": x["x"] - t.mean(x["x"]) + t.sum(x["x"])}, [pa.record_batch({"x": x})])
    assert frozen.statistics["sum(x)"] == 1.7e308
    assert frozen.statistics["mean(x)"] == pytest.approx(1.7e308 / 3)


@pytest.mark.parametrize("end", [1e300, 1e160, 1.0, 1e-160, 1e-300])
def test_covariance_and_pca_near_the_ends_of_float64(end: float) -> None:
    rows = np.array([[1.0, 2.0, 0.5], [-1.0, -2.0, 0.5], [2.0, -1.0, -1.0], [0.0, 0.0, 0.0]])
    x = rows * [end, end, 1.0]
    batches = [
        pa.record_batch({"x": pa.array(part.tolist(), pa.list_(pa.float64(), 3)), "i": [0] * 2})
        for part in (x[:2], x[2:])
    ]
    frozen = t.analyze(
        lambda x: {"c": t.lookup(x["i"], t.covariance(x["x"])), "p": t.lookup(x["i"], t.pca(x["x"], 1))},
        batches,
    )
    covariance, pca = frozen.statistics["covariance(x)"], frozen.statistics["pca(x, output_dim=1)"]
    plain = np.cov(rows.T, ddof=0)
    with np.errstate(over="ignore", under="ignore"):
        expected = plain * [[end * end, end * end, end], [end * end, end * end, end], [end, end, 1.0]]
    np.testing.assert_allclose(covariance, expected, rtol=1e-12)
    _, vectors = np.linalg.eigh(plain * [[1, 1, 0], [1, 1, 0], [0, 0, 0]] if end > 1 else plain)
    if end > 1:
        np.testing.assert_allclose(np.abs(pca[:, 0]), np.abs(vectors[:, -1]), atol=1e-12)
    if end < 1:
        np.testing.assert_allclose(pca[:, 0], [0, 0, 1], atol=1e-12)


def test_quantiles_and_histograms_near_the_ends_of_float64() -> None:
    x = np.array([-1.7e308, -1e308, 0, 1e308, 1.7e308])
    assert run(lambda x: t.bucketize(x["x"], 5), x).tolist() == [1, 2, 3, 4, 4]
    batch = pa.record_batch({"x": x})
    frozen = t.analyze(lambda x: {"y": t.apply_buckets(x["x"], t.histogram(x["x"], 3)[1])}, [batch])
    assert frozen.folded_graph.nodes
    assert frozen(batch)["y"].to_pylist() == [1, 1, 2, 2, 3]


@pytest.mark.parametrize("values", [[np.inf, 1.0, 2.0], [-np.inf, np.inf, 1.0]])
def test_infinite_values_follow_the_stated_rule(values: list[float]) -> None:
    batch = pa.record_batch({"x": values})
    frozen = t.analyze(
        lambda x: {
            "z": t.scale_to_z_score(x["x"]),
            "y": x["x"] * t.sum(x["x"]) + t.mean(x["x"]) + t.var(x["x"]) + t.min(x["x"]) + t.max(x["x"]),
        },
        [batch],
    )
    found = {name.split("(")[0]: float(value) for name, value in frozen.statistics.items()}
    assert (found["min"], found["max"]) == (min(values), max(values))
    np.testing.assert_equal([found["sum"], found["mean"]], [sum(values)] * 2)
    assert np.isnan(found["var"])
    assert not np.isfinite(frozen(batch)["z"].to_numpy()).any()


def test_nan_is_ignored_by_statistics_and_stays_nan() -> None:
    x = np.array([np.nan, -3e38, 0, 3e38], np.float32)
    np.testing.assert_equal(run(lambda x: t.scale_to_0_1(x["x"]), x), np.float32([np.nan, 0, 0.5, 1]))
    same = np.array([1.0, np.nan, 1.0])
    for scale in (t.scale_to_0_1, lambda x: t.scale_to_0_1_per_key(x, t.as_string(t.cast(x, "int64") * 0))):
        np.testing.assert_equal(run(lambda x, scale=scale: scale(x["x"]), same), [0.5, np.nan, 0.5])

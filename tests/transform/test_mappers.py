"""Mappers, compared with NumPy over the rows of each key, and in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t

KEYS = ["a", "b", "a", "", "b", "a", "c", "b"]
X = [1.0, 10.0, 2.0, 7.0, 30.0, 6.0, 5.0, 20.0]
BATCH = pa.record_batch({"x": X, "key": KEYS})
SERVED = pa.record_batch({"x": [*X, 4.0, np.nan], "key": [*KEYS, "new", "a"]})


def served(function: Callable[[Any], t.Column], path: Path) -> np.ndarray:
    """Return the mapper's results for `SERVED`; check that memory, disk and ONNX Runtime agree."""
    frozen = t.analyze(lambda x: {"y": function(x)}, [BATCH.slice(0, 3), BATCH.slice(3)])
    found = frozen(SERVED)["y"].to_numpy(zero_copy_only=False)
    frozen.save(path / "t")
    np.testing.assert_array_equal(hr.Transform.load(path / "t")(SERVED)["y"], found)
    session = onnxruntime.InferenceSession(frozen.to_onnx().SerializeToString())
    feeds = {name: SERVED[name].to_numpy(zero_copy_only=False) for name in frozen.input_types}
    np.testing.assert_array_equal(session.run(None, feeds)[0], found)
    return found


def by_key(scale: Callable[[np.ndarray, np.ndarray], Any], unknown: Callable[[float], float]) -> np.ndarray:
    values, keys = np.array(X), np.array(KEYS)
    pairs = zip(SERVED["x"].to_pylist(), SERVED["key"].to_pylist(), strict=True)
    return np.array(
        [scale(np.float64(x), values[keys == k]) if k in {"a", "b", "c"} else unknown(x) for x, k in pairs]
    )


def test_scaling_uses_the_statistics_of_each_key(tmp_path: Path) -> None:
    found = served(lambda x: t.scale_to_z_score_per_key(x["x"], x["key"]), tmp_path)
    expected = by_key(lambda x, of: (x - of.mean()) / (of.std() or 1), lambda x: x)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    found = served(lambda x: t.scale_to_0_1_per_key(x["x"], x["key"]), tmp_path)
    expected = by_key(lambda x, of: (x - of.min()) / np.ptp(of) if len(of) > 1 else 0.5, lambda x: x)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    twice = served(lambda x: t.scale_by_min_max_per_key(x["x"], x["key"], 0, 2), tmp_path)
    np.testing.assert_allclose(twice, 2 * expected, rtol=1e-14)


def test_buckets_use_the_quantiles_of_each_key(tmp_path: Path) -> None:
    found = served(lambda x: t.bucketize_per_key(x["x"], x["key"], 3), tmp_path)
    for key in "abc":
        rows = BATCH.filter(pa.array([each == key for each in KEYS]))
        alone = t.analyze(lambda x: {"y": t.bucketize(x["x"], 3)}, [rows])
        there = SERVED.filter(pa.array([each == key for each in SERVED["key"].to_pylist()]))
        assert alone(there)["y"].to_pylist() == list(found[[k == key for k in SERVED["key"].to_pylist()]])
    assert list(found[[3, 8]]) == [-1, -1]


def test_interpolation_maps_values_to_positions_among_boundaries(tmp_path: Path) -> None:
    found = served(lambda x: t.apply_buckets_with_interpolation(x["x"], [0.0, 10.0, 30.0]), tmp_path)
    np.testing.assert_allclose(found[:5], [0.05, 0.5, 0.1, 0.35, 1.0])
    assert found[-1] == 0.5


@pytest.mark.parametrize("h", [0.0, 1e-3, 0.3, 0.95])
def test_inverse_tukey_inverts_the_transformation(h: float) -> None:
    z = np.linspace(-6, 6, 401)
    batch = pa.record_batch({"x": z * np.exp(h * z * z / 2)})

    def preprocess(x: Any) -> dict[str, t.Column]:
        tail = x["x"] * 0 + h
        return {"y": t.inverse_tukey(x["x"], tail, tail)}

    np.testing.assert_allclose(t.analyze(preprocess, [batch])(batch)["y"].to_numpy(), z, atol=1e-12)


def test_bag_of_words_contains_each_ngram_once() -> None:
    batch = pa.record_batch({"x": [["a", "b", "a", "b"], []]})
    frozen = t.analyze(lambda x: {"y": t.bag_of_words(x["x"], (1, 2))}, [batch])
    assert frozen(batch)["y"].to_pylist() == [["a", "a b", "b", "b a"], []]


def test_heavy_tails_become_gaussian() -> None:
    random = np.random.default_rng(0)
    z = random.standard_normal(5000)
    key = np.where(random.random(5000) < 0.5, "a", "b")
    x = np.where(key == "a", 5, -100) + 2 * z * np.exp(np.where(z < 0, 0.1, 0.3) * z * z / 2)
    batch = pa.record_batch({"x": x, "key": key})
    frozen = t.analyze(lambda x: {"y": t.scale_to_gaussian_per_key(x["x"], x["key"])}, [batch])
    new = pa.record_batch({"x": [5.0], "key": ["new"]})
    assert frozen(new)["y"].to_pylist() == [5.0]
    one = batch.filter(pa.array(key == "a"))
    alone = t.analyze(lambda x: {"y": t.scale_to_gaussian(x["x"])}, [one])
    for found in (frozen(batch)["y"].to_numpy()[key == "a"], alone(one)["y"].to_numpy()):
        assert np.mean(found) == pytest.approx(0, abs=0.03)
        assert np.std(found) == pytest.approx(1, abs=0.03)
        assert np.mean(found**4) == pytest.approx(3, abs=0.4)


def test_tfidf_matches_the_documentation_of_tf_transform() -> None:
    batch = pa.record_batch({"x": [["I", "like", "pie", "pie", "pie"], ["yum", "yum", "pie"]]})

    def preprocess(x: Any) -> dict[str, t.Column]:
        ids, weights = t.tfidf(t.apply_vocabulary(x["x"], ["pie", "I", "like", "yum"]), 4)
        return {"ids": ids, "weights": weights}

    found = t.analyze(preprocess, [batch])(batch).to_pydict()
    assert found["ids"] == [[1, 2, 0], [3, 0]]
    rare = np.log(3 / 2) + 1
    np.testing.assert_allclose(found["weights"][0], [rare / 5, rare / 5, 3 / 5], rtol=1e-6)
    np.testing.assert_allclose(found["weights"][1], [2 / 3 * rare, 1 / 3], rtol=1e-6)


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

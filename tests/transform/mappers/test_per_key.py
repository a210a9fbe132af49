"""Scaling and buckets per key, compared with NumPy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from headrace import transform as t

from .serving import BATCH, KEYS, SERVED, X, serve


def by_key(scale: Callable[[np.ndarray, np.ndarray], Any], unknown: Callable[[float], float]) -> np.ndarray:
    values, keys = np.array(X), np.array(KEYS)
    pairs = zip(SERVED["x"].to_pylist(), SERVED["key"].to_pylist(), strict=True)
    return np.array(
        [scale(np.float64(x), values[keys == k]) if k in {"a", "b", "c"} else unknown(x) for x, k in pairs]
    )


def test_scaling_uses_the_statistics_of_each_key(tmp_path: Path) -> None:
    found = serve(lambda x: t.scale_to_z_score_per_key(x["x"], x["key"]), tmp_path)
    expected = by_key(lambda x, of: (x - of.mean()) / (of.std() or 1), lambda x: x)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    found = serve(lambda x: t.scale_to_0_1_per_key(x["x"], x["key"]), tmp_path)
    expected = by_key(lambda x, of: (x - of.min()) / np.ptp(of) if len(of) > 1 else 0.5, lambda x: x)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    twice = serve(lambda x: t.scale_by_min_max_per_key(x["x"], x["key"], 0, 2), tmp_path)
    np.testing.assert_allclose(twice, 2 * expected, rtol=1e-14)


def test_buckets_use_the_quantiles_of_each_key(tmp_path: Path) -> None:
    found = serve(lambda x: t.bucketize_per_key(x["x"], x["key"], 3), tmp_path)
    for key in "abc":
        rows = BATCH.filter(pa.array([each == key for each in KEYS]))
        alone = t.analyze(lambda x: {"y": t.bucketize(x["x"], 3)}, [rows])
        there = SERVED.filter(pa.array([each == key for each in SERVED["key"].to_pylist()]))
        assert alone(there)["y"].to_pylist() == list(found[[k == key for k in SERVED["key"].to_pylist()]])
    assert list(found[[3, 8]]) == [-1, -1]

"""Gaussianisation of columns with heavy tails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import transform as t


@pytest.mark.parametrize("h", [0.0, 1e-3, 0.3, 0.95])
def test_inverse_tukey_inverts_the_transformation(h: float) -> None:
    z = np.linspace(-6, 6, 401)
    batch = pa.record_batch({"x": z * np.exp(h * z * z / 2)})

    def preprocess(x: Any) -> dict[str, t.Column]:
        tail = x["x"] * 0 + h
        return {"y": t.inverse_tukey(x["x"], tail, tail)}

    np.testing.assert_allclose(t.analyze(preprocess, [batch])(batch)["y"].to_numpy(), z, atol=1e-12)


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

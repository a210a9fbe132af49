"""Layers on datasets, by `PreprocessingLayer.on`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace.errors import SchemaError
from headrace.layers import HashedCrossing, Hashing, Rescaling


def test_layers_on_a_dataset() -> None:
    ds = hr.Dataset.from_arrays({"city": ["Oslo", "Rome"], "year": np.array([1, 2])})
    crossed = ds.map(HashedCrossing(9).on("city", "year", to="cross"))
    assert crossed.schema.names == ["city", "year", "cross"]
    (batch,) = crossed
    assert batch["cross"].to_pylist() == HashedCrossing(9)((["Oslo", "Rome"], [1, 2])).tolist()
    (batch,) = ds.map(Rescaling(2.0).on("year"))
    assert batch.to_pydict() == {"city": ["Oslo", "Rome"], "year": [2.0, 4.0]}
    (batch,) = Rescaling(2.0)(ds.map(lambda batch: batch.select(["year"])))
    assert batch.to_pydict() == {"year": [2.0, 4.0]}
    assert Rescaling(2.0)(pa.record_batch({"a": [1]})).to_pydict() == {"a": [2.0]}
    with pytest.raises(SchemaError, match=r"expected one column, got city, year; .* layer.on\('name'\)"):
        next(iter(Rescaling(2.0)(ds)))
    with pytest.raises(SchemaError, match="'town': the batch does not have this column; it has city, year"):
        next(iter(ds.map(Hashing(3).on("town"))))

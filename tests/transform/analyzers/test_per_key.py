"""Statistics per key."""

from __future__ import annotations

import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t


def test_a_key_of_integers_is_refused() -> None:
    with pytest.raises(hr.TraceError, match="expected a key of strings, got int64"):
        t.analyze(lambda i: {"y": t.per_key(t.mean(i["x"]), i["x"])[1]}, [pa.record_batch({"x": [1, 2]})])

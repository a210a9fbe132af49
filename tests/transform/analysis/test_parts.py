from __future__ import annotations

import pickle

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace.transform.analysis.parts import find_parts, require_parts


def test_each_batch_of_a_list_is_a_part() -> None:
    whole = pa.record_batch({"x": np.arange(100_000)})
    batches = [whole.slice(0, 10), whole.slice(10, 5)]
    parts = pickle.loads(pickle.dumps(require_parts(batches)))
    assert [list(part) for part in parts] == [[batch] for batch in batches]
    assert len(pickle.dumps(parts)) < 2000
    again, other = require_parts(
        [pa.record_batch({"x": np.arange(10)}), pa.record_batch({"x": np.arange(11)})]
    )
    assert parts[0].fingerprint == again.fingerprint != other.fingerprint


def test_data_without_parts_is_an_error() -> None:
    ds = hr.Dataset.from_arrays({"x": [1, 2]})
    assert len(require_parts(ds)) == 1
    for data in (ds.take(1), iter(ds)):
        assert find_parts(data) is None
        with pytest.raises(hr.UsageError, match="in independent parts; give a Dataset of files without take"):
            require_parts(data)

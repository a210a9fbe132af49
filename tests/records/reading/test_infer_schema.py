"""Infer a schema from records."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from headrace import records
from headrace.errors import SchemaError


def test_records_each_with_a_feature_of_its_own_are_refused(tmp_path: Path) -> None:
    """Read as a table, 408 kB of them took 658 MB."""
    with records.RecordWriter(tmp_path / "a.tfrecord") as writer:
        for number in range(5000):
            writer.write(records.encode_example({f"feature_{number}": [number]}))
    with pytest.raises(SchemaError, match=r"5,000 records have 5,000 distinct features.*pass the schema"):
        records.infer_schema(tmp_path / "a.tfrecord")
    schema = pa.schema([("feature_7", pa.int64())])
    values = [v for b in records.read(tmp_path / "a.tfrecord", schema) for v in b["feature_7"].to_pylist()]
    assert [v for v in values if v is not None] == [7]

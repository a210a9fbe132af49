"""The schema of record files: from their schema file, or inferred."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headrace.errors import SchemaError
from headrace.records import read, write, write_schema


def numbers(rows: int) -> pa.RecordBatch:
    return pa.record_batch({"n": pa.array(range(rows), pa.int64())})


def column(paths: Any, **options: Any) -> list[list[int]]:
    return [batch["n"].to_pylist() for batch in read(paths, **options)]


def test_the_schema_is_inferred_without_a_schema_file(tmp_path: Path) -> None:
    write(tmp_path / "train", [pa.record_batch({"s": ["x", None], "l": [[1], [2, 3]]})])
    (tmp_path / "train.schema.json").unlink()
    (found,) = read(tmp_path / "train")
    assert found.to_pydict() == {"l": [[1], [2, 3]], "s": ["x", None]}
    assert found.schema.field("s").nullable
    assert not found.schema.field("l").nullable


def test_schema_files_that_differ_are_an_error(tmp_path: Path) -> None:
    write(tmp_path / "a", [numbers(1)])
    write(tmp_path / "b", [pa.record_batch({"n": ["x"]})])
    with pytest.raises(SchemaError, match="differs from"):
        read([tmp_path / "a", tmp_path / "b"])


def test_a_schema_file_can_be_added_to_other_files(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "train", [numbers(2)])
    renamed = Path(path).rename(tmp_path / "other.tfrecord")
    write_schema(pa.schema([("n", pa.uint8())]), tmp_path / "other.schema.json")
    (found,) = read(renamed)
    assert found["n"].type == pa.uint8()

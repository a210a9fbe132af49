import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.sources import json_lines
from headrace.errors import SchemaError, UsageError


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def read(ds: Dataset) -> list[dict[str, object]]:
    return [row for batch in ds for row in batch.to_pylist()]


def test_types_hold_for_every_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are so small that each line is a block."""
    monkeypatch.setattr(json_lines, "_BLOCK", 16)
    path = write(
        tmp_path / "a.jsonl",
        '{"n": 1, "s": "2026-11-24", "w": [], "v": [1, 2], "none": null, "b": {"base64": "AP8="}}',
        '{"n": 2.5, "s": "Straße", "w": ["日本"], "v": [3, 4], "none": null}',
        '{"extra": true, "w": null, "v": [5, 6], "b": {"base64": ""}}',
    )
    ds = Dataset.from_json_lines(path)
    assert dict(zip(ds.schema.names, ds.schema.types, strict=True)) == {
        "n": pa.float64(), "s": pa.string(), "w": pa.list_(pa.string()), "v": pa.list_(pa.int64(), 2),
        "none": pa.string(), "b": pa.binary(), "extra": pa.bool_(),
    }  # fmt: skip
    assert ds.num_rows == 3
    rows = read(ds)
    assert rows[0]["b"] == b"\x00\xff"
    assert rows[1] == {
        "n": 2.5, "s": "Straße", "w": ["日本"], "v": [3, 4], "none": None, "b": None, "extra": None
    }  # fmt: skip
    assert rows[2]["extra"] is True


def test_a_declared_schema_chooses_and_types(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"x": 1, "y": 2, "z": [[1, 2]]}', '{"x": 3}')
    schema = pa.schema([("z", pa.list_(pa.list_(pa.int32()))), ("x", pa.float32())])
    ds = Dataset.from_json_lines(path, schema)
    assert next(iter(ds)).schema == schema
    assert read(ds) == [{"z": [[1, 2]], "x": 1.0}, {"z": None, "x": 3.0}]


def test_gzip_several_files_and_no_newline_at_the_end(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", '{"x": 1}')
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"x": 2}'))
    assert read(Dataset.from_json_lines(tmp_path / "*.jsonl*")) == [{"x": 1}, {"x": 2}]


@pytest.mark.parametrize(
    "lines",
    [["{"], ["[1]"], ['{"x": 1}', '{"x": "a"}'], ["no json"], ['{"x": {"a": 1}}', '{"x": 2}'],
     ['{"b": {"base64": "?"}}']],
)  # fmt: skip
def test_invalid_lines_are_refused_and_the_file_named(lines: list[str], tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *lines)
    with pytest.raises(SchemaError, match=str(path)):
        read(Dataset.from_json_lines(path))


def test_a_missing_required_value_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"x": 1}', "{}")
    schema = pa.schema([pa.field("x", pa.int64(), nullable=False)])
    with pytest.raises(SchemaError, match="a required column has 1 nulls"):
        read(Dataset.from_json_lines(path, schema))


def test_corrupt_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"x": 2}\n' * 1000)[:-9])
    with pytest.raises(UsageError, match="cannot read the file"):
        read(Dataset.from_json_lines(path))

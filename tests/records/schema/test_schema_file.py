from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from headrace.errors import SchemaError, UsageError
from headrace.records import read_schema, write_schema

SCHEMA = pa.schema(
    [
        pa.field("image", pa.fixed_shape_tensor(pa.uint8(), (28, 28)), nullable=False),
        pa.field("ünï", pa.list_(pa.float32(), 3)),
        pa.field("words", pa.list_(pa.string()), nullable=False),
        pa.field("large", pa.large_list(pa.large_binary())),
        *(
            pa.field(str(type_), type_)
            for type_ in (pa.bool_(), pa.int8(), pa.uint64(), pa.float64(), pa.binary())
        ),
    ]
)


def test_written_values_are_read_back(tmp_path: Path) -> None:
    write_schema(SCHEMA, tmp_path / "a.schema.json")
    assert read_schema(tmp_path / "a.schema.json").equals(SCHEMA)


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_schema(tmp_path / "a.schema.json")


FEATURE = '"name": "a", "type": "int64", "layout": "scalar", "nullable": true'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"features": [3]}',
        '{"features": [{"name": "a"}]}',
        f'{{"features": [{{{FEATURE.replace("int64", "int65")}}}]}}',
        f'{{"features": [{{{FEATURE.replace("scalar", "tree")}}}]}}',
        f'{{"features": [{{{FEATURE.replace("scalar", "tensor")}, "shape": [-1]}}]}}',
        f'{{"features": [{{{FEATURE.replace("scalar", "fixed_list")}, "shape": [1, 2]}}]}}',
        f'{{"features": [{{{FEATURE.replace("true", "1")}}}]}}',
        f'{{"features": [{{{FEATURE}}}, {{{FEATURE}}}]}}',
        f'{{"features": [{{{FEATURE.replace("scalar", "tensor")}, "shape": [2000000000, 2000000000]}}]}}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_not_a_schema_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.schema.json"
    path.write_text(text)
    with pytest.raises(SchemaError):
        read_schema(path)

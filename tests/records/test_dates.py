"""Timestamps and dates in record files: integers, whose unit and time zone the schema file names."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
from headrace import records

TYPES = [
    *(pa.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in (None, "Asia/Tokyo")),
    pa.date32(),
    pa.date64(),
]
seconds = st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)).map(
    lambda each: each.replace(microsecond=0)
)


@settings(max_examples=20)
@given(st.lists(st.one_of(st.none(), seconds), min_size=1, max_size=9), st.sampled_from(TYPES))
def test_dates_are_read_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any], type_: pa.DataType
) -> None:
    path = tmp_path_factory.mktemp("dates") / "t.tfrecord"
    column = pa.array(values, pa.timestamp("us")).cast(type_, safe=False)
    lists = pa.array([[value] * 2 if value else None for value in values], pa.list_(pa.timestamp("us")))
    table = pa.table({"x": column, "list": lists.cast(pa.list_(type_), safe=False)}).slice(0)
    records.write(path, table.to_batches(), schema=table.schema)
    assert pa.Table.from_batches(list(records.read(path))).equals(table)
    assert pa.Table.from_batches(list(hr.Dataset.from_records(path))).equals(table)


def test_the_schema_file_names_the_unit_and_the_time_zone(tmp_path: Path) -> None:
    fields = [("a", pa.timestamp("ms", "+05:30")), ("b", pa.date32()), ("c", pa.list_(pa.timestamp("ns"), 2))]
    records.write_schema(pa.schema(fields), tmp_path / "t.schema.json")
    stored = json.loads((tmp_path / "t.schema.json").read_text())["features"]
    assert [each["type"] for each in stored] == ["timestamp[ms, tz=+05:30]", "date32", "timestamp[ns]"]
    assert records.read_schema(tmp_path / "t.schema.json") == pa.schema(fields)
    for bad in ("timestamp[h]", "timestamp[us, tz=]", "timestamp[us, tz=a b]", "date"):
        text = json.dumps({"features": [stored[0] | {"type": bad}]})
        (tmp_path / "t.schema.json").write_text(text)
        with pytest.raises(hr.SchemaError, match="not a schema file"):
            records.read_schema(tmp_path / "t.schema.json")


def test_an_integer_out_of_the_range_of_a_date_names_its_record(tmp_path: Path) -> None:
    records.write(tmp_path / "t.tfrecord", [pa.record_batch({"x": pa.array([2**31])})])
    with pytest.raises(hr.RecordError, match="2147483648 is out of range for date32"):
        list(records.read(tmp_path / "t.tfrecord", schema=pa.schema([("x", pa.date32())])))


def test_tensorflow_metadata_does_not_describe_dates() -> None:
    with pytest.raises(hr.SchemaError, match="feature 'x': TensorFlow Metadata cannot describe dates"):
        records.schema_to_tensorflow_metadata(pa.schema([("x", pa.timestamp("us"))]))

"""Times, durations and missing values are read from text, alike in CSV and JSON lines."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import headrace as hr
from headrace.errors import SchemaError

TYPES = {
    "time32[s]": (pa.time32("s"), dt.time(1, 2, 3)),
    "time32[ms]": (pa.time32("ms"), dt.time(1, 2, 3, 4000)),
    "time64[us]": (pa.time64("us"), dt.time(1, 2, 3, 4)),
    "time64[ns]": (pa.time64("ns"), dt.time(1, 2, 3, 4)),
    "duration[s]": (pa.duration("s"), dt.timedelta(seconds=-5)),
    "duration[us]": (pa.duration("us"), dt.timedelta(microseconds=5)),
    "null": (pa.null(), None),
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_what_is_written_is_read_as_its_type(kind: str, suffix: str, tmp_path: Path) -> None:
    type_, value = TYPES[kind]
    column = pa.array([value, None], type_)
    path = tmp_path / f"t.{suffix}"
    hr.Dataset.from_arrow(pa.table({"a": column, "n": [1, 2]})).write(path)
    read = hr.Dataset.from_csv if suffix == "csv" else hr.Dataset.from_json_lines
    (batch,) = read(path, types={"a": type_})
    assert batch["a"].equals(column)


def test_nested_times_are_read_from_json_lines(tmp_path: Path) -> None:
    type_ = pa.list_(pa.struct([("t", pa.time64("us")), ("nothing", pa.null())]))
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": [{"t": "12:30", "nothing": null}, {"t": null, "nothing": null}]}\n')
    (batch,) = hr.Dataset.from_json_lines(path, types={"a": type_})
    batch.validate(full=True)
    assert batch["a"].to_pylist() == [[{"t": dt.time(12, 30), "nothing": None}, {"t": None, "nothing": None}]]


@pytest.mark.parametrize("text", ["12:30:00.5", "24:00:00", "12:30:00Z", "noon", "1:30"])
def test_what_is_not_a_time_is_an_error_with_its_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(f'{{"a": "12:30:00"}}\n{{"a": "{text}"}}\n')
    (tmp_path / "t.csv").write_text(f"a,b\n12:30:00,1\n ,2\n{text},3\n")
    types = {"a": pa.time32("s")}
    with pytest.raises(SchemaError, match=r"line 2: feature 'a': expected time32\[s\], got"):
        list(hr.Dataset.from_json_lines(tmp_path / "t.jsonl", types=types))
    with pytest.raises(SchemaError, match=r"line 4: feature 'a': expected values of type time32\[s\]"):
        list(hr.Dataset.from_csv(tmp_path / "t.csv", types=types))


@pytest.mark.parametrize(
    "type_", [pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()], ids=str
)
@pytest.mark.parametrize("blank", ["", " "])
def test_csv_cells_of_text_are_kept_whatever_type_of_text_is_declared(
    type_: pa.DataType, blank: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(f"a,b\n x ,1\nNA,{blank}\n,3\n")
    (batch,) = hr.Dataset.from_csv(tmp_path / "t.csv", types={"a": type_, "b": "float64"})
    is_text = pa.types.is_large_string(type_) or pa.types.is_string_view(type_)
    kept: list[Any] = [" x ", "NA", ""] if is_text else [b" x ", b"NA", b""]
    assert batch["a"].to_pylist() == kept
    assert batch["b"].to_pylist() == [1.0, None, 3.0]


def test_a_csv_number_beyond_float16_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,x\n,y\ninf,z\n")
    (batch,) = hr.Dataset.from_csv(path, types={"a": "float16"})
    assert batch["a"].to_pylist() == [1.0, None, float("inf")]
    path.write_text("a\n1\n70000\n")
    with pytest.raises(SchemaError, match="line 3: feature 'a': expected a number of float16, got 70000"):
        list(hr.Dataset.from_csv(path, types={"a": "float16"}))

"""Files of many columns, which are converted some columns at a time."""

from __future__ import annotations

import csv as python_csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace._native import cut_csv_columns
from headrace.data.sources.csv import convert
from headrace.errors import SchemaError

_MARK = "\ufeff"
cells = st.sampled_from(
    ["", "x", "1", "NA", "a,b", "two\nlines", "two\r\nlines", 'q"', _MARK, f"{_MARK}y", " z "]
)
tables = st.integers(2, 7).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1)
)


def _write(rows: list[list[str]], lines: str) -> bytes:
    text = io.StringIO()
    python_csv.writer(text, lineterminator=lines).writerows(rows)
    return text.getvalue().encode()


@given(tables, st.integers(2, 8), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_the_parts_of_a_text_are_the_texts_of_their_columns(
    rows: list[list[str]], width: int, lines: str
) -> None:
    columns = len(rows[0])
    texts = cut_csv_columns(_write(rows, lines), ord(","), columns, width)
    parts = [list(python_csv.reader(io.StringIO(each.decode(), newline=""))) for each in texts]
    wide = [part for part, start in zip(parts, range(0, columns, width), strict=True) if columns - start > 1]
    assert wide == [
        [row[start : start + width] for row in rows]
        for start in range(0, columns, width)
        if columns - start > 1
    ]


@pytest.mark.parametrize(("columns", "width"), [(0, 1), (1, 0), (1, 2), (3, 2)])
def test_records_of_other_widths_are_refused(columns: int, width: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        cut_csv_columns(b"1,2\n", ord(","), columns, width)


@pytest.fixture(params=[2, 3, 4])
def few_columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert, "_MOST_COLUMNS", request.param)


_TEXT = f'a,b,c,d,e,f,g\r\n1,"x\r\ny",,1.5,NA,true,{_MARK}u\r\n\r\n2,z,NA,2,7,false,"v"\r\n'


@pytest.mark.usefixtures("few_columns")
def test_columns_are_read_whatever_part_they_are_in(csv, table):
    assert table(csv(_TEXT)).to_pydict() == {
        "a": [1, 2],
        "b": ["x\r\ny", "z"],
        "c": ["", "NA"],
        "d": [1.5, 2.0],
        "e": [None, 7.0],
        "f": [True, False],
        "g": [f"{_MARK}u", "v"],
    }
    assert table(csv(_TEXT), columns=["g", "b"]).to_pydict() == {
        "g": [f"{_MARK}u", "v"],
        "b": ["x\r\ny", "z"],
    }


@pytest.mark.usefixtures("few_columns")
@pytest.mark.parametrize(("name", "type_"), [("b", pa.int64()), ("g", pa.float32())])
def test_a_cell_of_another_type_is_named_with_its_line(csv, table, name, type_):
    with pytest.raises(SchemaError, match=f"'{name}': expected values of type") as caught:
        table(csv(_TEXT), types={name: type_})
    assert caught.value.line == 2
    wrong = _TEXT.replace(f"{_MARK}u", "1").replace('"v"', "w")
    with pytest.raises(SchemaError, match="'g': expected values of type") as caught:
        table(csv(wrong), types={"g": pa.float64()})
    assert caught.value.line == 5

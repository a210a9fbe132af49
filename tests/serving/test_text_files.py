"""Text is read with the types of the model: an age missing in one row, zips of digits, `1.0` for an int."""

import math
from pathlib import Path
from typing import Any

import pytest

from headrace.data.formats import Origin
from headrace.errors import SchemaError
from headrace.serving import Input
from headrace.serving.files import predict_files

AGE = Input("age", "float64", (), ("age",), optional=True)
ZIP = Input("zip", "string", (), ("zip",))
COUNT = Input("n", "int32", (), ("n",))
LEVEL = Input("n", "uint8", (), ("n",))
WIDE = Input("n", "uint64", (), ("n",))
OLD = Input("n", "bool", (), ("n",))
HALF = Input("n", "float16", (), ("n",))
FARE = Input("n", "float32", (), ("n",))


def answer(echo: Any, path: Path, *columns: Input) -> list[Any]:
    batches = predict_files(echo(*columns), [Origin(str(path))])
    return [value for batch in batches for row in batch.to_pylist() for value in row.values()]


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("row.csv", "age,zip\n,01234\n"),
        ("row.csv", "x,zip,age,y\na,01234,NA,\n"),
        ("row.csv", "zip\n01234\n"),
        ("row.jsonl", '{"zip": "01234", "age": null, "x": {"a": [1, "b"]}}\n'),
        ("row.json", '[\n {"zip": "01234"}\n]'),
        ("row.json", '{\n "zip": "01234",\n "age": NaN\n}'),
    ],
)
def test_an_age_missing_in_one_row_and_a_zip_of_digits(
    echo: Any, tmp_path: Path, name: str, text: str
) -> None:
    age, code = answer(echo, write(tmp_path, name, text), AGE, ZIP)
    assert math.isnan(age)
    assert code == "01234"


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        (COUNT, "1.0", 1),
        (COUNT, "1e3", 1000),
        (COUNT, "-2147483648", -(2**31)),
        (COUNT, "1.5", "got 1.5"),
        (COUNT, "2147483648", "got 2147483648"),
        (COUNT, "null", "got a missing value"),
        (LEVEL, "255", 255),
        (LEVEL, "256", "got 256"),
        (LEVEL, "-1", "got -1"),
        (WIDE, "18446744073709551615", 2**64 - 1),
        (WIDE, "9007199254740993", 2**53 + 1),
        (HALF, "0.5", 0.5),
        (HALF, "70000", "got 70000"),
        (FARE, "0.25", 0.25),
        (FARE, "1e39", "got 1e"),
        *((OLD, word, True) for word in ("true", "1", "1.0")),
        *((OLD, word, False) for word in ("false", "0", "0.0")),
        (OLD, "2", "expected true, false, 1 or 0, got '2'"),
        (OLD, "null", "got a missing value"),
    ],
)
@pytest.mark.parametrize("name", ["row.csv", "row.jsonl", "row.json"])
def test_text_becomes_a_value_of_the_models_type(
    echo: Any, tmp_path: Path, name: str, column: Input, text: str, expected: Any
) -> None:
    path = write(tmp_path, name, f"x,n\na,{text}\n" if name == "row.csv" else f'{{"x": 1, "n": {text}}}\n')
    if not isinstance(expected, str):
        assert answer(echo, path, column) == [expected]
        return
    with pytest.raises(SchemaError) as caught:
        answer(echo, path, column)
    assert expected in str(caught.value)
    assert (caught.value.path, caught.value.feature) == (str(path), "n")
    assert caught.value.line is not None or caught.value.record is not None


@pytest.mark.parametrize("text", ["True", "TRUE", " true ", '"true"', '" 1"'])
def test_words_of_booleans(echo: Any, tmp_path: Path, text: str) -> None:
    assert answer(echo, write(tmp_path, "row.csv", f"n,x\n{text},a\n"), OLD) == [True]
    if text.startswith('"'):
        assert answer(echo, write(tmp_path, "row.jsonl", f'{{"n": {text}}}'), OLD) == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2.5", 2.5), ("?", None), ("1e400", None), ("-inf", None), (" 3 ", 3.0), ("", None), ("abc", None)],
)
def test_words_among_numbers_are_missing(
    echo: Any, tmp_path: Path, text: str, expected: float | None
) -> None:
    """As in the training data of a model whose signature says so."""
    column = Input("n", "float64", (), ("n",), encoding="number")
    for name, line in (
        ("rows.csv", f"n,x\n1,a\n{text},b\n"),
        ("rows.jsonl", f'{{"n": 1}}\n{{"n": "{text}"}}\n'),
    ):
        one, found = answer(echo, write(tmp_path, name, line), column)
        assert one == 1.0
        assert found == expected if expected is not None else math.isnan(found)


@pytest.mark.parametrize(("text", "expected"), [("True", 1.0), ("0", 0.0), ("", None), ("yes", "got 'yes'")])
def test_booleans_that_may_be_missing(
    echo: Any, tmp_path: Path, text: str, expected: float | str | None
) -> None:
    column = Input("n", "float64", (), ("n",), encoding="boolean")
    path = write(tmp_path, "rows.csv", f"n,x\nfalse,a\n{text},b\n")
    if isinstance(expected, str):
        with pytest.raises(SchemaError, match=expected):
            answer(echo, path, column)
        return
    zero, found = answer(echo, path, column)
    assert zero == 0.0
    assert found == expected if expected is not None else math.isnan(found)


def test_no_rows_are_no_answers(echo: Any, tmp_path: Path) -> None:
    for name, text in (("row.json", "[]"), ("row.jsonl", ""), ("row.csv", "n\n")):
        assert answer(echo, write(tmp_path, name, text), COUNT) == []


def test_a_column_that_no_row_has_is_named(echo: Any, tmp_path: Path) -> None:
    for name, text in (("row.csv", "N,x\n1,2\n"), ("row.jsonl", '{"N": 1}\n')):
        with pytest.raises(SchemaError, match="the column is missing; did you mean 'N'") as caught:
            answer(echo, write(tmp_path, name, text), COUNT)
        assert caught.value.path == str(tmp_path / name)


def test_columns_without_names_that_the_model_does_not_read_are_ignored(echo: Any, tmp_path: Path) -> None:
    """Spreadsheets write separators after the last column, and pandas an index without a name."""
    assert answer(echo, write(tmp_path, "row.csv", "zip,n,,\n01234,7,,\n"), COUNT) == [7]
    assert answer(echo, write(tmp_path, "row.csv", ",n\n0,7\n"), COUNT) == [7]


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl"])
def test_rows_without_keys_lack_the_column(echo: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(SchemaError, match=r"feature 'zip': the column is missing; the model needs zip"):
        answer(echo, write(tmp_path, name, "{}\n"), ZIP)
    assert answer(echo, write(tmp_path, name, ""), ZIP) == []


def test_hexadecimal_cells_are_not_integers(echo: Any, tmp_path: Path) -> None:
    """Arrow takes them for integers, but not for floats."""
    with pytest.raises(SchemaError, match=r"record 1: feature 'n': expected an integer, got '0x10'"):
        answer(echo, write(tmp_path, "rows.csv", "n\n5\n0x10\n"), COUNT)

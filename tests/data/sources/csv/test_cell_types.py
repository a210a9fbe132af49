"""Types are inferred by one rule, from the first 64 MiB; values keep every digit."""

import datetime
import math
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace._native import CellKind, classify_cell
from headrace.data.sources.csv import records, source
from headrace.errors import SchemaError

BEYOND = 2**53 + 1


@pytest.mark.parametrize(
    ("cells", "type_", "values"),
    [
        ([BEYOND, 2**63 - 1, -(2**63)], pa.int64(), [BEYOND, 2**63 - 1, -(2**63)]),
        ([BEYOND, BEYOND + 1, ""], pa.int64(), [BEYOND, BEYOND + 1, None]),
        ([2**53, "", -(2**53)], pa.float64(), [2.0**53, None, -(2.0**53)]),
        ([2**63, 2**64 - 1, 0], pa.uint64(), [2**63, 2**64 - 1, 0]),
        ([2**63, "NA"], pa.uint64(), [2**63, None]),
        ([2**63, -1], pa.string(), [str(2**63), "-1"]),
        ([2**64, 1], pa.string(), [str(2**64), "1"]),
        ([BEYOND, 0.5], pa.string(), [str(BEYOND), "0.5"]),
        (["01234", "1234"], pa.string(), ["01234", "1234"]),
        (["-01", 2], pa.string(), ["-01", "2"]),
        (["00", 2], pa.string(), ["00", "2"]),
        (["00.5", 2], pa.string(), ["00.5", "2"]),
        (["+4915", "+1"], pa.string(), ["+4915", "+1"]),
        ([" 7", "8 "], pa.int64(), [7, 8]),
        (["1e5", ".5", "1.", "+0.5", "-1E-3"], pa.float64(), [1e5, 0.5, 1.0, 0.5, -1e-3]),
        (["1e400", "2"], pa.string(), ["1e400", "2"]),
        (["inf", "-Infinity", "1"], pa.float64(), [math.inf, -math.inf, 1.0]),
        (["1_000", "2"], pa.string(), ["1_000", "2"]),
        (["0x10", "16"], pa.string(), ["0x10", "16"]),
        (['"1"', '"2"'], pa.int64(), [1, 2]),
        (["true", "tRue"], pa.string(), ["true", "tRue"]),
        (["0", "1", "true"], pa.string(), ["0", "1", "true"]),
        ([" ", "1"], pa.float64(), [None, 1.0]),
        (["", " \t", "NA", " null ", "None", "<NA>", "1", " 2"], pa.float64(), [None] * 6 + [1.0, 2.0]),
        ([BEYOND, " ", "NA "], pa.int64(), [BEYOND, None, None]),
        ([" ", "NA ", "x"], pa.string(), [" ", "NA ", "x"]),
        ([" ", "?", "1"], pa.string(), [" ", "?", "1"]),
        ([" ", "\t"], pa.string(), [" ", "\t"]),
        (["true", " true"], pa.string(), ["true", " true"]),
    ],
)
def test_integers_leading_zeros_and_other_cells_keep_their_value(csv, table, cells, type_, values):
    found = table(csv("k,x\n" + "".join(f"{k},{cell}\n" for k, cell in enumerate(cells))), header=True)
    assert found.schema.field("x").type == type_
    assert found["x"].to_pylist() == values


@pytest.fixture
def _few_bytes(monkeypatch):
    """Infer types from the first KiB."""
    monkeypatch.setattr(source, "INFERENCE_BYTES", 1 << 10)
    monkeypatch.setattr(records, "_CHUNK", 1 << 10)


@pytest.mark.usefixtures("_few_bytes")
@pytest.mark.parametrize(
    ("early", "late", "message"),
    [
        ("1", "abc", 'expected int64, the type of the first 64 MiB, got \'abc\'; pass types={"x": "string"}'),
        ("1", "0.5", 'got \'0.5\'; pass types={"x": "float64"}'),
        ("1", "01", 'got \'01\'; pass types={"x": "string"}'),
        ("1", str(2**63), f'got \'{2**63}\'; pass types={{"x": "string"}}'),
        ("0.5", str(BEYOND), f'expected double, .*, got \'{BEYOND}\'; pass types={{"x": "string"}}'),
        ("0.5", "007", "expected double"),
        ("0.5", "1e400", "expected double"),
        ("true", "1", "expected bool, the type of the first 64 MiB, got '1'; pass types="),
    ],
)
def test_a_later_cell_that_contradicts_is_an_error_with_its_line(csv, table, early, late, message):
    rows = f'"two\nlines",{early}\n' * 5_000
    path = csv(f"k,x\n{rows}\n7,{late}\n")
    with pytest.raises(SchemaError, match=rf"a.csv, line 10003: feature 'x': .*{message}"):
        table(path)
    assert table(path, types={"x": str}, columns=["x"])["x"][-1].as_py() == late


@pytest.mark.usefixtures("_few_bytes")
def test_a_later_missing_value_is_null(csv, table):
    found = table(csv("k,x\n" + "1234567,1\n" * 5_000 + "7,\n"))
    assert found["x"].type == pa.int64()
    assert found["x"][-1].as_py() is None


@pytest.mark.usefixtures("_few_bytes")
def test_text_may_be_followed_by_anything(csv, table):
    found = table(csv("k,x\n" + "1234567,a\n" * 5_000 + "7,01\n8,true\n"))
    assert found["x"].to_pylist()[-2:] == ["01", "true"]


@pytest.mark.parametrize("type_", ["float32", "float64"])
def test_a_declared_float_does_not_become_infinite(csv, table, type_):
    with pytest.raises(SchemaError, match=r"line 3: feature 'x': expected a number of float64, got '1e400'"):
        table(csv("x\n1\n1e400\n"), types={"x": type_})


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_a_number_of_float64(value):
    assert classify_cell(repr(value).encode()) == CellKind.FLOAT
    assert classify_cell(f"{value:.20e}".encode()) == CellKind.FLOAT


@given(st.integers(-(2**70), 2**70), st.integers(0, 3))
def test_every_integer_has_one_kind(value, zeros):
    kind = classify_cell(f"{'-' * (value < 0)}{'0' * zeros}{abs(value)}".encode())
    if zeros:
        assert kind == CellKind.PADDED_INTEGER
    elif abs(value) <= 2**53:
        assert kind & CellKind.EXACT_INTEGER
    elif -(2**63) <= value < 2**63:
        assert kind & CellKind.LONG_INTEGER
    else:
        assert kind == (CellKind.UNSIGNED_INTEGER if 0 < value < 2**64 else CellKind.HUGE_INTEGER)
    assert bool(kind & CellKind.NEGATIVE_INTEGER) == (value < 0 and not zeros and value >= -(2**63))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3), st.integers(280, 340))
def test_a_number_beyond_float64_is_not_a_float(value, exponent):
    text = f"{value}e{exponent}"
    if "." in text:
        kind = classify_cell(text.encode())
        is_padded = text.lstrip("-").startswith("0") and text.lstrip("-")[1].isdigit()
        expected = CellKind.HUGE_FLOAT if math.isinf(float(text)) else CellKind.FLOAT
        assert kind == (CellKind.TEXT if is_padded else expected)


@pytest.mark.parametrize(
    ("type_", "cell", "one"),
    [
        (pa.int32(), "1", 1),
        (pa.float32(), "1", 1.0),
        (pa.bool_(), "1", True),
        (pa.date32(), "2024-02-29", datetime.date(2024, 2, 29)),
        (pa.timestamp("us"), "2024-02-29 10:00:00", datetime.datetime(2024, 2, 29, 10)),
        (pa.decimal128(5, 2), "1.5", Decimal("1.5")),
    ],
    ids=str,
)
def test_blank_cells_of_a_declared_type_are_missing(csv, table, type_, cell, one):
    file = csv(f"k,x\n0,{cell}\n1, \n2, NA\n3,{cell}\n4,old\n")
    schema = pa.schema([("k", pa.int64()), ("x", type_)])
    with pytest.raises(
        SchemaError, match=r"line 6: feature 'x': expected values of type .*invalid value 'old'"
    ):
        table(file, schema=schema)
    file = csv(f"k,x\n0,{cell}\n1, \n2, NA\n3,{cell}\n")
    assert table(file, schema=schema)["x"].to_pylist() == [one, None, None, one]


@pytest.mark.parametrize("cell", ["nan", "NaN", "NAN", "-nan", "+NaN", " nan", "nan\t"])
@pytest.mark.parametrize("neighbour", ["1.5", " ", "NA "], ids=["number", "blank", "word"])
def test_nan_is_missing_in_every_spelling(csv, table, cell, neighbour):
    """Whether or not Arrow takes it for a null, and beside blank cells."""
    found = table(csv(f"k,x\n0,1.5\n1,{cell}\n2,{neighbour}\n"))["x"]
    assert found.type == pa.float64()
    assert found.to_pylist()[:2] == [1.5, None]

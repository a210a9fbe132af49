"""A value of Python becomes the value of its column, or one line: Arrow alone would cut, wrap or drop it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr
from headrace.errors import SchemaError
from headrace.tables import from_declared

MICROSECONDS = dt.datetime(2020, 1, 1, 5, 0, 0, 5)
NANOSECOND = pd.Timestamp("2020-01-01 00:00:00.000000001")
ZONED = dt.datetime(2020, 1, 1, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))

CHANGED: list[tuple[Any, pa.DataType]] = [
    (1.5, pa.int64()),
    (np.float64(1.5), pa.int8()),
    (Decimal("1.5"), pa.int64()),
    (1.5, pa.dictionary(pa.int32(), pa.int64())),
    ([1, 2.5], pa.list_(pa.int64())),
    ([[2.5]], pa.list_(pa.list_(pa.int64()))),
    (np.array([1.5]), pa.list_(pa.int64())),
    (np.array([None, 1.5], object), pa.list_(pa.int64())),
    ({"a": 1.5}, pa.struct([("a", pa.int64())])),
    ({"a": 1, "b": 2}, pa.struct([("a", pa.int64())])),
    ([("k", 1.5)], pa.map_(pa.string(), pa.int64())),
    (1e39, pa.float32()),
    (70000.0, pa.float16()),
    (np.array([1e39]), pa.list_(pa.float32())),
    (MICROSECONDS, pa.timestamp("s")),
    (MICROSECONDS, pa.date64()),
    ([MICROSECONDS], pa.list_(pa.timestamp("ms"))),
    (NANOSECOND, pa.timestamp("us")),
    (dt.time(1, 2, 3, 4), pa.time32("s")),
    (dt.timedelta(microseconds=5), pa.duration("ms")),
    (pd.Timedelta(5), pa.duration("us")),
    (5.5, pa.timestamp("s")),
    (ZONED, pa.timestamp("us")),
    (MICROSECONDS, pa.timestamp("us", "UTC")),
    (dt.time(1, tzinfo=dt.UTC), pa.time64("us")),
]


@pytest.mark.parametrize(("value", "type_"), CHANGED, ids=lambda each: str(each)[:40])
def test_a_value_that_the_declared_type_would_change_is_an_error_with_its_row(
    value: Any, type_: pa.DataType
) -> None:
    ds = hr.Dataset.from_generator(lambda: [{"a": None}, {"a": value}], pa.schema({"a": type_}))
    with pytest.raises(SchemaError, match=r"record 1: feature 'a': expected ") as caught:
        list(ds)
    assert str(caught.value).count("\n") == 0


KEPT: list[tuple[Any, pa.DataType]] = [
    (2.0, pa.int64()),
    (Decimal("2"), pa.int64()),
    (float("inf"), pa.float32()),
    (np.array([1.5, 2.5], np.float32), pa.list_(pa.float32())),
    (np.array([1, 2], np.int8), pa.list_(pa.int32())),
    ({"a": 1}, pa.struct([("a", pa.int64()), ("b", pa.int64())])),
    ([("k", 1)], pa.map_(pa.string(), pa.int64())),
    (dt.datetime(2020, 1, 1, 5, 0, 0, 5000), pa.timestamp("ms")),
    (NANOSECOND, pa.timestamp("ns")),
    (ZONED, pa.timestamp("us", "UTC")),
    (dt.date(2020, 1, 1), pa.date64()),
    (dt.timedelta(seconds=5), pa.duration("s")),
]


@pytest.mark.parametrize(("value", "type_"), KEPT, ids=lambda each: str(each)[:40])
def test_a_value_that_the_declared_type_holds_is_kept(value: Any, type_: pa.DataType) -> None:
    assert from_declared([value, None], type_).equals(pa.array([value, None], type_))


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(), max_size=6))
def test_integers_are_exact_or_refused(values: list[Any]) -> None:
    try:
        kept = from_declared(values, pa.int64()).to_pylist()
    except (pa.ArrowException, ValueError):
        assert any(isinstance(each, float) for each in values)
    else:
        assert kept == values


def test_a_later_row_that_the_first_rows_did_not_announce_is_refused_not_cut() -> None:
    for first, later in [(1, 2.5), ({"x": 1}, {"x": 1, "y": 2}), ([1], [0.5])]:
        ds = hr.Dataset.from_generator(lambda rows=[{"a": first}] * 300 + [{"a": later}]: rows)
        with pytest.raises(SchemaError, match="record 300: feature 'a': expected"):
            list(ds)


def test_nanoseconds_are_kept_or_refused() -> None:
    (batch,) = hr.Dataset.from_arrays({"t": [NANOSECOND, None], "d": [pd.Timedelta(1), None]})
    assert batch.schema.types == [pa.timestamp("ns"), pa.duration("ns")]
    assert batch["t"][0].value == NANOSECOND.value
    assert batch["d"][0].value == 1
    with pytest.raises(SchemaError, match=r"record 1: feature 't': .*digits beyond timestamp\[us\]"):
        hr.Dataset.from_arrays({"t": [[MICROSECONDS], [NANOSECOND]]})


@pytest.mark.parametrize(
    "values",
    [
        [[dt.date(2020, 1, 1), MICROSECONDS]],
        [[MICROSECONDS], [ZONED]],
        [{"t": MICROSECONDS}, {"t": ZONED}],
        [dt.time(1, tzinfo=dt.UTC)],
        [["text", b"\xff"]],
    ],
    ids=str,
)
def test_values_inside_rows_that_have_no_common_type_are_refused(values: list[Any]) -> None:
    row = len(values) - 1
    with pytest.raises(SchemaError, match=f"record {row}: feature 'a': a value has no Arrow type or another"):
        hr.Dataset.from_arrays({"a": values})


@pytest.mark.parametrize("value", ["\ud800", ["\ud800"], {"\udfff": 1}], ids=ascii)
def test_half_a_surrogate_pair_is_named(value: Any) -> None:
    with pytest.raises(SchemaError, match="record 0: feature 'a': a string contains half of a surrogate"):
        hr.Dataset.from_arrays({"a": [value]})


def test_rows_of_a_generator_may_hold_tensors() -> None:
    rows = [
        {
            "vector": torch.tensor([1.5, 2.5], requires_grad=True),
            "image": torch.zeros(3, 2, 2, dtype=torch.uint8),
            "label": torch.tensor(number),
            "half": torch.tensor([0.5], dtype=torch.bfloat16),
        }
        for number in (3, 4)
    ]
    (batch,) = hr.Dataset.from_generator(lambda: rows)
    assert batch.schema.types == [
        pa.list_(pa.float32()),
        pa.fixed_shape_tensor(pa.uint8(), (3, 2, 2)),
        pa.int64(),
        pa.list_(pa.float32()),
    ]
    assert batch["vector"].to_pylist() == [[1.5, 2.5]] * 2
    assert batch["label"].to_pylist() == [3, 4]
    (batch,) = hr.Dataset.from_arrays({"a": [torch.tensor([1]), torch.tensor([2, 3])]})
    assert batch["a"].to_pylist() == [[1], [2, 3]]


def test_a_generator_of_empty_dicts_is_refused() -> None:
    with pytest.raises(SchemaError, match="record 0: the first rows have no columns; yield dicts"):
        list(hr.Dataset.from_generator(lambda: [{}]))


def test_days_of_numpy_are_durations() -> None:
    (batch,) = hr.Dataset.from_arrays({"a": np.array([5, "NaT"], "m8[D]")})
    assert batch["a"].to_pylist() == [dt.timedelta(days=5), None]

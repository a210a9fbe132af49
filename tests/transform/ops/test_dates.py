"""Ops on dates, compared with Python's `datetime` and NumPy over the years 1 to 9999."""

from __future__ import annotations

import datetime as dt
from calendar import isleap, monthrange
from collections.abc import Callable
from operator import attrgetter
from typing import Any, get_args

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
from headrace import transform as t
from headrace.columns import MISSING_DATE, timestamps_from_arrow
from headrace.transform.ops.dates.date_part import Part
from headrace.transform.ops.dates.parse import EpochUnit

from .evaluation import evaluate

Dates = list[dt.datetime | None]

TIMES = pa.timestamp("us")
DAYS = pa.array([dt.date(2024, 2, 29), None])
dates = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999))
some_dates = st.lists(st.one_of(st.none(), dates, dates), min_size=1, max_size=30)
EXPECTED: dict[str, Callable[[dt.datetime], int]] = {
    **{
        name: attrgetter(name)
        for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")
    },
    "quarter": lambda d: (d.month + 2) // 3,
    "weekday": lambda d: d.weekday(),
    "day_of_year": lambda d: d.timetuple().tm_yday,
    "iso_year": lambda d: d.isocalendar().year,
    "iso_week": lambda d: d.isocalendar().week,
    "days_in_month": lambda d: monthrange(d.year, d.month)[1],
    "is_leap_year": lambda d: int(isleap(d.year)),
    "is_weekend": lambda d: int(d.weekday() > 4),
}  # fmt: skip


class Deployed:
    """A transform of dates, and its ONNX model."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.transform = t.analyze(
            function, [pa.record_batch({name: pa.array([None], TIMES) for name in "xy"})]
        )
        self.session = onnxruntime.InferenceSession(self.transform.to_onnx().SerializeToString())

    def run(self, batch: pa.RecordBatch) -> dict[str, list[Any]]:
        """Run the model; dates are fed as int64 microseconds."""
        feeds = {name: timestamps_from_arrow(batch[name]) for name in self.transform.reads}
        names = [each.name for each in self.session.get_outputs()]
        return {
            name: found.tolist() for name, found in zip(names, self.session.run(None, feeds), strict=True)
        }


PARTS = Deployed(lambda x: {part: t.date_part(x["x"], part, missing=-1) for part in get_args(Part)})
BETWEEN = Deployed(
    lambda x: {unit: t.elapsed(x["x"], since=x["y"], unit=unit) for unit in ("days", "seconds")}
)


def test_the_parts_of_dates_have_an_expectation() -> None:
    assert set(EXPECTED) == set(get_args(Part))


@settings(max_examples=40)
@given(some_dates)
def test_parts_of_dates_match_datetime_in_python_and_in_onnx(values: Dates) -> None:
    batch = pa.record_batch({"x": pa.array(values, TIMES)})
    found, deployed = PARTS.transform(batch).to_pydict(), PARTS.run(batch)
    for part, expected in EXPECTED.items():
        wanted = [-1 if each is None else expected(each) for each in values]
        assert found[part] == wanted
        assert deployed[part] == wanted


def test_days_from_year_1_to_9999_have_the_year_month_and_day_of_numpy() -> None:
    days = np.arange("0001-01-01", "10000-01-01", dtype="datetime64[D]")[::4]
    batch = pa.record_batch({"x": pa.array(days.astype("datetime64[s]"))})
    found = PARTS.transform.select(["year", "month", "day", "day_of_year"])(batch)
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    np.testing.assert_array_equal(found["year"], years.astype(np.int64) + 1970)
    np.testing.assert_array_equal(found["month"], months.astype(np.int64) % 12 + 1)
    np.testing.assert_array_equal(found["day"], (days - months).astype(np.int64) + 1)
    np.testing.assert_array_equal(found["day_of_year"], (days - years).astype(np.int64) + 1)


def test_a_missing_date_has_missing_parts() -> None:
    values = pa.array([dt.date(2024, 2, 29), None])
    year, *rest = evaluate(lambda x: t.date_part(x, "year"), values)
    assert year == 2024
    assert np.isnan(rest).all()
    assert evaluate(lambda x: t.date_part(x, "weekday", missing=7), values) == [3, 7]
    assert evaluate(t.is_missing, values) == [False, True]
    filled = evaluate(lambda x: t.date_part(t.fill_missing(x, "1999-12-31"), "year"), values)
    assert filled == [2024, 1999]


ARROW_TYPES = [
    *(pa.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC", "Asia/Kolkata")),
    pa.date32(),
    pa.date64(),
]


@pytest.mark.parametrize("type_", ARROW_TYPES, ids=str)
def test_every_arrow_type_of_dates_is_read(type_: pa.DataType) -> None:
    values = [dt.datetime(2024, 2, 29), None, dt.datetime(1969, 12, 31)]
    column = pa.array(values, TIMES).cast(type_)  # with a zone: these instants of UTC
    for array in (column, column.dictionary_encode(), pa.chunked_array([column])):
        batch = pa.table({"x": array}).to_batches()[0]
        transform = t.analyze(lambda x: {"y": t.date_part(x["x"], "day_of_year", missing=-1)}, [batch])
        assert transform(batch)["y"].to_pylist() == [60, -1, 365]
        assert transform.input_types["x"].dtype == "timestamp[us]"


def test_nanoseconds_are_rounded_down_to_microseconds() -> None:
    values = pa.array([1_999, -1, -1_000, -1_001]).view(pa.timestamp("ns"))
    assert timestamps_from_arrow(values).tolist() == [1, -1, -1, -2]


def test_lists_of_dates_are_read() -> None:
    days = [dt.date(2024, 3, 1), dt.date(2024, 3, 2)]
    lists = pa.array([days, None, [], [None]], pa.list_(pa.date32())).slice(0, 4)
    assert evaluate(lambda x: t.date_part(x, "day", missing=0), lists) == [[1, 2], [], [], [0]]
    pairs = pa.array([days, days[::-1], days], pa.list_(pa.date32(), 2)).slice(1)
    assert evaluate(lambda x: t.date_part(x, "day", missing=0), pairs) == [[2, 1], [1, 2]]


@pytest.mark.parametrize("unit", ["s", "ms"])
def test_dates_outside_the_years_1_to_9999_are_refused_with_their_row(unit: str) -> None:
    values = pa.array([0, 2**58]).view(pa.timestamp(unit))
    with pytest.raises(hr.SchemaError, match=r"record 1: feature 'x': expected dates of the years 1 to 9999"):
        evaluate(lambda x: t.date_part(x, "year"), values)


def test_nat_that_is_not_marked_as_null_is_missing() -> None:
    values = pa.array([MISSING_DATE, 0]).view(pa.timestamp("ms"))
    assert evaluate(t.is_missing, values) == [True, False]


def test_integers_need_the_unit_that_they_count() -> None:
    with pytest.raises(hr.TraceError, match=r"expected dates, got int64 without a unit; .*unit=\"s\""):
        evaluate(lambda x: t.date_part(x, "year"), [1_709_211_600_000])
    assert evaluate(lambda x: t.date_part(x, "year", unit="ms"), [1_709_211_600_000]) == [2024]


def test_milliseconds_read_as_seconds_are_missing_not_the_year_51969() -> None:
    milliseconds = pa.array([1_577_836_800_000])
    assert np.isnan(evaluate(lambda x: t.date_part(x, "year", unit="s"), milliseconds)).all()


@settings(max_examples=25)
@given(st.lists(dates, min_size=1), st.sampled_from(get_args(EpochUnit)))
def test_integers_of_every_unit_match_numpy(values: list[dt.datetime], unit: EpochUnit) -> None:
    numbers = np.array(values, "datetime64[us]").astype(f"datetime64[{unit}]").view(np.int64)
    back = numbers.view(f"datetime64[{unit}]").astype("datetime64[us]")
    expected = (back - np.datetime64("1970-01-01T00:00:00", "us")).astype(np.int64)
    for column in (pa.array(numbers), pa.array(numbers.astype(np.float64))):
        if pa.types.is_floating(column.type) and np.any(column.to_numpy().astype(np.int64) != numbers):
            continue  # beyond the integers of float64
        found = evaluate(
            lambda x: t.elapsed(x, since="1970-01-01", unit="microseconds", epoch_unit=unit), column
        )
        assert found == expected.astype(np.float64).tolist()


def test_fractions_of_seconds_in_floats_are_rounded_to_microseconds() -> None:
    def microseconds(x: t.Column) -> t.Column:
        return t.elapsed(x, since="1970-01-01", unit="microseconds", epoch_unit="s")

    values = [1.5, -1.5, 1e-7, np.inf, 1e300]
    assert evaluate(microseconds, values)[:3] == [1_500_000, -1_500_000, 0]
    assert np.isnan(evaluate(microseconds, values)[3:]).all()


@settings(max_examples=40)
@given(st.lists(st.tuples(dates, dates), min_size=1))
def test_the_time_between_dates_matches_python(pairs: list[tuple[dt.datetime, dt.datetime]]) -> None:
    first, second = (pa.array(each, TIMES) for each in zip(*pairs, strict=True))
    batch = pa.record_batch({"x": first, "y": second})
    found = BETWEEN.transform(batch).to_pydict()
    assert found == BETWEEN.run(batch)
    for unit, length in (("days", dt.timedelta(days=1)), ("seconds", dt.timedelta(seconds=1))):
        expected = [(x - y) / length for x, y in pairs]
        np.testing.assert_allclose(found[unit], expected, rtol=3e-16, atol=0)


@pytest.mark.parametrize("since", [
    "2000-01-01", dt.date(2000, 1, 1), dt.datetime(2000, 1, 1), "2000-01-01T05:30+05:30",
    dt.datetime(2000, 1, 1, tzinfo=dt.UTC),
])  # fmt: skip
def test_time_is_elapsed_since_a_fixed_date(since: Any) -> None:
    values = pa.array([dt.datetime(2000, 1, 8, 12), None, dt.datetime(1999, 12, 31)], TIMES)
    later, missing, earlier = evaluate(lambda x: t.elapsed(x, since=since, unit="weeks"), values)
    assert (later, earlier) == (7.5 / 7, -1 / 7)
    assert np.isnan(missing)


def test_a_date_is_the_start_of_its_day() -> None:
    def microseconds(x: t.Column) -> t.Column:
        return t.elapsed(t.parse_date(x), since="1970-01-01", unit="microseconds")

    values = pa.array([dt.datetime(1969, 12, 31, 23, 59), dt.datetime(1970, 1, 1, 0, 0, 1)], TIMES)
    assert evaluate(microseconds, values) == [-86_400_000_000, 0]


@pytest.mark.parametrize(("function", "message"), [
    (lambda x: x + 1, "expected numbers, got dates; use date_part"),
    (lambda x: x < x, "expected numbers, got dates; use date_part"),
    (lambda x: x, "output 'y' is a date, and models take numbers"),
    (t.scale_to_z_score, "expects no dates, got timestamp"),
    (t.mean, "mean expects no dates, got timestamp"),
    (lambda x: t.cast(x, "int64"), "cast expects no dates, got timestamp"),
    (lambda x: t.one_hot(x, 3), "one_hot expects no dates, got timestamp"),
    (lambda x: t.where(x == x, 1.0, 0.0), "expected numbers, got dates"),
    (lambda x: t.lower(x), "lower expects no dates, got timestamp"),
    (lambda x: t.bucketize(x, 3), "expects no dates, got timestamp"),
    (lambda x: t.isin(x, [1]), "expects no dates|got dates"),
    (lambda x: t.fill_missing(x, 0.0), "cannot fill a column of dates with a number"),
    (lambda x: t.date_part(x, "years"), "unknown part of a date: 'years'"),
    (lambda x: t.elapsed(x, since="2000-01-01", unit="day"), "unknown unit of time: 'day'"),
    (lambda x: t.elapsed(x, since=3, unit="days"), "expected a column or a date, got 3"),
    (lambda x: t.elapsed(x, since=np.datetime64("NaT"), unit="days"), "expected a date, got NaT"),
    (lambda x: t.elapsed(x, since="yesterday", unit="days"), "expected a date, got 'yesterday'"),
])  # fmt: skip
def test_what_dates_cannot_do_is_refused_in_one_line(function: Any, message: str) -> None:
    with pytest.raises(hr.HeadraceError, match=message) as caught:
        evaluate(function, pa.array([dt.date(2024, 2, 29)]))
    assert "\n" not in str(caught.value)


def test_a_saved_transform_of_dates_gives_the_same_values(tmp_path: Any) -> None:
    batch = pa.record_batch({"x": pa.array([dt.date(2024, 2, 29), None])})
    transform = t.analyze(lambda x: {"y": t.date_part(x["x"], "day", missing=-1)}, [batch])
    transform.save(tmp_path / "t")
    loaded = hr.transform.Transform.load(tmp_path / "t")
    assert loaded.input_types == transform.input_types
    assert loaded(batch).equals(transform(batch))


def test_a_transform_of_dates_reads_iso_strings_as_serving_does() -> None:
    transform = t.analyze(
        lambda x: {"y": t.date_part(x["x"], "day", missing=0)}, [pa.record_batch({"x": DAYS})]
    )
    for rows in ([{"x": "2024-02-29"}, {"x": None}], [{"x": dt.datetime(2024, 2, 29)}, {"x": None}]):
        assert transform(rows)["y"].to_pylist() == [29, 0]
    with pytest.raises(hr.SchemaError, match=r"record 0: feature 'x': expected a date, got '2024-02-30'"):
        transform([{"x": "2024-02-30"}])
    with pytest.raises(hr.SchemaError, match=r"expected a column of timestamp\[us\], got int64"):
        transform([{"x": 1_709_164_800}])

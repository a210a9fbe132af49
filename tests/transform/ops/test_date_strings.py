"""Dates in strings, compared with Python's `fromisoformat` and `strptime`."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
from headrace import _native
from headrace import transform as t
from headrace.columns import MISSING_DATE, parse_dates
from headrace.transform.ops.dates.date_format import parse_format

from .evaluation import evaluate

EPOCH = dt.datetime(1970, 1, 1)
dates = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30))
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))


def microseconds(date: dt.datetime) -> int:
    zoned = date.astimezone(dt.UTC).replace(tzinfo=None) if date.tzinfo else date
    return (zoned - EPOCH) // dt.timedelta(microseconds=1)


def parse(text: str, form: str | None = None) -> int | None:
    found = int(parse_dates(pa.array([text]), None if form is None else parse_format(form).program)[0])
    return None if found == MISSING_DATE else found


@given(
    dates,
    st.one_of(st.none(), st.just(dt.UTC), offsets),
    st.sampled_from("Tt "),
    st.sampled_from(["auto", "hours", "minutes", "seconds", "milliseconds", "microseconds"]),
)
def test_what_isoformat_writes_is_parsed(
    date: dt.datetime, zone: dt.timezone | None, sep: str, timespec: str
) -> None:
    text = date.replace(tzinfo=zone).isoformat(sep, timespec)
    assert parse(text) == microseconds(dt.datetime.fromisoformat(text))


@settings(max_examples=300)
@given(st.text("0123456789-:.TZ+", max_size=26), dates, st.integers(0, 26), st.integers(0, 3))
def test_strings_near_iso_dates_are_parsed_as_by_python_or_missing(
    noise: str, date: dt.datetime, at: int, size: int
) -> None:
    text = date.isoformat()
    for each in (noise, text[:at] + noise[:size] + text[at + size :]):
        found = parse(each)
        if found is not None:
            assert found == microseconds(dt.datetime.fromisoformat(each))


@pytest.mark.parametrize(("text", "expected"), [
    ("2024-02-29", "2024-02-29"),
    ("20240229", "2024-02-29"),
    ("  2024-02-29\n", "2024-02-29"),
    ("2024-02-29T10:15:30.1234567899", "2024-02-29T10:15:30.123456"),
    ("2024-02-29 10:15:30,5", "2024-02-29T10:15:30.500000"),
    ("20240229T101530Z", "2024-02-29T10:15:30"),
    ("2024-02-29T23:30:00-05:00", "2024-03-01T04:30:00"),
    ("2024-02-29T23:30+0530", "2024-02-29T18:00"),
    ("2024-02-29T23:30:00 +05", "2024-02-29T18:30"),
    ("2024-02-29 10:15:30 UTC", "2024-02-29T10:15:30"),
    ("0001-01-01", "0001-01-01"),
    ("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999"),
])  # fmt: skip
def test_iso_strings_are_parsed_in_utc(text: str, expected: str) -> None:
    assert parse(text) == microseconds(dt.datetime.fromisoformat(expected))


@pytest.mark.parametrize("text", [
    "", " ", "abc", "2024-02-30", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-01-00",
    "2024-1-2", "24-01-02", "0000-01-01", "10000-01-01", "-2024-01-02", "2024-01-02T", "2024-01-02T24:00",
    "2024-01-02T10:60", "2024-01-02T23:59:60", "2024-01-02T10:15.5", "2024-01-02T10:15:30.",
    "2024-01-02T10:1530", "2024-01-02+05:00", "2024-01-02T10:15+24:00", "2024-01-02T10:15+5",
    "2024-01-02T10:15 PM", "2024-01-0২", "2024-01-02\0", "0001-01-01T00:00+00:01",
    "9999-12-31T23:59-00:01", "2024-W05-1", "2024-060", "1709211600", "２０２４-01-02", "2024/01/02",
    "01/02/2024", "2024-0102", "202401-02", "2024-01-02T10:15:30Zulu", "2024-01-02  10:15",
])  # fmt: skip
def test_strings_that_are_not_iso_dates_are_missing(text: str) -> None:
    assert parse(text) is None


FORMATS = [
    "%d/%m/%Y", "%m/%d/%y", "%Y.%m.%d %H:%M:%S", "%Y%m%d", "%y%m%d%H%M", "%d %b %Y", "%B %d, %Y",
    "%A %d %B %Y", "%m/%d/%Y %I:%M %p", "%Y-%m-%dT%H:%M:%S.%f", "%Y %j", "%y%j", "%Y-%m", "%Y",
    "%d.%m.%Y %H:%M:%S%z", "%%%Y%%%m",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=25)
@given(dates, offsets)
def test_formats_are_parsed_as_by_strptime(form: str, date: dt.datetime, zone: dt.timezone) -> None:
    text = date.replace(tzinfo=zone).strftime(form.replace("%Y", f"{date.year:04d}"))
    assert parse(text, form) == microseconds(dt.datetime.strptime(text, form))
    assert parse(text.upper(), form) == parse(text, form)


@settings(max_examples=200)
@given(st.sampled_from(FORMATS[:4]), st.text("0123/.: ", max_size=12))
def test_strings_near_a_format_are_parsed_as_by_strptime_or_missing(form: str, text: str) -> None:
    found = parse(text, form)
    if found is not None:
        assert found == microseconds(dt.datetime.strptime(text.strip(), form))


@pytest.mark.parametrize(("text", "form", "expected"), [
    ("1/2/2024", "%d/%m/%Y", "2024-02-01"),
    ("29/02/2023", "%d/%m/%Y", None),
    ("32/01/2024", "%d/%m/%Y", None),
    ("001/01/2024", "%d/%m/%Y", None),
    ("1/2/24", "%d/%m/%Y", None),
    ("202412", "%Y%m%d", None),
    ("68", "%y", "2068-01-01"),
    ("69", "%y", "1969-01-01"),
    ("366 2024", "%j %Y", "2024-12-31"),
    ("366 2023", "%j %Y", None),
    ("0 2023", "%j %Y", None),
    ("12:00 am 2024", "%I:%M %p %Y", "2024-01-01T00:00"),
    ("12:00 PM 2024", "%I:%M %p %Y", "2024-01-01T12:00"),
    ("13:00 PM 2024", "%I:%M %p %Y", None),
    ("1 march 2024", "%d %b %Y", "2024-03-01"),
    ("1 Mär 2024", "%d %b %Y", None),
    ("1   Mar\t2024", "%d %b %Y", "2024-03-01"),
    ("2024 0.5", "%Y %S.%f", "2024-01-01T00:00:00.5"),
    ("2024 0.0000005", "%Y %S.%f", None),
    ("2024Z", "%Y%z", "2024-01-01"),
    ("2024+0130", "%Y%z", "2023-12-31T22:30"),
    ("2024-00:30", "%Y%z", "2024-01-01T00:30"),
])  # fmt: skip
def test_a_format_is_strict_about_digits_names_and_ranges(text: str, form: str, expected: str | None) -> None:
    assert parse(text, form) == (expected and microseconds(dt.datetime.fromisoformat(expected)))


@pytest.mark.parametrize(("form", "message"), [
    ("%d/%m", "a date has one year"),
    ("%Y %y", "a date has one year"),
    ("%d/%d/%Y", "%d occurs twice"),
    ("%Y-%m-%q", "unknown directive of a date: %q"),
    ("%Y-%m-%T", "unknown directive of a date: %T"),
    ("%Y %U", "unknown directive of a date: %U"),
    ("%Y%", "unknown directive of a date: %"),
    ("%Y %m %j", "the day of the year is either"),
    ("%Y %I", "an hour is %H, or %I with %p"),
    ("%Y%z %m", "%z is the last directive"),
    ("1%m %Y", "ONNX cannot tell a digit"),
    ("%bT%Y", "ONNX cannot tell a letter"),
    ("%Y%m%d%H%M%S%f", "a number has at most 18 digits"),
    ("", "expected a format"),
    ("%Y年", "expected a format"),
])  # fmt: skip
def test_formats_that_cannot_be_lowered_are_refused_when_the_function_is_traced(
    form: str, message: str
) -> None:
    with pytest.raises(hr.TraceError, match=message) as caught:
        evaluate(lambda x: t.date_part(t.parse_timestamp(x, form), "year"), ["2024"])
    assert caught.value.path == __file__
    assert "use %Y %y %m %d" in str(caught.value)


def test_a_date_may_come_as_a_string_a_timestamp_or_an_integer_with_one_function() -> None:
    for values in (["2024-02-29", ""], pa.array([dt.date(2024, 2, 29), None])):
        assert evaluate(lambda x: t.date_part(t.parse_date(x), "day", missing=0), values) == [29, 0]
    assert evaluate(lambda x: t.date_part(x, "day"), ["2024-02-29T23:00:00-05:00"]) == [1]


def test_a_missing_string_is_a_missing_date() -> None:
    assert evaluate(lambda x: t.is_missing(t.parse_timestamp(x)), ["2024-01-01", None, "NaT"]) == [
        False,
        True,
        True,
    ]


def test_strings_in_a_dictionary_and_in_lists_are_parsed() -> None:
    texts = pa.array(["2024-01-02", "x", "2024-01-03"])
    assert evaluate(lambda x: t.date_part(x, "day", missing=0), texts.dictionary_encode()) == [2, 0, 3]
    lists = pa.array([["2024-01-02"], [], None, ["x", "2024-01-03"]])
    assert evaluate(lambda x: t.date_part(x, "day", missing=0), lists) == [[2], [], [], [0, 3]]


@pytest.mark.parametrize(("function", "message"), [
    (lambda x: t.parse_timestamp(x, unit="s"), "expected integers for unit='s', got string"),
    (lambda x: t.parse_timestamp(t.string_length(x), "%Y"), "expected strings for the format, got int64"),
    (lambda x: t.parse_timestamp(x == "a", unit="s"), "expected dates, got bool"),
    (lambda x: t.parse_timestamp(t.string_length(x), unit="h"), "unknown unit of integers: 'h'"),
])  # fmt: skip
def test_arguments_that_do_not_fit_the_column_are_refused(function: object, message: str) -> None:
    with pytest.raises(hr.TraceError, match=message):
        evaluate(function, ["a"])  # type: ignore[arg-type]


def test_the_kernel_refuses_steps_that_are_not_triples() -> None:
    with pytest.raises(ValueError, match="three elements for each step"):
        _native.parse_dates(np.zeros(1, np.int32), np.zeros(0, np.uint8), np.zeros(2, np.uint8))

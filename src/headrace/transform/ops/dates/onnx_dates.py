"""ONNX forms of parsing: strings that match a regular expression are split into numbers and names.

Strings that do not match are replaced by an example, so that every row has the same fields.
"""

from __future__ import annotations

import ndonnx as ndx
import numpy as np
import spox.opset.ai.onnx.ml.v4 as ml
import spox.opset.ai.onnx.v21 as op

from headrace.columns import FIRST_MICROSECOND, LAST_MICROSECOND
from headrace.transform.ops.dates import calendar
from headrace.transform.ops.dates.calendar import Civil, divide, remainder
from headrace.transform.ops.dates.date_format import ISO_EXAMPLE, ISO_REGEX, NAMES, DateFormat, Step
from headrace.transform.ops.strings import onnx_text as text

__all__ = ["lower_format", "lower_iso"]

_DATE = r"[\t-\r ]*[0-9]{4}-?[0-9]{2}-?[0-9]{2}"
_END = r"[\t-\r ]*"


def lower_format(strings: ndx.Array, form: DateFormat) -> ndx.Array:
    """Parse strings [n] by a format: int64 microseconds."""
    valid = text.full_match(strings, form.regex)
    strings = text.where(valid, strings, form.example)
    tokens = text.tokenize(strings, "[0-9]+", form.example)
    numbers = _to_integers(tokens)
    fields: dict[str, ndx.Array] = {}
    for place, run in enumerate(form.numbers):
        if len(run) == 1 and run[0].kind == "f":
            fields["f"] = _first_six(tokens[:, place], "")
        else:
            fields |= _split_run(numbers[:, place], run)
    if form.find_name("b") is not None or form.has("p"):
        words = text.tokenize(strings, "[A-Za-z]+", form.example)
        for kind in "bp":
            if (place := form.find_name(kind)) is not None:
                fields[kind] = _name_number(words[:, place], NAMES[kind])
    if form.has("z"):
        fields["z"] = _offset(strings, tokens, numbers, len(form.numbers))
    fields = {kind: values[:-1] if kind != "z" else values for kind, values in fields.items()}
    return _to_timestamps(valid, fields)


def lower_iso(strings: ndx.Array) -> ndx.Array:
    """Parse strings [n] of ISO 8601: int64 microseconds."""
    valid = text.full_match(strings, ISO_REGEX)
    strings = text.where(valid, strings, ISO_EXAMPLE)
    pairs = text.tokenize(strings, "[0-9]{2}", ISO_EXAMPLE)
    numbers = _to_integers(pairs)[:-1, :]

    def number(place: int, pattern: str) -> ndx.Array:
        """Return the pair of digits at a place of strings that match a pattern, and else 0."""
        return _where(text.full_match(strings, pattern), numbers[:, place], 0)

    fields = {"Y": numbers[:, 0] * np.int64(100) + numbers[:, 1], "m": numbers[:, 2], "d": numbers[:, 3]}
    fields["H"] = number(4, f"{_DATE}[Tt ].*{_END}")
    fields["M"] = number(5, f"{_DATE}[Tt ][0-9]{{2}}:?[0-9]{{2}}.*{_END}")
    fields["S"] = number(6, f"{_DATE}[Tt ][0-9]{{2}}:?[0-9]{{2}}:?[0-9]{{2}}.*{_END}")
    points = text.tokenize(strings, "[.,][0-9]{1,6}", ISO_EXAMPLE)[:, 0]
    fields["f"] = _first_six(points, "[.,]")[:-1]
    fields["z"] = _iso_offset(strings, pairs[:-1, :], numbers)
    return _to_timestamps(valid, fields)


def _iso_offset(strings: ndx.Array, pairs: ndx.Array, numbers: ndx.Array) -> ndx.Array:
    """Return the minutes east of UTC: the last pairs of digits, where a sign is in front of them."""
    after_time = f"{_DATE}[Tt ].*"
    minutes = text.full_match(strings, f"{after_time}[+-][0-9]{{2}}:?[0-9]{{2}}{_END}")
    hours = text.full_match(strings, f"{after_time}[+-][0-9]{{2}}{_END}")
    west = text.full_match(strings, f"{after_time}-[0-9]{{2}}(?::?[0-9]{{2}})?{_END}")
    count = ndx.sum(ndx.astype(pairs != "", ndx.int64), axis=1)
    last, before = (
        ndx.take_along_axis(numbers, ndx.expand_dims(count - np.int64(back), axis=1), axis=1)[:, 0]
        for back in (1, 2)
    )
    offset = _where(minutes, before * np.int64(60) + last, _where(hours, last * np.int64(60), 0))
    return _where(west, -offset, offset)


def _offset(strings: ndx.Array, tokens: ndx.Array, numbers: ndx.Array, place: int) -> ndx.Array:
    """Return the minutes east of UTC from the last runs of digits: one of four, or two of two."""
    first, second = numbers[:-1, place], numbers[:-1, place + 1]
    is_one = tokens[:-1, place + 1] == ""
    offset = _where(
        is_one,
        divide(ndx, first, 100) * np.int64(60) + remainder(ndx, first, 100),
        first * np.int64(60) + second,
    )
    west = text.full_match(strings, f".*-[0-9]{{2}}:?[0-9]{{2}}{_END}")
    return _where(west, -offset, offset)


def _split_run(value: ndx.Array, run: list[Step]) -> dict[str, ndx.Array]:
    """Divide a run of digits into its numbers, each of a fixed width if there are several."""
    fields: dict[str, ndx.Array] = {}
    for step in reversed(run[1:]):
        fields[step.kind] = remainder(ndx, value, 10**step.most)
        value = divide(ndx, value, 10**step.most)
    return {run[0].kind: value, **fields}


def _first_six(digits: ndx.Array, point: str) -> ndx.Array:
    """Return the microseconds of a fraction: the first six digits, filled up by zeros."""
    filled = text.concat(text.where(digits == "", "0" if not point else ".0", digits), ndx.asarray("00000"))
    six = text.tokenize(filled, f"{point}[0-9]{{6}}", ".000000" if point else "000000")[:-1, 0]
    return _to_integers(text.tokenize(six, "[0-9]+", "000000")[:-1, 0] if point else six)


def _name_number(words: ndx.Array, names: dict[str, int]) -> ndx.Array:
    encoded = ml.label_encoder(
        text.lower_case(words).unwrap_spox(),
        keys_strings=list(names),
        values_int64s=list(names.values()),
        default_int64=-1,
    )
    return ndx.asarray(encoded)


def _to_integers(digits: ndx.Array) -> ndx.Array:
    """Convert strings of digits to int64, the empty string to 0."""
    return ndx.asarray(op.cast(text.where(digits == "", "0", digits).unwrap_spox(), to=np.int64))


def _where(condition: ndx.Array, x: ndx.Array, y: ndx.Array | int) -> ndx.Array:
    return ndx.where(condition, x, ndx.asarray(np.int64(y)) if isinstance(y, int) else y)


def _to_timestamps(valid: ndx.Array, fields: dict[str, ndx.Array]) -> ndx.Array:
    """Compute microseconds since 1970 from the fields, and check their ranges."""
    year = fields["Y"] if "Y" in fields else fields["y"]
    if "y" in fields:
        year = year + _where(year < np.int64(69), ndx.asarray(np.int64(2000)), 1900)
    one = year * np.int64(0) + np.int64(1)
    month, day = fields.get("m", fields.get("b", one)), fields.get("d", one)
    valid = (
        valid & (month >= 1) & (month <= 12) & (day >= 1) & (day <= calendar.days_of_month(ndx, year, month))
    )
    days = calendar.days_from_civil(ndx, Civil(year, month, day))
    if "j" in fields:
        length = ndx.astype(calendar.is_leap(ndx, year), ndx.int64) + np.int64(365)
        valid = valid & (fields["j"] >= 1) & (fields["j"] <= length)
        days = days + fields["j"] - np.int64(1)
    if "I" in fields:
        valid = valid & (fields["I"] >= 1) & (fields["I"] <= 12)
        fields["H"] = remainder(ndx, fields["I"], 12) + fields["p"]
    moment = days * np.int64(calendar.DAY)
    for kind, unit, most in (("H", 3_600_000_000, 23), ("M", 60_000_000, 59), ("S", 1_000_000, 59)):
        if kind in fields:
            valid = valid & (fields[kind] <= most)
            moment = moment + fields[kind] * np.int64(unit)
    if "f" in fields:
        moment = moment + fields["f"]
    if "z" in fields:
        moment = moment - fields["z"] * np.int64(60_000_000)
    valid = valid & (moment >= 0) & (moment <= LAST_MICROSECOND - FIRST_MICROSECOND)
    return calendar.keep_present(ndx, valid, moment + np.int64(FIRST_MICROSECOND))

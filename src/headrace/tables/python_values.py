"""Python values of one column as an Arrow array; a mixture of types is refused, not converted."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import to_arrow
from headrace.errors import SchemaError
from headrace.tables.declared_values import check_values
from headrace.tables.tensors import replace_tensors

__all__ = ["from_values", "mark_missing", "to_objects"]

_MISSING = {"NoneType", "NAType", "NaTType", "MaskedConstant"}  # of Python, pandas and NumPy
_KINDS: list[tuple[str, tuple[type, ...]]] = [
    ("boolean", (bool, np.bool_)),
    ("timedelta", (datetime.timedelta, np.timedelta64)),
    ("integer", (int, np.integer)),
    ("float", (float, np.floating)),
    ("string", (str,)),
    ("bytes", (bytes, bytearray, memoryview)),
    ("timestamp", (datetime.datetime, np.datetime64)),
    ("date", (datetime.date,)),
    ("time", (datetime.time,)),
    ("decimal", (Decimal,)),
    ("dict", (Mapping,)),
    ("set", (set, frozenset)),
    ("list", (list, tuple, np.ndarray)),
]
_NUMBERS = [{"integer", "float"}, {"integer", "decimal"}]  # kinds that have a common type, without a loss


def from_values(values: Sequence[Any], name: str) -> pa.Array:
    """Convert Python values to an Arrow array; None, `pandas.NA`, `NaT` and `numpy.ma.masked` are null.

    Raises:
        SchemaError: Values of several types, or of one that Arrow does not have; names the row.
    """
    values = mark_missing(replace_tensors(values))
    if any(issubclass(each, np.datetime64 | np.timedelta64) for each in set(map(type, values))):
        values = list(map(_simplify_time, values))
    types = set(map(type, values)) - {type(None)}
    kinds = {_kind(each) for each in types}
    if "float" in kinds and not kinds <= {"float", "integer", "boolean"}:
        values, kinds = _drop_nans(values, kinds)
    if "set" in kinds:
        raise _mismatch(values, {"set"}, name, "expected a value or a list, got")
    if len(kinds) > 1 and not any(kinds <= each for each in _NUMBERS):
        first = _kind(type(next(value for value in values if value is not None)))
        raise _mismatch(values, kinds - {first}, name, f"expected values of one type, {first}, got")
    if "timestamp" in kinds:
        _check_zones(values, name)
    if types and all(issubclass(each, np.ndarray) for each in types):
        return _from_arrays(values, name)
    return _infer(values, name)


def mark_missing(values: Sequence[Any]) -> Sequence[Any]:
    """Return values in which None stands for what is missing, in masked arrays too."""
    types = set(map(type, values))
    if not any(each.__name__ in _MISSING or issubclass(each, np.ma.MaskedArray) for each in types):
        return values
    plain: list[Any] = [None if type(value).__name__ in _MISSING else value for value in values]
    return [to_objects(each) if np.ma.is_masked(each) else each for each in plain]


def _simplify_time(value: Any) -> Any:
    """Return a time of NumPy as one that Arrow has; `NaT` is None, and a day or month a date of Python."""
    if not isinstance(value, np.datetime64 | np.timedelta64):
        return value
    if np.isnat(value):
        return None
    kind, unit = value.dtype.kind, np.datetime_data(value.dtype)[0]
    if unit in ("h", "m"):
        return value.astype(f"{kind}8[s]")
    return value.astype("datetime64[D]").item() if kind == "M" and unit in ("Y", "M", "W", "D") else value


def _drop_nans(values: Sequence[Any], kinds: set[str]) -> tuple[Sequence[Any], set[str]]:
    """Replace NaN by None in a column of strings or the like, where pandas writes it for what is missing."""
    floats = [value for value in values if value is not None and _kind(type(value)) == "float"]
    if any(value == value for value in floats):
        return values, kinds
    is_float = {type(value) for value in floats}
    return [None if type(value) in is_float else value for value in values], kinds - {"float"}


def _infer(values: Sequence[Any], name: str) -> pa.Array:
    try:
        return _convert(values)
    except UnicodeEncodeError as error:
        what = "a string contains half of a surrogate pair, which is not Unicode text:"
        raise _error(values, _find_failure(values), name, what, "write whole characters") from error
    except OverflowError:
        unsigned = _infer_unsigned(values)
        if unsigned is not None:
            return pa.array(values, unsigned)
        what = "expected integers of 64 bits, got"
        wide = (row for row, value in enumerate(values) if _is_wide(value))
        row = next(wide, 0)
        raise _error(values, row, name, what) from None
    except (pa.ArrowException, TypeError, ValueError) as error:
        row = _find_failure(values)
        what = f"a value has no Arrow type or another one than those before it ({_first_line(error)}):"
        raise _error(values, row, name, what) from error


def _convert(values: Sequence[Any]) -> pa.Array:
    """Convert values to the type that Arrow infers, if it holds them as they are.

    Raises:
        pa.ArrowException, TypeError, ValueError, OverflowError: Values that it does not hold.
    """
    array = pa.array(values)
    type_ = array.type
    if pa.types.is_timestamp(type_) or pa.types.is_duration(type_):
        return _keep_nanoseconds(values, array)
    if _holds(type_, pa.types.is_temporal):
        check_values(values, type_)
    if pa.types.is_nested(type_) and _holds(type_, pa.types.is_string):
        array.validate(full=True)  # bytes in lists that begin with strings
    return array


def _keep_nanoseconds(values: Sequence[Any], array: pa.Array) -> pa.Array:
    """Return times of microseconds as times of nanoseconds, if one of pandas has digits beyond."""
    try:
        check_values(values, array.type)
    except ValueError:
        is_timestamp = pa.types.is_timestamp(array.type)
        return pa.array(values, pa.timestamp("ns", array.type.tz) if is_timestamp else pa.duration("ns"))
    return array


def _holds(type_: pa.DataType, is_kind: Callable[[pa.DataType], bool]) -> bool:
    """Return whether a type, or a type inside it, is of a kind."""
    inner = (type_.field(number).type for number in range(type_.num_fields))
    return is_kind(type_) or any(_holds(each, is_kind) for each in inner)


def _infer_unsigned(values: Any) -> pa.DataType | None:
    """Return uint64, or the type of lists of it, if all values are integers that fit; else None."""
    present = [value for value in values if value is not None]
    if all(_kind(type(value)) == "integer" and 0 <= value < 2**64 for value in present):
        return pa.uint64()
    if not all(_kind(type(value)) == "list" for value in present):
        return None
    item = _infer_unsigned([each for value in present for each in value])
    return None if item is None else pa.list_(item)


def _from_arrays(values: Sequence[Any], name: str) -> pa.Array:
    """Convert one array per row: vectors to lists, arrays of more dimensions and of one shape to tensors."""
    ranks, shapes = {each.ndim for each in values if each is not None}, set(map(np.shape, values))
    if ranks == {1}:
        return _infer(values, name)
    if ranks == {0}:
        return from_values([None if each is None else each[()] for each in values], name)
    if len(shapes) == 1:
        stacked = np.stack(values)
        return _infer(stacked.tolist(), name) if stacked.dtype == object else to_arrow(stacked)
    row = next(row for row, each in enumerate(values) if np.shape(each) != np.shape(values[0]))
    what = f"expected arrays of one shape, {list(np.shape(values[0]))}, got {list(np.shape(values[row]))}"
    raise SchemaError(what, record=row, feature=name or None, hint="pad or resize them first")


def to_objects(array: np.ndarray) -> np.ndarray:
    """Return an array of Python objects; masked values become None."""
    objects = np.ma.getdata(array).astype(object)
    objects[np.ma.getmaskarray(array)] = None
    return objects


def _check_zones(values: Sequence[Any], name: str) -> None:
    zones = [getattr(value, "tzinfo", None) is not None for value in values if value is not None]
    if len(set(zones)) > 1:
        aware = [value is not None and getattr(value, "tzinfo", None) is not None for value in values]
        row = next(row for row, value in enumerate(values) if value is not None and aware[row] != zones[0])
        what = "expected times that all have a time zone, or none, got"
        raise _error(values, row, name, what, "set the time zones first")


def _kind(type_: type) -> str:
    return next((kind for kind, known in _KINDS if issubclass(type_, known)), type_.__name__)


def _is_wide(value: Any) -> bool:
    if isinstance(value, list | tuple | np.ndarray | Mapping):
        return any(map(_is_wide, value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def _mismatch(values: Sequence[Any], kinds: set[str], name: str, what: str) -> SchemaError:
    row = next(row for row, value in enumerate(values) if value is not None and _kind(type(value)) in kinds)
    return _error(values, row, name, what)


def _error(
    values: Sequence[Any], row: int, name: str, what: str, hint: str = "convert the column to one type"
) -> SchemaError:
    shown = repr(values[row]).replace("\n", " ")
    shown = shown if len(shown) <= 60 else f"{shown[:60]}..."
    what = f"{what} {shown} ({type(values[row]).__name__})"
    return SchemaError(what, record=row, feature=name or None, hint=hint)


def _find_failure(values: Sequence[Any]) -> int:
    """Find the first row that cannot be converted together with the rows before it."""
    low, high = 0, len(values)  # the first `low` rows can be converted, the first `high` cannot
    while high - low > 1:
        middle = (low + high) // 2
        try:
            _convert(values[:middle])
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            high = middle
        else:
            low = middle
    return low


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]

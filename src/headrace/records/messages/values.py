"""Python values as arrays, for messages: nothing is rounded, cut, unmasked or turned into text on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.errors import SchemaError

__all__ = ["to_array"]

_RAGGED = "expected lists of equal length, got lists that differ in length"
_TEXT = (str, bytes, bytearray, memoryview)


def to_array(value: Any) -> NDArray[Any]:
    """Convert a value, a (nested) list or an array to a NumPy array; text becomes an array of objects.

    Raises:
        SchemaError: A list of mixed types or of lists that differ in length, a missing or masked value, or an
            integer that the array cannot hold.
    """
    if isinstance(value, pa.Array | pa.ChunkedArray):
        value = value.to_pylist()
    elif isinstance(value, pa.Scalar):
        value = value.as_py()
    if isinstance(value, np.ma.MaskedArray):
        if np.ma.is_masked(value):
            raise SchemaError("expected a value at every place, got masked values", hint="fill or drop them")
        value = value.data
    if not isinstance(value, list | tuple):
        return _convert(value)
    kinds = {_kind(each) for each in _flatten(value)}
    if len(kinds) > 1 and kinds != {"integers", "floats"}:
        what = f"expected values of one type, got {' and '.join(sorted(kinds))}"
        raise SchemaError(what, hint="convert them to one type")
    array = np.array(value, np.object_) if kinds == {"strings"} else _convert(value)
    if any(isinstance(each, list | tuple) for each in array.reshape(-1)[:1].tolist()):
        raise SchemaError(_RAGGED, hint="pad them")
    if "integers" in kinds and array.dtype.kind == "f":
        _check_exact(value, "floats" in kinds)
    return array


def _convert(value: Any) -> NDArray[Any]:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise SchemaError(_RAGGED, hint="pad them") from error
    except TypeError as error:  # such as a tensor of a type that NumPy does not have
        what = f"cannot convert a {type(value).__name__} to an array ({error})"
        raise SchemaError(what, hint="cast it first") from error
    return np.array(value, np.object_) if array.dtype.kind in "SU" else array  # those lose trailing zeros


def _flatten(values: Iterable[Any]) -> Iterator[Any]:
    for each in values:
        if isinstance(each, list | tuple):
            yield from _flatten(each)
        else:
            yield each


def _kind(value: Any) -> str:
    if isinstance(value, _TEXT):
        return "strings"
    if isinstance(value, bool | np.bool_):
        return "booleans"
    if isinstance(value, int | np.integer):
        return "integers"
    if isinstance(value, float | np.floating):
        return "floats"
    return "missing values" if value is None else type(value).__name__


def _check_exact(values: Iterable[Any], are_floats: bool) -> None:
    """Refuse integers that became floats: among integers always, among floats if they are not exact."""
    for each in _flatten(values):
        if isinstance(each, int) and not (are_floats and int(float(each)) == each):
            what = f"the integer {each} next to other numbers has no type that holds them all"
            raise SchemaError(what, hint="pass integers of int64 or uint64, or floats")

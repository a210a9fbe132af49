"""Cast Arrow columns to the type that a model or a transform reads, without a change of any value.

    from                            to           what is cast
    integers, whole floats          integers     those that the type holds; whole floats up to 2**53
    integers, floats, decimals      floats       to the nearest; integers up to 2**53, none becomes infinite
    0 and 1                         bool
    string, binary                  string       bytes that are UTF-8
    dates, times, ISO strings       dates        in UTC, to the microsecond; see `headrace.columns.dates`
    lists of one length             dense        those of the shape of a row
    missing: null, NaN              any          the default, or else NaN, the empty string, a missing date,
                                                 the empty list

Anything else is an error that names the row: numbers are not parsed from strings, nor made from booleans.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from headrace import arrow_compute as pc
from headrace.columns.arrays import Ragged
from headrace.columns.cast_values import cast_values
from headrace.columns.wrong_value import wrong_value
from headrace.errors import SchemaError

__all__ = ["cast_column"]


def cast_column(
    array: pa.Array | pa.ChunkedArray,
    dtype: str,
    shape: tuple[int | None, ...] = (),
    *,
    is_ragged: bool = False,
    name: str = "",
    default: Any = None,
) -> Any:
    """Cast a column to values of a dtype, a NumPy array, an Arrow string array or `Ragged`.

    Args:
        array: The column.
        dtype: The dtype, such as "float32" or "string".
        shape: The shape of one row of dense values; None is any size, the same for all rows.
        is_ragged: Whether a row is a list of any length.
        name: The name of the column, for messages.
        default: What a missing value becomes; None is NaN, the empty string or the empty list.

    Raises:
        SchemaError: A value that does not fit, or is missing without a default; names the column and the row.

    Example:
        >>> import pyarrow as pa
        >>> cast_column(pa.array([1.0, None]), "int64", default=7)
        array([1, 7])
    """
    array = _simplify(array)
    if is_ragged:
        return _cast_lists(array, dtype, name, default)
    if shape:
        return _cast_dense(array, dtype, shape, name, default)
    _check_one_value(array, name)
    return cast_values(array, dtype, name, default, lambda index: index)


def _simplify(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return one array without chunks, dictionaries and run ends."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    if isinstance(array, pa.DictionaryArray):
        array = array.dictionary_decode()
    if pa.types.is_run_end_encoded(array.type):
        array = pc.call_function("run_end_decode", [array])
    return array


def _is_list(type_: pa.DataType) -> bool:
    lists = pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_)
    return lists or isinstance(type_, pa.FixedShapeTensorType)


def _check_one_value(array: pa.Array, name: str) -> None:
    if _is_list(array.type):
        raise SchemaError(
            "expected one value per row, got a list per row",
            feature=name or None,
            hint="pass the column as in the training data",
        )


def _cast_lists(array: pa.Array, dtype: str, name: str, default: Any) -> Ragged:
    if pa.types.is_null(array.type):
        array = array.cast(pa.list_(pa.null()))
    if isinstance(array.type, pa.FixedShapeTensorType) and len(array.type.shape) == 1:
        array = array.storage
    if not _is_list(array.type) or isinstance(array.type, pa.FixedShapeTensorType):
        found = "a tensor" if _is_list(array.type) else "one value"
        raise SchemaError(
            f"expected a list per row, got {found} per row",
            feature=name or None,
            hint="pass the column as in the training data",
        )
    if array.null_count and default is not None:
        lists = pa.list_(array.type.value_type)
        array = pa.array([default if row is None else row for row in array.to_pylist()], lists)
    lengths = pc.call_function("list_value_length", [array]).fill_null(0).to_numpy(zero_copy_only=False)
    splits = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    values = _simplify(array.flatten())
    if _is_list(values.type):
        raise SchemaError(
            "expected a list of values per row, got a list of lists",
            feature=name or None,
            hint="pass the column as in the training data",
        )

    def find_row(index: int) -> int:
        return int(np.searchsorted(splits, index, side="right")) - 1

    return Ragged(cast_values(values, dtype, name, None, find_row), splits)


def _cast_dense(
    array: pa.Array, dtype: str, shape: tuple[int | None, ...], name: str, default: Any
) -> np.ndarray:
    rows = len(array)
    if shape == (1,) and not _is_list(array.type):
        return np.asarray(cast_values(array, dtype, name, default, lambda index: index)).reshape(rows, 1)
    values, found = _flatten(array, shape, name)
    width = max(int(np.prod(found)), 1)
    flat = cast_values(values, dtype, name, None, lambda index: index // width)
    if isinstance(flat, pa.Array):
        flat = flat.to_numpy(zero_copy_only=False)
    return flat.reshape(rows, *found)


def _flatten(array: pa.Array, shape: tuple[int | None, ...], name: str) -> tuple[pa.Array, tuple[int, ...]]:
    """Return all values of nested lists of one shape, and that shape."""
    found, expected = list[int](), _show(shape)
    while len(found) < len(shape):
        if array.null_count:
            row = int(np.argmax(array.is_null().to_numpy(zero_copy_only=False)))
            row //= max(int(np.prod(found)), 1)
            raise wrong_value(
                f"expected values of shape {expected}, got null", row, name, "fill the missing row"
            )
        if isinstance(array.type, pa.FixedShapeTensorType):
            found += array.type.shape
            array = array.storage.flatten()
            continue
        if not _is_list(array.type):
            row_shape = _show(tuple(found)) if found else "one value"
            raise SchemaError(
                f"expected values of shape {expected} per row, got {row_shape}",
                feature=name or None,
                hint="pass the column as in the training data",
            )
        lengths = pc.call_function("list_value_length", [array]).to_numpy(zero_copy_only=False)
        size = shape[len(found)]
        size = size if size is not None else int(lengths[0]) if len(lengths) else 0
        if (wrong := lengths != size).any():
            index = int(np.argmax(wrong))
            got = _show((*found, int(lengths[index])))
            row = index // max(int(np.prod(found)), 1)
            raise wrong_value(f"expected values of shape {expected}, got {got}", row, name)
        found.append(size)
        array = _simplify(array.flatten())
    fits = len(found) == len(shape) and not _is_list(array.type)
    if not fits or any(size not in (None, got) for size, got in zip(shape, found, strict=True)):
        raise SchemaError(
            f"expected values of shape {expected} per row, got {_show(tuple(found))}",
            feature=name or None,
            hint="pass the column as in the training data",
        )
    return array, tuple(found)


def _show(shape: tuple[int | None, ...]) -> str:
    return f"[{', '.join('any' if size is None else str(size) for size in shape)}]"

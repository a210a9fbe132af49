"""Convert Arrow columns to NumPy arrays and back; the package says by which rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from headrace.columns.file_contents import file_contents, is_file_struct
from headrace.errors import SchemaError

__all__ = [
    "ANY_SIZE",
    "TIMESTAMP",
    "ColumnType",
    "Ragged",
    "arrow_type",
    "column_type",
    "from_arrow",
    "is_encoded",
    "to_arrow",
    "to_numpy_type",
    "type_of",
]


TIMESTAMP = "timestamp[us]"  # the dtype of dates and times; see `headrace.columns.dates`
ANY_SIZE = -1  # in the shape of a row


class Ragged(NamedTuple):
    """Lists of any length, one per row: row i is `values[row_splits[i]:row_splits[i + 1]]`.

    Attributes:
        values: The concatenated values of all rows, shape [total].
        row_splits: int64, shape [rows + 1], starting at 0, non-decreasing.
    """

    values: Any
    row_splits: Any


@dataclass(frozen=True)
class ColumnType:
    """The type of a column: dtype name ("float32", "string", ...), shape of one row, and raggedness.

    A size of the shape may be `ANY_SIZE`: images have heights and widths of their own.
    """

    dtype: str
    shape: tuple[int, ...] = ()
    ragged: bool = False

    @property
    def is_string(self) -> bool:
        """Whether values are strings."""
        return self.dtype == "string"

    @property
    def is_float(self) -> bool:
        """Whether values are floating point."""
        return self.dtype.startswith("float")

    @property
    def is_integer(self) -> bool:
        """Whether values are integers, signed or not."""
        return self.dtype.startswith(("int", "uint"))

    @property
    def is_timestamp(self) -> bool:
        """Whether values are dates or times, held as int64 microseconds; see `headrace.columns.dates`."""
        return self.dtype == TIMESTAMP

    @property
    def tensor_dtype(self) -> str:
        """The dtype of the values in an array or tensor."""
        return "int64" if self.is_timestamp else self.dtype

    @property
    def varies(self) -> bool:
        """Whether rows have different shapes."""
        return ANY_SIZE in self.shape

    def __str__(self) -> str:
        if self.ragged:
            return f"list<{self.dtype}>"
        sizes = ["?" if size == ANY_SIZE else str(size) for size in self.shape]
        return self.dtype + (f"[{', '.join(sizes)}]" if sizes else "")


_BYTES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_large_string)  # cast to strings
_FLOATS = {"halffloat": "float16", "float": "float32", "double": "float64"}


def _scalar_name(type_: pa.DataType, name: str) -> str:
    if pa.types.is_dictionary(type_):
        return _scalar_name(type_.value_type, name)
    if pa.types.is_integer(type_) or pa.types.is_floating(type_):
        return _FLOATS.get(name_of_type := str(type_), name_of_type)
    if pa.types.is_string(type_) or any(is_kind(type_) for is_kind in _BYTES) or is_file_struct(type_):
        return "string"
    if pa.types.is_boolean(type_):
        return "bool"
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):
        return TIMESTAMP
    raise SchemaError(
        f"expected a column of numbers, booleans, strings or dates, got Arrow type {type_}",
        feature=name or None,
        hint="cast the column",
    )


def _item_name(type_: pa.DataType, name: str) -> str:
    """Return the dtype name of the values in lists of a type."""
    if not pa.types.is_nested(type_.value_type):
        return _scalar_name(type_.value_type, name)
    raise SchemaError(
        f"expected a column of numbers, booleans, strings or dates, got Arrow type {type_}",
        feature=name or None,
        hint="flatten or pad the inner values, or drop the column",
    )


def column_type(field: pa.Field) -> ColumnType:
    """Convert an Arrow field to a column type.

    Raises:
        SchemaError: The Arrow type is not in this module's table.
    """
    type_ = field.type
    if isinstance(type_, pa.FixedShapeTensorType):
        return ColumnType(_scalar_name(type_.value_type, field.name), tuple(type_.shape))
    if pa.types.is_fixed_size_list(type_):
        shape = (type_.list_size,)
        while pa.types.is_fixed_size_list(type_.value_type):
            type_ = type_.value_type
            shape = (*shape, type_.list_size)
        return ColumnType(_item_name(type_, field.name), shape)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return ColumnType(_item_name(type_, field.name), ragged=True)
    return ColumnType(_scalar_name(type_, field.name))


def arrow_type(type_: ColumnType) -> pa.DataType:
    """Convert a column type to an Arrow type, the inverse of `column_type`."""
    scalar = _arrow_scalar(type_)
    if type_.ragged:
        return pa.list_(scalar)
    if len(type_.shape) == 1:
        return pa.list_(scalar, type_.shape[0])
    return pa.fixed_shape_tensor(scalar, type_.shape) if type_.shape else scalar


def _arrow_scalar(type_: ColumnType) -> pa.DataType:
    if type_.is_timestamp:
        return pa.timestamp("us")
    return pa.string() if type_.is_string else pa.from_numpy_dtype(np.dtype(type_.dtype))


def type_of(value: Any) -> ColumnType:
    """Return the column type of a value that `from_arrow` returned."""
    if isinstance(value, Ragged):
        return ColumnType(type_of(value.values).dtype, ragged=True)
    if isinstance(value, pa.Array):
        return ColumnType("string")
    return ColumnType(str(value.dtype), tuple(value.shape[1:]))


def _scalars(array: pa.Array, name: str) -> Any:
    """Convert a flat Arrow array to NumPy (numbers) or Arrow strings, nulls replaced by the module's rule."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    array = file_contents(array, name) if is_file_struct(array.type) else array
    type_ = array.type
    if any(is_kind(type_) for is_kind in _BYTES):
        try:
            array = array.cast(pa.string())
        except pa.ArrowInvalid as error:
            what, hint = "bytes that are not UTF-8", "decode images by hr.transform.decode_image; fix texts"
            raise SchemaError(what, feature=name or None, hint=hint) from error
    if pa.types.is_string(array.type):
        return array.fill_null("") if array.null_count else array
    if array.null_count:
        if not pa.types.is_floating(type_):
            raise SchemaError(
                f"{array.null_count:,} missing values in a column of {type_}, which cannot hold them",
                feature=name or None,
                hint="declare the column float64 (missing becomes NaN), or fill it first",
            )
        array = array.fill_null(float("nan"))
    if pa.types.is_boolean(type_):
        return np.asarray(array.to_numpy(zero_copy_only=False))
    return np.asarray(array.to_numpy())


def is_encoded(array: pa.Array) -> bool:
    """Return whether an array is dictionary-encoded strings without nulls, with no more entries than rows."""
    return (
        isinstance(array, pa.DictionaryArray)
        and pa.types.is_string(array.type.value_type)
        and not array.null_count
        and not array.dictionary.null_count
        and len(array.dictionary) <= len(array)
    )


def from_arrow(array: pa.Array, name: str = "") -> Any:
    """Convert an Arrow column to a NumPy array, an Arrow string array or `Ragged`, zero-copy where possible.

    Raises:
        SchemaError: Nulls where no value can mean "missing", or a type that is not in this module's table.
    """
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    type_ = array.type
    if column_type(pa.field(name, type_)).is_timestamp:  # raises for other types
        hint = "compute its parts by hr.transform.date_part, or the time since another by elapsed"
        raise SchemaError(f"expected numbers, got dates ({type_})", feature=name or None, hint=hint)
    if isinstance(type_, pa.FixedShapeTensorType):
        flat = _fixed(array.storage, name)
        return flat.reshape(len(array), *type_.shape)
    if pa.types.is_fixed_size_list(type_):
        return _fixed(array, name)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        if array.null_count:  # a missing list becomes an empty one
            lengths = np.asarray(array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False), np.int64)
            splits = np.concatenate([[0], np.cumsum(lengths)])
        else:
            splits = np.asarray(array.offsets.to_numpy(), np.int64)
            splits = splits - splits[0]
        return Ragged(_scalars(array.flatten(), name), splits)
    return _scalars(array, name)


def _fixed(array: pa.Array, name: str) -> np.ndarray:
    if array.null_count:
        raise SchemaError(
            f"{array.null_count:,} missing values in a column of {array.type}",
            feature=name or None,
            hint="fill it first, or drop those rows",
        )
    size = array.type.list_size
    child = array.values.slice(array.offset * size, len(array) * size)  # `flatten` copies
    if pa.types.is_fixed_size_list(child.type):
        inner = _fixed(child, name)
        return inner.reshape(len(array), size, *inner.shape[1:])
    values = _scalars(child, name)
    if not isinstance(values, np.ndarray):
        raise SchemaError("fixed-size lists of strings", feature=name or None, hint="use list<string>")
    return values.reshape(len(array), size)


def to_arrow(value: Any) -> pa.Array:
    """Convert a value that `from_arrow` returned back to an Arrow array.

    Shape [rows] becomes scalars, [rows, k] a fixed_size_list, more dimensions a fixed_shape_tensor. Masked
    values of a masked array become null.

    Raises:
        SchemaError: Rows without values, which Arrow cannot hold.
    """
    if isinstance(value, Ragged):
        offsets = pa.array(np.asarray(value.row_splits), pa.int32())
        return pa.ListArray.from_arrays(offsets, to_arrow(value.values))
    if isinstance(value, pa.Array):
        return value
    is_masked = type(value) is not np.ndarray and np.ma.is_masked(value)  # numpy.ma is loaded on use
    values = np.asarray(np.ma.getdata(value) if is_masked else value)
    array = np.ascontiguousarray(values, values.dtype.newbyteorder("="))
    if 0 in array.shape[1:]:
        raise SchemaError(f"expected rows of values, got an array of shape {list(array.shape)}")
    mask = np.ma.getmaskarray(value).reshape(-1) if is_masked else None
    if mask is not None and array.dtype.kind in "mM":
        mask = mask | np.isnat(array.reshape(-1))  # with a mask, Arrow takes NaT for a number
    flat = _wrap(array.reshape(-1), mask)
    if array.ndim == 1:
        return flat
    if array.ndim == 2:
        return pa.FixedSizeListArray.from_arrays(flat, array.shape[1])
    storage = pa.FixedSizeListArray.from_arrays(flat, int(np.prod(array.shape[1:])))
    type_ = pa.fixed_shape_tensor(flat.type, array.shape[1:])
    return pa.ExtensionArray.from_storage(type_, storage)


def _wrap(array: np.ndarray, mask: np.ndarray | None) -> pa.Array:
    """Convert a contiguous array [n]; numbers by their buffer, in half the time for few of them."""
    if array.dtype.kind in "SU":  # Arrow would end them at the first zero inside
        return pa.array(array.tolist(), pa.string() if array.dtype.kind == "U" else pa.binary(), mask=mask)
    if mask is not None or array.dtype.kind not in "iuf":
        return pa.array(array, mask=mask, from_pandas=False)
    return pa.Array.from_buffers(pa.from_numpy_dtype(array.dtype), array.size, [None, pa.py_buffer(array)])


def to_numpy_type(type_: pa.DataType) -> np.dtype[Any]:
    """Return the NumPy type of a number, or of the integers of a date; `to_pandas_dtype` needs pandas."""
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):
        return np.dtype(f"int{type_.bit_width}")
    return np.dtype(f"float{type_.bit_width}" if pa.types.is_floating(type_) else str(type_))

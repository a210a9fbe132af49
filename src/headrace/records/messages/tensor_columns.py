"""Columns of serialised tensors, a `TensorProto` for each row.

Tensors of one type and shape have the same first bytes, so that a column is written and read at the speed of
memory. Messages that another writer has put together in another way are read one by one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.columns import to_numpy_type
from headrace.errors import RecordError, SchemaError
from headrace.records.messages.tensor_proto import decode_tensor, encode_tensor
from headrace.records.schema.example import get_tensor_shape

__all__ = ["decode_tensors", "encode_tensors"]


def encode_tensors(column: pa.Array, name: str = "") -> pa.Array:
    """Serialise each row of a column as a `TensorProto`; see `encode_tensor`.

    Args:
        column: Tensors of fixed shape, fixed-size lists of numbers, or numbers; nulls stay nulls.
        name: The name of the column, for messages.

    Returns:
        binary or large_binary, of the same number of rows.

    Raises:
        SchemaError: Another type, or a null within a row.

    Example:
        >>> column = pa.array([[1, 2], [3, 4]], pa.list_(pa.uint8(), 2))
        >>> encode_tensors(column)[0].as_py() == encode_tensor(np.array([1, 2], np.uint8))
        True
    """
    field = pa.field(name, column.type)
    value_type, shape = get_tensor_shape(field)
    present = column.drop_null() if column.null_count else column
    values = _get_values(present, name)
    head = _encode_head(value_type, shape)
    size = int(np.prod(shape, dtype=np.int64)) * values.itemsize
    messages = np.empty((len(present), len(head) + size), np.uint8)
    messages[:, : len(head)] = np.frombuffer(head, np.uint8)
    messages[:, len(head) :] = np.ascontiguousarray(values).view(np.uint8).reshape(len(present), size)
    lengths = np.full(len(column), messages.shape[1], np.int64)
    if column.null_count:
        lengths[np.asarray(column.is_null())] = 0
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    is_large = int(offsets[-1]) > np.iinfo(np.int32).max
    type_ = pa.large_binary() if is_large else pa.binary()
    validity = None if not column.null_count else column.is_valid().buffers()[1]
    places = offsets if is_large else offsets.astype(np.int32)
    buffers = [validity, pa.py_buffer(places), pa.py_buffer(messages.reshape(-1))]
    return pa.Array.from_buffers(type_, len(column), buffers)


def decode_tensors(column: pa.Array, type_: pa.DataType | None = None, name: str = "") -> pa.Array:
    """Parse the `TensorProto` in each row of a column; see `decode_tensor`.

    Args:
        column: binary or large_binary; nulls stay nulls.
        type_: The Arrow type of the result: a tensor of fixed shape, a fixed-size list of numbers, or a
            number. None: that of the first row.
        name: The name of the column, for messages.

    Returns:
        The tensors, of the same number of rows.

    Raises:
        RecordError: A row is not a TensorProto, or has another type or shape; it names the row.
        SchemaError: Not a column of bytes, or no row from which to find the type.

    Example:
        >>> decode_tensors(pa.array([encode_tensor([1, 2]), encode_tensor([3, 4])])).to_pylist()
        [[1, 2], [3, 4]]
    """
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        what = f"expected a column of bytes, got {column.type}"
        raise SchemaError(what, feature=name or None, hint="pass a binary column")
    type_ = _find_type(column, name) if type_ is None else type_
    value_type, shape = get_tensor_shape(pa.field(name, type_))
    dtype = to_numpy_type(value_type)
    present = column.drop_null() if column.null_count else column
    values = _read_alike(present, _encode_head(value_type, shape), dtype)
    if values is None:
        values = _read_each(column, dtype, shape, name)
    return _to_arrow(values, type_, column)


def _get_values(column: pa.Array, name: str) -> NDArray[Any]:
    """Return the values of a column without nulls; booleans as bytes."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    values = column.flatten() if pa.types.is_fixed_size_list(column.type) else column
    if values.null_count:
        what = f"expected no nulls within tensors, got {values.null_count:,}"
        raise SchemaError(what, feature=name or None, hint="fill or drop them")
    return values.to_numpy(zero_copy_only=False)


def _encode_head(value_type: pa.DataType, shape: list[int]) -> bytes:
    """Return what precedes the content of every tensor of a type and shape."""
    dtype = to_numpy_type(value_type)
    example = encode_tensor(np.zeros(shape, dtype))
    return example[: len(example) - int(np.prod(shape, dtype=np.int64)) * dtype.itemsize]


def _read_alike(column: pa.Array, head: bytes, dtype: np.dtype[Any]) -> NDArray[Any] | None:
    """Return the values of messages that all start with `head` and have one length; None if they differ."""
    _, offsets_buffer, data_buffer = column.buffers()
    if not len(column) or data_buffer is None:
        return None
    width = np.int64 if pa.types.is_large_binary(column.type) else np.int32
    offsets = np.frombuffer(offsets_buffer, width)[column.offset : column.offset + len(column) + 1]
    lengths = np.diff(offsets)
    size = int(lengths[0])
    if size <= len(head) or (size - len(head)) % dtype.itemsize or (lengths != size).any():
        return None
    messages = np.frombuffer(data_buffer, np.uint8)[offsets[0] : offsets[-1]].reshape(len(column), size)
    if (messages[:, : len(head)] != np.frombuffer(head, np.uint8)).any():
        return None
    content = np.ascontiguousarray(messages[:, len(head) :])
    if dtype == np.bool_ and (content > 1).any():
        return None
    return content.reshape(-1).view(dtype)


def _read_each(column: pa.Array, dtype: np.dtype[Any], shape: list[int], name: str) -> NDArray[Any]:
    tensors: list[NDArray[Any]] = []
    for row, value in enumerate(column):
        if not value.is_valid:
            continue
        try:
            tensor = decode_tensor(value)
        except RecordError as error:
            raise RecordError(error.what, record=row, feature=name or None, hint=error.hint) from error
        if tensor.dtype != dtype or list(tensor.shape) != shape:
            what = f"expected a tensor {dtype}{shape}, got {tensor.dtype}{[*tensor.shape]}"
            hint = "read it with the schema that it was written with"
            raise RecordError(what, record=row, feature=name or None, hint=hint)
        tensors.append(tensor.reshape(-1))
    return np.concatenate(tensors) if tensors else np.zeros(0, dtype)


def _find_type(column: pa.Array, name: str) -> pa.DataType:
    first = next((value for value in column if value.is_valid), None)
    if first is None:
        hint = "pass the type of the tensors"
        raise SchemaError("expected a row with a tensor, got none", feature=name or None, hint=hint)
    tensor = decode_tensor(first)
    try:
        value_type = pa.from_numpy_dtype(tensor.dtype)
    except pa.ArrowNotImplementedError:
        what = f"expected a tensor of numbers that Arrow has, got {tensor.dtype}"
        raise SchemaError(what, feature=name or None, hint="decode its rows with decode_tensor") from None
    if tensor.ndim == 0:
        return value_type
    if tensor.ndim == 1:
        return pa.list_(value_type, len(tensor))
    return pa.fixed_shape_tensor(value_type, list(tensor.shape))


def _to_arrow(values: NDArray[Any], type_: pa.DataType, column: pa.Array) -> pa.Array:
    """Nest the values of the rows that are not null as the type says."""
    value_type, shape = get_tensor_shape(pa.field("", type_))
    flat, places = pa.array(values, value_type), None
    if column.null_count:
        places = np.cumsum(np.asarray(column.is_valid())) - 1
        places = pa.array(places, mask=np.asarray(column.is_null()))
    if not shape:
        return flat if places is None else flat.take(places)
    storage = type_.storage_type if isinstance(type_, pa.FixedShapeTensorType) else type_
    rows = len(column) - column.null_count
    lists = pa.Array.from_buffers(storage, rows, [None], children=[flat])
    lists = lists if places is None else lists.take(places)
    return lists if storage is type_ else pa.ExtensionArray.from_storage(type_, lists)

"""Columns from the features that hold them in the files."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from io import BytesIO
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.columns import get_buffers
from headrace.datasets.prepared.features import MISSING, Feature
from headrace.errors import HeadraceError, RecordError
from headrace.images import decode_image, decode_images

__all__ = ["FeatureDecoder"]

_MAX_BYTES = 1 << 30  # of one tensor in bytes, unless its shape says how many it has


@dataclass(frozen=True)
class FeatureDecoder:
    """Makes the columns of a batch of records."""

    features: tuple[Feature, ...]

    @property
    def schema(self) -> pa.Schema:
        """The schema of the columns."""
        return pa.schema([pa.field(each.name, each.type, each.optional) for each in self.features])

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Decode all features of a batch.

        Raises:
            RecordError: Bytes that are not a tensor of the feature's type and shape, or not an image.
        """
        columns = [_decode(each, batch) for each in self.features]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


def _decode(feature: Feature, batch: pa.RecordBatch) -> pa.Array:
    if feature.is_ragged:
        return _decode_ragged(feature, batch)
    if feature.codec:
        return _decode_bytes(feature, batch)
    column = batch.column(feature.name)
    if feature.is_integer_list:
        return _decode_integers(feature, column)
    if column.type == feature.type:
        return column
    sizes = [size for size in feature.shape if size is not None]
    lengths = _list_lengths(column) if None in feature.shape else np.full(len(column), prod(sizes))
    each, left = np.divmod(lengths, max(1, prod(sizes)))
    if None in feature.shape and left.any():
        row = int(np.argmax(left != 0))
        what = f"expected a multiple of {prod(sizes)} values, got {lengths[row]}"
        raise RecordError(what, feature=feature.name, hint="prepare the data set again")
    rows = np.stack([each if size is None else np.full(len(column), size) for size in feature.shape], axis=1)
    return _nest(column.flatten(), feature.shape, rows, _mask(column))


def _decode_integers(feature: Feature, column: pa.Array) -> pa.Array:
    """Convert lists of integers to bytes in a tensor."""
    size = column.type.list_size
    values = column.values.slice(column.offset * size, len(column) * size).fill_null(0)
    try:
        values = values.cast(feature.value_type)
    except pa.ArrowInvalid as error:
        what = f"expected integers from 0 to 255 ({error})"
        raise RecordError(what, feature=feature.name, hint="prepare the data set again") from error
    rows = np.broadcast_to(np.array(feature.shape, np.int64), (len(column), len(feature.shape)))
    return _nest(values, feature.shape, rows, _mask(column))


def _decode_ragged(feature: Feature, batch: pa.RecordBatch) -> pa.Array:
    """Build lists of lists from flat values and the lengths of the lists at each level."""
    first, *levels = feature.list_stored()
    values: pa.Array = batch.column(first.name).flatten()
    inner = feature.shape[len(levels) + 1 :]
    size = max(1, prod(each for each in inner if each is not None))
    if inner:
        rows = np.broadcast_to(np.array(inner, np.int64), (len(values) // size, len(inner)))
        values = _nest(values, inner, rows, None)
    for place, level in zip(range(len(levels), 0, -1), reversed(levels), strict=True):
        lengths = batch.column(level.name).flatten().to_numpy()
        values = _make_lists(values, feature.shape[place], lengths, None)
    return _make_lists(values, feature.shape[0], _list_lengths(batch.column(levels[0].name)), None)


def _decode_bytes(feature: Feature, batch: pa.RecordBatch) -> pa.Array:
    """Decode tensors in bytes or images, one by one."""
    lists, shape = feature.shape[: feature.lists], feature.shape[feature.lists :]
    column = batch.column(f"{feature.name}/value" if feature.is_shaped else feature.name)
    if None not in feature.shape and not lists:
        if feature.codec == "bytes":
            return _view_bytes(feature, column)
        if feature.codec == "image" and feature.dtype == "uint8" and not column.null_count and len(column):
            images = _decode_images(feature, column)
            if images is not None:
                return images
    stored = column
    for _ in lists:
        stored = stored.flatten()
    shapes: Any = [None] * len(stored)
    if feature.is_shaped:
        shapes = batch.column(f"{feature.name}/shape").to_pylist()
    tensors = [
        _decode_value(feature, shape, value, sizes)
        for value, sizes in zip(stored.to_pylist(), shapes, strict=True)
    ]
    dtype = "uint8" if feature.dtype == "bool" else feature.dtype
    flat = np.concatenate([each.reshape(-1) for each in tensors]) if tensors else np.zeros(0, dtype)
    values = pa.array(flat.astype(bool) if feature.dtype == "bool" else flat, feature.value_type)
    rows = np.array([each.shape for each in tensors], np.int64).reshape(len(tensors), len(shape))
    if not lists or None not in feature.shape:
        return _nest(values, feature.shape, rows, _mask(column)) if feature.shape else values
    decoded = _nest(values, shape, rows, None, plain=True) if shape else values
    lengths = [_list_lengths(column)]
    for _ in lists[1:]:
        column = column.flatten()
        lengths.append(_list_lengths(column))
    for size, each in zip(reversed(lists), reversed(lengths), strict=True):
        decoded = _make_lists(decoded, size, each, None)
    return decoded


def _view_bytes(feature: Feature, column: pa.Array) -> pa.Array:
    """View the bytes of tensors of one shape as their values, without a loop over the rows."""
    dtype = np.dtype("uint8" if feature.dtype == "bool" else feature.dtype)
    size = prod(int(each or 0) for each in feature.shape) * dtype.itemsize
    offsets, data = get_buffers(column.fill_null(bytes(size)) if column.null_count else column)
    lengths = np.diff(offsets)
    if (lengths != size).any():
        row = int(np.argmax(lengths != size))
        what = f"expected a {feature.dtype} tensor of shape {[*feature.shape]}, got {lengths[row]} bytes"
        raise RecordError(what, record=row, feature=feature.name, hint="prepare the data set again")
    content = data[offsets[0] : offsets[-1]]
    flat = (content if content.ctypes.data % dtype.itemsize == 0 else content.copy()).view(dtype)
    mask = _mask(column)
    if feature.optional and feature.dtype == "float64" and not feature.shape:
        mask = flat.view(np.uint64) == MISSING
        return pa.array(flat, mask=mask)
    values = pa.array(flat.astype(bool) if feature.dtype == "bool" else flat, feature.value_type)
    rows = np.broadcast_to(np.array(feature.shape, np.int64), (len(column), len(feature.shape)))
    return _nest(values, feature.shape, rows, mask) if feature.shape else values


def _decode_value(
    feature: Feature, shape: tuple[int | None, ...], value: bytes | None, sizes: list[int] | None
) -> NDArray[Any]:
    if value is None:
        return np.zeros([size or 0 for size in shape], "uint8" if feature.dtype == "bool" else feature.dtype)
    if feature.codec == "image":
        return _decode_image(feature, shape, value)
    dtype = np.dtype("uint8" if feature.dtype == "bool" else feature.dtype).newbyteorder("<")
    known = sizes or shape
    limit = _MAX_BYTES if None in known else prod(int(size or 0) for size in known) * dtype.itemsize
    try:
        data = _decompress(value, limit) if feature.codec == "zlib" else value
        tensor = np.frombuffer(data, dtype)
        return tensor.reshape([-1 if size is None else size for size in known])
    except (ValueError, zlib.error) as error:
        what = f"expected a {feature.dtype} tensor of shape {[*known]} ({error})"
        raise RecordError(what, feature=feature.name, hint="prepare the data set again") from error


def _decompress(value: bytes, limit: int) -> bytes:
    stream = zlib.decompressobj()
    data = stream.decompress(value, limit + 1)
    if len(data) > limit or not stream.eof:
        raise ValueError(f"the compressed data hold another number of bytes than {limit:,}")
    return data


def _decode_images(feature: Feature, column: pa.Array) -> pa.Array | None:
    """Decode images of one shape; None if one of them is damaged or of another shape, for its error."""
    try:
        pixels = decode_images(column, int(feature.shape[-1] or 0))
    except HeadraceError:
        return None
    return pa.FixedShapeTensorArray.from_numpy_ndarray(pixels) if pixels.shape[1:] == feature.shape else None


def _decode_image(feature: Feature, shape: tuple[int | None, ...], value: bytes) -> NDArray[Any]:
    if feature.dtype == "uint8":
        pixels: NDArray[Any] = decode_image(value, channels=shape[2])
    elif feature.dtype == "float32":  # the four bytes of a float are the channels of a pixel
        pixels = np.ascontiguousarray(decode_image(value, channels=4)).view("<f4")
    else:
        from PIL import Image

        decode_image(value, channels=1)  # checks the file, and refuses what is too large
        pixels = np.asarray(Image.open(BytesIO(value)), np.uint16)[..., None]
    if pixels.shape != shape:
        what = f"expected an image of shape {[*shape]}, got {[*pixels.shape]}"
        raise RecordError(what, feature=feature.name, hint="prepare the data set again")
    return pixels


def _nest(
    values: pa.Array,
    shape: tuple[int | None, ...],
    rows: NDArray[np.integer],
    mask: pa.Array | None,
    *,
    plain: bool = False,
) -> pa.Array:
    """Nest flat values by the shape of each row [rows, dimensions].

    Args:
        values: The values of all rows.
        shape: The dimensions; None is a list, a size a list of fixed size.
        rows: The sizes of each row.
        mask: The rows that are missing.
        plain: Whether to nest lists of fixed size also where a tensor could be made.
    """
    sizes = [size for size in shape if size is not None]
    if not plain and len(shape) > 1 and len(sizes) == len(shape) and pa.types.is_primitive(values.type):
        tensors = pa.fixed_shape_tensor(values.type, sizes)
        flat = pa.FixedSizeListArray.from_arrays(values, prod(sizes), mask=mask)
        return pa.ExtensionArray.from_storage(tensors, flat)
    for place in range(len(shape) - 1, -1, -1):
        counts = rows[:, :place].prod(axis=1, dtype=np.int64)
        lengths = np.repeat(rows[:, place], counts)
        values = _make_lists(values, shape[place], lengths, mask if place == 0 else None)
    return values


def _make_lists(
    values: pa.Array, size: int | None, lengths: NDArray[np.integer], mask: pa.Array | None
) -> pa.Array:
    if size is not None:
        return pa.FixedSizeListArray.from_arrays(values, size, mask=mask)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=mask)


def _list_lengths(column: pa.Array) -> NDArray[np.int64]:
    return np.asarray(column.value_lengths().fill_null(0)).astype(np.int64)


def _mask(column: pa.Array) -> pa.Array | None:
    return column.is_null() if column.null_count else None

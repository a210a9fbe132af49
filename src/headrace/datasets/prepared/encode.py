"""The features that hold columns in the files: the inverse of `headrace.datasets.prepared.decode`."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.datasets.prepared.features import MISSING, Feature
from headrace.datasets.prepared.flatten import flatten_batch
from headrace.errors import SchemaError
from headrace.images import encode_jpeg, encode_png, image_format

__all__ = ["FeatureEncoder"]

_READABLE = ("png", "jpeg", "gif", "bmp")  # the formats that TensorFlow decodes


@dataclass(frozen=True)
class FeatureEncoder:
    """Makes the stored columns of a batch.

    Attributes:
        features: The columns.
        images: For columns of images, pixels or files, "png", "jpeg", or "image" for files of any format.
        classes: For columns of labels, the number of classes.
    """

    features: tuple[Feature, ...]
    images: Mapping[str, str] = field(default_factory=dict[str, str])
    classes: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def schema(self) -> pa.Schema:
        """The schema of the stored columns."""
        return pa.schema([stored for each in self.features for stored in each.list_stored()])

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Encode all columns of a batch.

        Raises:
            SchemaError: A null where the feature knows none, a label outside of the classes, or bytes that
                are not an image.
        """
        batch = flatten_batch(batch)
        columns = [array for each in self.features for array in self._encode(each, batch.column(each.name))]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _encode(self, feature: Feature, column: pa.Array) -> list[pa.Array]:
        if not column.null_count:
            return self._encode_present(feature, column)
        if not feature.optional:
            what = f"expected no missing values, got {column.null_count:,}"
            raise SchemaError(what, feature=feature.name, hint="fill them, or drop the rows")
        if feature.codec:
            values = np.array(column.fill_null(0))
            values.view(np.uint64)[np.asarray(column.is_null())] = MISSING
            return self._encode_present(feature, pa.array(values))
        places = np.cumsum(np.asarray(column.is_valid())) - 1
        rows = pa.array(places, mask=np.asarray(column.is_null()))
        return [_take(array, rows) for array in self._encode_present(feature, column.drop_null())]

    def _encode_present(self, feature: Feature, column: pa.Array) -> list[pa.Array]:
        """Encode a column without nulls."""
        if feature.is_ragged:
            return _encode_ragged(feature, column)
        if feature.codec == "image":
            return [self._encode_pixels(feature, column)]
        values, counts = _flatten(feature, column)
        if feature.codec:
            return [_encode_bytes(feature, values, counts)]
        (stored,) = feature.list_stored()
        values = values.cast(pa.int64() if feature.is_integer_list else feature.value_type)
        self._check(feature, values)
        return [_nest(values, stored.type, counts)]

    def _encode_pixels(self, feature: Feature, column: pa.Array) -> pa.Array:
        lists, shape = feature.shape[: feature.lists], feature.shape[feature.lists :]
        values, counts = _flatten(feature, column)
        pixels = values.to_numpy().reshape(-1, *(int(size or 0) for size in shape))
        encode = encode_jpeg if self.images.get(feature.name) == "jpeg" else encode_png
        files = pa.array([encode(each) for each in pixels], pa.binary())
        (stored,) = feature.list_stored()
        return _nest(files, stored.type, counts // prod(int(size or 0) for size in shape)) if lists else files

    def _check(self, feature: Feature, values: pa.Array) -> None:
        """Check labels against the number of classes, and the formats of image files."""
        classes = self.classes.get(feature.name)
        if classes is not None and len(values):
            labels = np.asarray(values)
            low, high = int(labels.min()), int(labels.max())
            if low < -1 or high >= classes:
                what = f"expected labels from 0 to {classes - 1}, got {high if high >= classes else low}"
                raise SchemaError(what, feature=feature.name, hint="name all classes")
        if feature.name in self.images:
            wanted = self.images[feature.name]
            for value in values:
                found = image_format(value.as_buffer()[:16].to_pybytes())
                if found not in (_READABLE if wanted == "image" else (wanted,)):
                    expected = "a PNG, JPEG, GIF or BMP image" if wanted == "image" else f"a {wanted} image"
                    what = f"expected {expected}, got {found or 'bytes of another format'}"
                    hint = "convert it, or pass encodings={...: 'plain'}"
                    raise SchemaError(what, feature=feature.name, hint=hint)


def _encode_bytes(feature: Feature, values: pa.Array, counts: NDArray[np.int64]) -> pa.Array:
    """Store the numbers of each row as bytes, little-endian and row-major."""
    dtype = np.dtype(feature.dtype).newbyteorder("<")
    data = np.ascontiguousarray(values.to_numpy(zero_copy_only=False), dtype).view(np.uint8)
    ends = np.concatenate([[0], np.cumsum(counts * dtype.itemsize)])
    if feature.codec == "zlib":
        rows = [zlib.compress(data[start:end].tobytes()) for start, end in pairwise(ends)]
        return pa.array(rows, pa.binary())
    buffers = [None, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(counts), buffers)


def _encode_ragged(feature: Feature, column: pa.Array) -> list[pa.Array]:
    """Store the values of all lists, and the lengths of the lists at each level but the first."""
    ends = np.arange(len(column) + 1)
    levels: list[pa.Array] = []
    last = max(place for place, size in enumerate(feature.shape) if size is None)
    for place in range(last + 1):
        lengths = _list_lengths(column)
        if place:
            levels.append(_make_lists(pa.array(lengths), ends))
        ends = np.concatenate([[0], np.cumsum(lengths)])[ends]
        column = _open(feature, column)
    inner = feature.shape[last + 1 :]
    for _ in inner:
        column = _open(feature, column)
    values = column.cast(feature.value_type)
    return [_make_lists(values, ends * prod(int(size or 0) for size in inner)), *levels]


def _flatten(feature: Feature, column: pa.Array) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return the values of all rows, and their number in each row.

    Raises:
        SchemaError: A null within a row, or rows of a tensor that differ in length.
    """
    counts, outer = np.ones(len(column), np.int64), 1
    while _is_nested(column.type):
        lengths = _list_lengths(column)
        if _is_fixed(column.type):
            size = int(lengths[0]) if len(lengths) else 0
            counts, outer = counts * size, outer * size
        else:
            table = lengths.reshape(len(counts), outer)
            differs = (table != table[:, :1]).any(axis=1)
            if differs.any():
                row = int(np.argmax(differs))
                what = f"expected lists of one length in a row, got {table[row][:8].tolist()}"
                raise SchemaError(what, feature=feature.name, hint="pad them")
            counts = counts * table[:, 0]
        column = _open(feature, column)
    return column, counts


def _open(feature: Feature, column: pa.Array) -> pa.Array:
    """Return the elements of the lists of a column, end to end."""
    storage = column.storage if isinstance(column, pa.ExtensionArray) else column
    values = storage.flatten()
    if values.null_count:
        what, hint = "lists and tensors cannot hold nulls", "fill or drop them"
        raise SchemaError(what, feature=feature.name, hint=hint)
    return values


def _is_fixed(type_: pa.DataType) -> bool:
    return pa.types.is_fixed_size_list(type_) or isinstance(type_, pa.FixedShapeTensorType)


def _is_nested(type_: pa.DataType) -> bool:
    return _is_fixed(type_) or pa.types.is_list(type_) or pa.types.is_large_list(type_)


def _list_lengths(column: pa.Array) -> NDArray[np.int64]:
    storage = column.storage if isinstance(column, pa.ExtensionArray) else column
    if pa.types.is_fixed_size_list(storage.type):
        return np.full(len(storage), storage.type.list_size, np.int64)
    return np.asarray(storage.value_lengths()).astype(np.int64)


def _nest(values: pa.Array, type_: pa.DataType, counts: NDArray[np.int64]) -> pa.Array:
    """Nest the values of rows as the type of a stored column says."""
    if isinstance(type_, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(type_, _nest(values, type_.storage_type, counts))
    if pa.types.is_fixed_size_list(type_):
        return pa.Array.from_buffers(type_, len(counts), [None], children=[values])
    if pa.types.is_list(type_):
        return _make_lists(values, np.concatenate([[0], np.cumsum(counts)]))
    return values


def _make_lists(values: pa.Array, ends: NDArray[Any]) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), values)


def _take(array: pa.Array, rows: pa.Array) -> pa.Array:
    if isinstance(array, pa.ExtensionArray):
        return pa.ExtensionArray.from_storage(array.type, array.storage.take(rows))
    return array.take(rows)

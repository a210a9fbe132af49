"""The features that `features.json` describes, one for each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import SchemaError
from headrace.records.schema import is_date

__all__ = ["MISSING", "Feature", "read_features", "refine_features"]

MISSING = np.uint64(0x7FF80000000007A2)  # the bits of a NaN that marks a missing float64 among bytes

_FLAT = "/ragged_flat_values"
_MAX_DEPTH = 32
_MAX_SIZE = 1 << 31  # of a dimension
_DTYPES = frozenset(
    {
        *("bool", "string", "float16", "float32", "float64"),
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    }
)
_KINDS = (
    *("featuresDict", "sequence", "translation", "video", "image", "text", "classLabel", "boundingBox"),
    *("tensor", "audio"),
)
_PIXELS = {"uint8": (1, 3, 4), "uint16": (1,), "float32": (1,)}  # the channels that are decoded
_CODECS = {"none": "", "bytes": "bytes", "zlib": "zlib"}


@dataclass(frozen=True)
class Feature:
    """A column.

    Attributes:
        name: Its name, those of nested dictionaries joined by "/".
        dtype: The type of its values, such as "int64", "string" or "bytes" (an image of any shape).
        shape: Of one row; None is a dimension of any size.
        codec: "" for plain values, "bytes" or "zlib" for tensors in bytes, "image" for image files.
        lists: The number of dimensions at the front that are sequences of values in bytes or of images.
        optional: Whether it may be missing.
        classes: Whether it is the number of a class.
        date: The type of a date or timestamp that the int64 values hold; None for numbers.
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...] = ()
    codec: str = ""
    lists: int = 0
    optional: bool = False
    classes: bool = False
    date: pa.DataType | None = None

    @property
    def value_type(self) -> pa.DataType:
        """The Arrow type of a value."""
        if self.date is not None:
            return self.date
        types = {"string": pa.string(), "bytes": pa.binary(), "bool": pa.bool_()}
        return types.get(self.dtype) or pa.from_numpy_dtype(np.dtype(self.dtype))

    @property
    def type(self) -> pa.DataType:
        """The Arrow type of the column."""
        return _nest(self.value_type, self.shape)

    @property
    def num_bytes(self) -> int | None:
        """The bytes of a row when decoded; None if they are not fixed."""
        if None in self.shape or self.dtype in ("string", "bytes"):
            return None
        itemsize = 1 if self.dtype == "bool" else np.dtype(self.dtype).itemsize
        return prod(int(size or 0) for size in self.shape) * itemsize

    @property
    def is_ragged(self) -> bool:
        """Whether it is stored as values and the lengths of the lists at each level."""
        return not self.codec and self.shape.count(None) > 1

    @property
    def is_shaped(self) -> bool:
        """Whether the shape of each row is stored beside its bytes."""
        return self.codec in ("bytes", "zlib") and self.shape[self.lists :].count(None) > 1

    @property
    def is_integer_list(self) -> bool:
        """Whether it is bytes in a tensor of fixed shape, stored as a list of integers."""
        return self.dtype == "uint8" and not self.codec and bool(self.shape) and None not in self.shape

    def list_stored(self) -> list[pa.Field]:
        """List the features of an Example that hold the column."""
        rank, values = len(self.shape) - self.lists, pa.list_(self.value_type)
        if self.is_ragged:
            levels = [f"{self.name}/ragged_row_lengths_{level}" for level in range(_count_levels(self.shape))]
            return [_required(f"{self.name}{_FLAT}", values)] + [
                _required(level, pa.list_(pa.int64())) for level in levels
            ]
        if self.codec:
            stored = _nest(pa.binary(), self.shape[: self.lists])
            if self.is_shaped:
                shape = pa.list_(pa.int64(), rank)
                return [_required(f"{self.name}/shape", shape), _required(f"{self.name}/value", stored)]
            return [pa.field(self.name, stored, self.optional)]
        if None in self.shape:
            return [pa.field(self.name, values, self.optional)]
        if self.is_integer_list:
            return [pa.field(self.name, pa.list_(pa.int64(), prod(map(int, self.shape))), self.optional)]  # type: ignore[arg-type]
        if len(self.shape) > 1 and self.dtype == "string":
            return [pa.field(self.name, pa.list_(self.value_type, prod(map(int, self.shape))), self.optional)]  # type: ignore[arg-type]
        return [pa.field(self.name, self.type, self.optional)]


def _count_levels(shape: tuple[int | None, ...]) -> int:
    """Return how many levels of lists have lengths of their own: the first list's length is theirs."""
    return max(place for place, size in enumerate(shape) if size is None)


def _required(name: str, type_: pa.DataType) -> pa.Field:
    return pa.field(name, type_, nullable=False)


def _nest(value: pa.DataType, shape: tuple[int | None, ...]) -> pa.DataType:
    sizes = [size for size in shape if size is not None]
    if (
        len(shape) > 1
        and len(sizes) == len(shape)
        and not (pa.types.is_string(value) or pa.types.is_binary(value))
    ):
        return pa.fixed_shape_tensor(value, sizes)
    for size in reversed(shape):
        value = pa.list_(value) if size is None else pa.list_(value, size)
    return value


def refine_features(features: Sequence[Feature], stored: pa.Schema) -> tuple[Feature, ...]:
    """Add what the schema file of the shards says beyond `features.json`.

    These are bytes that are not text, integers that are dates, and numbers among bytes that may be missing.
    """
    found = {each.name.removesuffix(_FLAT): each for each in stored}
    return tuple(_refine(each, found.get(each.name)) for each in features)


def _refine(feature: Feature, stored: pa.Field | None) -> Feature:
    if stored is None:
        return feature
    if feature.codec:
        return replace(feature, optional=stored.nullable)
    values = stored.type
    while hasattr(values, "value_type"):
        values = values.value_type
    if feature.dtype == "int64" and is_date(values):
        return replace(feature, date=values)
    is_bytes = feature.dtype == "string" and values == pa.binary() and not feature.is_ragged
    return replace(feature, dtype="bytes") if is_bytes else feature


def read_features(stored: object, path: str) -> list[Feature]:
    """Read the features of `features.json`.

    Raises:
        SchemaError: The file does not describe features, or holds one that has no Arrow form.
    """
    return _Reader(path).read(stored, "", (), 0)


class _Reader:
    def __init__(self, path: str) -> None:
        self._path = path

    def read(self, stored: object, name: str, lists: tuple[int | None, ...], depth: int) -> list[Feature]:
        """Read one feature, inside of sequences of the lengths `lists`."""
        kind, content = self._open(stored, name, depth)
        if kind == "featuresDict":
            features = self._mapping(content.get("features", {}), name)
            nested = [(f"{name}/{key}" if name else key, each) for key, each in features.items()]
            return [feature for key, each in nested for feature in self.read(each, key, lists, depth + 1)]
        if kind == "sequence":
            return self.read(content.get("feature"), name, (*lists, self._length(content, name)), depth + 1)
        if kind == "translation":
            languages = content.get("languages")
            if not isinstance(languages, list) or not all(isinstance(each, str) for each in languages):
                raise self._error("expected a list of languages", name)
            return [Feature(f"{name}/{language}", "string", lists) for language in languages]
        if kind == "video":
            frames, *shape = self._shape(content, name) or (None,)
            return [self._read_image(content, name, (*lists, frames), tuple(shape))]
        if kind == "image":
            return [self._read_image(content, name, lists, self._shape(content, name))]
        if kind == "text":
            return [Feature(name, "string", lists)]
        if kind == "classLabel":
            return [Feature(name, "int64", lists, classes=True)]
        if kind == "boundingBox":
            return [Feature(name, "float32", (*lists, 4))]
        return [self._read_tensor(content, name, lists)]

    def _open(self, stored: object, name: str, depth: int) -> tuple[str, dict[str, Any]]:
        feature = self._mapping(stored, name)
        if depth > _MAX_DEPTH:
            raise self._error(f"features are nested more than {_MAX_DEPTH} levels deep", name)
        kinds = (
            "featuresDict",
            "sequence",
            "translation",
            "video",
            "image",
            "text",
            "classLabel",
            "boundingBox",
        )
        for kind in (*kinds, "tensor", "audio"):
            if kind in feature:
                return kind, self._mapping(feature[kind], name)
        class_name = str(feature.get("pythonClassName", "an unknown feature")).rpartition(".")[2]
        raise self._error(f"a feature that has no column: {class_name[:80]}", name)

    def _read_tensor(self, content: dict[str, Any], name: str, lists: tuple[int | None, ...]) -> Feature:
        codec = _CODECS.get(str(content.get("encoding", "none")).lower())
        if codec is None:
            raise self._error(f"unknown encoding {str(content['encoding'])[:80]!r}", name)
        shape, optional = (*lists, *self._shape(content, name)), content.get("optional") is True
        return Feature(name, self._dtype(content, name), shape, codec, len(lists) if codec else 0, optional)

    def _read_image(
        self, content: dict[str, Any], name: str, lists: tuple[int | None, ...], shape: tuple[int | None, ...]
    ) -> Feature:
        dtype = self._dtype(content, name) if "dtype" in content else "uint8"
        is_fixed = len(shape) == 3 and None not in shape
        if is_fixed and (
            dtype == "uint8"
            or (dtype == "uint16" and shape[2] == 1)
            or (dtype == "float32" and shape[2] == 1)
        ):
            return Feature(name, dtype, (*lists, *shape), "image", len(lists))
        return Feature(name, "bytes", lists)

    def _shape(self, content: dict[str, Any], name: str) -> tuple[int | None, ...]:
        sizes = self._mapping(content.get("shape", {}), name).get("dimensions", [])
        try:
            shape = [int(size) for size in sizes]
        except (TypeError, ValueError):
            raise self._error("expected the sizes of its dimensions", name) from None
        if len(shape) > _MAX_DEPTH or not all(-1 <= size < _MAX_SIZE for size in shape):
            raise self._error(f"expected sizes from -1 to {_MAX_SIZE:,}, got {shape[:8]}", name)
        return tuple(None if size == -1 else size for size in shape)

    def _length(self, content: dict[str, Any], name: str) -> int | None:
        return self._shape({"shape": {"dimensions": [content.get("length", -1)]}}, name)[0]

    def _dtype(self, content: dict[str, Any], name: str) -> str:
        dtype = {"str": "string", "object": "string"}.get(
            str(content.get("dtype")), str(content.get("dtype"))
        )
        if dtype not in _DTYPES:
            raise self._error(f"values of type {dtype[:80]!r}, which have no Arrow form", name)
        return dtype

    def _mapping(self, value: object, name: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise self._error("expected the description of a feature", name)
        return dict(value)

    def _error(self, what: str, name: str) -> SchemaError:
        return SchemaError(what, path=self._path, feature=name or None, hint="prepare the data set again")

"""How Arrow types are stored in `tf.train.Example`: the feature description, spelled as an Arrow schema.

    Arrow type                                    feature
    float16, float32, float64                     one float (float32 is the widest float of an Example)
    bool, (u)int8 .. (u)int64                     one int64 (uint64 as its 64 bits)
    timestamp, date32, date64                     one int64, as Arrow holds it; the schema file has the unit
    string, large_string, binary, large_binary    one bytes value; strings must be UTF-8
    list<T>, large_list<T>                        any number of values
    fixed_size_list<T>[k], fixed_shape_tensor<T>  exactly k, or the product of the shape, values; row-major
    the same of uint8                             one bytes value of exactly that many bytes
    dictionary<T>, also in a list                 written as T

A field that is not nullable is required. A null is written by omitting the feature. An absent feature, or one
without a value where one or k values are expected, is read as null, or as the field's default if it has one
(`headrace.records.schema.defaults`), required or not. Empty lists and null lists differ.

float64 loses precision when it is written, so the schema file says float32. A value that is out of range for
float32 is an error.

A field with `SERIALIZED` in its metadata is stored as one `TensorProto` in bytes, where float64 keeps its
precision (`headrace.records.schema.serialized`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from headrace._native import Layout, ValueKind
from headrace.columns import to_numpy_type
from headrace.errors import SchemaError
from headrace.records.schema.defaults import read_default

__all__ = [
    "SERIALIZED",
    "Rule",
    "Spec",
    "check_unique",
    "derive_rule",
    "derive_rules",
    "get_tensor_shape",
    "is_date",
    "is_list",
    "is_serialized",
    "stored_schema",
]

SERIALIZED = {b"serialized": b"tensor"}  # in the metadata of a field
_INT64 = (-(2**63), 2**63 - 1)
# A Rule in the form that the native parser takes.
Spec: TypeAlias = tuple[str, ValueKind | int, Layout | int, int, bool, bool, int, int]


@dataclass(frozen=True)
class Rule:
    """How one field is stored in Examples.

    Attributes:
        name: The feature's name.
        kind: The kind of its values.
        layout: SCALAR, LIST, FIXED (`size` values) or RAW (one bytes value of `size` bytes).
        size: The number of values (FIXED) or bytes (RAW); else 1.
        required: Whether an absent feature is an error.
        utf8: Whether bytes must be UTF-8.
        lowest: The smallest integer of the type.
        highest: The largest integer of the type.
        serialized: Whether the bytes are serialised tensors.
    """

    name: str
    kind: ValueKind
    layout: Layout
    size: int
    required: bool
    utf8: bool = False
    lowest: int = _INT64[0]
    highest: int = _INT64[1]
    serialized: bool = False

    @property
    def spec(self) -> Spec:
        """The rule in the form that the native parser takes."""
        return (
            self.name, self.kind, self.layout, self.size, self.required, self.utf8, self.lowest, self.highest
        )  # fmt: skip


def is_list(type_: pa.DataType) -> bool:
    """Whether the type is a list of any length."""
    return pa.types.is_list(type_) or pa.types.is_large_list(type_)


def _unpack(type_: pa.DataType) -> pa.DataType:
    """Return the type of a dictionary's values, or another type unchanged."""
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def _is_string(type_: pa.DataType) -> bool:
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


def _is_binary(type_: pa.DataType) -> bool:
    return pa.types.is_binary(type_) or pa.types.is_large_binary(type_)


def _is_fixed(type_: pa.DataType) -> bool:
    return isinstance(type_, pa.FixedShapeTensorType) or pa.types.is_fixed_size_list(type_)


def _compute_fixed_size(type_: pa.DataType, name: str) -> int:
    if (math.prod(type_.shape) if isinstance(type_, pa.FixedShapeTensorType) else type_.list_size) == 0:
        what = f"an Example cannot tell a {type_} from a missing value"
        raise SchemaError(what, feature=name, hint="drop the column, or cast it to a list of any length")
    if not isinstance(type_, pa.FixedShapeTensorType):
        return type_.list_size
    if type_.permutation is not None and list(type_.permutation) != sorted(type_.permutation):
        raise SchemaError("an Example cannot hold a permuted tensor", feature=name, hint="make it row-major")
    size = math.prod(type_.shape)
    if size >= 2**31:
        raise SchemaError(
            f"expected fewer than 2**31 values, got shape {type_.shape}", feature=name, hint="split it"
        )
    return size


def _unsupported_type_error(name: str, type_: pa.DataType) -> SchemaError:
    what = f"a tf.train.Example cannot hold Arrow type {type_}"
    return SchemaError(
        what, feature=name, hint="cast it to a number, a boolean, a string, a date, or a list of them"
    )


def _find_kind(name: str, type_: pa.DataType) -> ValueKind:
    if pa.types.is_floating(type_):
        return ValueKind.FLOAT
    if pa.types.is_integer(type_) or pa.types.is_boolean(type_) or is_date(type_):
        return ValueKind.INT64
    if _is_string(type_) or _is_binary(type_):
        return ValueKind.BYTES
    raise _unsupported_type_error(name, type_)


def is_date(type_: pa.DataType) -> bool:
    """Whether the type is a date or a time with its date."""
    return pa.types.is_timestamp(type_) or pa.types.is_date(type_)


def _find_bounds(type_: pa.DataType) -> tuple[int, int]:
    if pa.types.is_boolean(type_):
        return 0, 1
    if not (pa.types.is_integer(type_) or is_date(type_)) or pa.types.is_uint64(type_):
        return _INT64
    info = np.iinfo(to_numpy_type(type_))
    return int(info.min), int(info.max)


def is_serialized(field: pa.Field) -> bool:
    """Return whether a field is stored as serialised tensors."""
    return SERIALIZED.items() <= (field.metadata or {}).items()


def get_tensor_shape(field: pa.Field) -> tuple[pa.DataType, list[int]]:
    """Return the type of the values of a field and the shape of one row.

    Raises:
        SchemaError: Its rows are not numbers of one fixed shape.
    """
    type_, shape = field.type, []
    if isinstance(type_, pa.FixedShapeTensorType):
        type_, shape = type_.value_type, list(type_.shape)
    elif pa.types.is_fixed_size_list(type_):
        type_, shape = type_.value_type, [type_.list_size]
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_):
        return type_, shape
    what = f"only numbers of one fixed shape are serialised as tensors, got {field.type}"
    hint = "cast the column to a fixed-size list or tensor, or write it as it is"
    raise SchemaError(what, feature=field.name, hint=hint)


def derive_rule(field: pa.Field) -> Rule:
    """Derive how one field is stored in Examples.

    Raises:
        SchemaError: A type outside this module's table, or a default that does not match the type.
    """
    name, type_ = field.name, field.type
    required = read_default(field) is None and not field.nullable
    if is_serialized(field):
        get_tensor_shape(field)
        return Rule(name, ValueKind.BYTES, Layout.SCALAR, 1, required, serialized=True)
    type_ = _unpack(type_)
    layout, size = Layout.SCALAR, 1
    if is_list(type_):
        layout, type_ = Layout.LIST, _unpack(type_.value_type)
    elif _is_fixed(type_):
        layout, size, type_ = Layout.FIXED, _compute_fixed_size(type_, name), _unpack(type_.value_type)
    if layout == Layout.FIXED and pa.types.is_uint8(type_):
        return Rule(name, ValueKind.BYTES, Layout.RAW, size, required)
    kind = _find_kind(name, type_)
    lowest, highest = _find_bounds(type_)
    return Rule(name, kind, layout, size, required, _is_string(type_), lowest, highest)


def check_unique(names: Iterable[str]) -> None:
    """Check that no name occurs twice.

    Raises:
        SchemaError: A name occurs twice.
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SchemaError("occurs twice in the schema", feature=name, hint="rename one of them")
        seen.add(name)


def derive_rules(schema: pa.Schema) -> list[Rule]:
    """Derive how each field of the schema is stored in Examples.

    Raises:
        SchemaError: A type outside this module's table, a default that does not match its type, or a name
            that occurs twice.
    """
    check_unique(schema.names)
    return [derive_rule(field) for field in schema]


def _to_stored_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(type_):
        return _to_stored_type(type_.value_type)
    if pa.types.is_floating(type_):
        return pa.float32()
    if isinstance(type_, pa.FixedShapeTensorType):
        return pa.fixed_shape_tensor(_to_stored_type(type_.value_type), type_.shape)
    if pa.types.is_fixed_size_list(type_):
        return pa.list_(_to_stored_type(type_.value_type), type_.list_size)
    if pa.types.is_list(type_):
        return pa.list_(_to_stored_type(type_.value_type))
    if pa.types.is_large_list(type_):
        return pa.large_list(_to_stored_type(type_.value_type))
    return type_


def stored_schema(schema: pa.Schema) -> pa.Schema:
    """Derive the schema that is read back: floats are float32, dictionaries have the type of their values.

    Serialised tensors keep their types.
    """
    return pa.schema(
        [field if is_serialized(field) else field.with_type(_to_stored_type(field.type)) for field in schema]
    )

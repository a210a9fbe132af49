"""Find the schema that several Parquet files have in common: columns by name, types by what they mean.

Columns may be in another order, nullable in some files only, strings or lists with offsets of 32 or 64 bits,
dictionary-encoded or not, and a column of nulls only fits any type. Of columns that are not read nothing is
asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pyarrow as pa

from headrace.columns import empty_batch
from headrace.data.sources.files.select_columns import select_columns
from headrace.data.sources.parquet_files.open_file import read_stored_schema, wrap_parquet_errors
from headrace.errors import SchemaError
from headrace.suggestions import suggest
from headrace.tables import simplify_table

__all__ = ["find_common_schema", "unify_types"]

_TEXT: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
)
_BYTES: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
)
_LISTS: tuple[Callable[[pa.DataType], bool], ...] = (pa.types.is_list, pa.types.is_large_list)


def find_common_schema(files: Sequence[str], columns: Sequence[str] | None) -> pa.Schema:
    """Find the schema to read files by: the named columns of each, or all columns, which must be the same.

    Raises:
        HeadraceError: The errors of `wrap_parquet_errors`.
        SchemaError: A column is missing from a file, is of another type there, or its name occurs twice; or
            a file has more columns than the first and none are chosen.
    """
    common = select_columns(_read_schema(files[0], columns), columns, files[0])
    for file in files[1:]:
        found = _read_schema(file, columns)
        if not found.equals(common):
            common = _unify(common, found, files[0], file, chosen=columns is not None)
    return pa.schema(list(common))


def _read_schema(file: str, columns: Sequence[str] | None) -> pa.Schema:
    """Read the schema of a file; of the columns to read, none may occur twice."""
    stored = read_stored_schema(file)
    with wrap_parquet_errors(file):
        schema = simplify_table(pa.Table.from_batches([empty_batch(stored)]), is_foreign=False).schema
        counts = Counter(schema.names)
    for name in columns or counts:
        if counts[name] > 1:
            hint = "rename one when the file is written"
            raise SchemaError("two columns have this name", path=file, feature=name, hint=hint)
    return schema


def _unify(common: pa.Schema, found: pa.Schema, first: str, file: str, *, chosen: bool) -> pa.Schema:
    there = dict(zip(found.names, found, strict=True))
    names = common.names
    extra = [] if chosen else sorted(set(there) - set(names))
    if extra:
        what = f"{first} lacks this column"
        hint = "choose the columns to read by `columns=`"
        raise SchemaError(what, path=file, feature=extra[0], hint=hint)
    fields = []
    for name, field in zip(names, common, strict=True):
        if name not in there:
            hint = suggest(name, found.names) or "choose the columns to read by `columns=`"
            raise SchemaError(
                f"the file lacks this column, which {first} has", path=file, feature=name, hint=hint
            )
        fields.append(_unify_fields(field, there[name], first, file))
    return pa.schema(fields)


def _unify_fields(field: pa.Field, other: pa.Field, first: str, file: str) -> pa.Field:
    type_ = unify_types(field.type, other.type)
    if type_ is None:
        raise SchemaError(
            f"expected {field.type} as in {first}, got {other.type}",
            path=file,
            feature=field.name,
            hint="write the files with one type, or read them separately",
        )
    return field.with_type(type_).with_nullable(field.nullable or other.nullable)


def unify_types(left: pa.DataType, right: pa.DataType) -> pa.DataType | None:
    """Return the type that holds the values of both, if both mean the same; else None.

    >>> unify_types(pa.string(), pa.dictionary(pa.int32(), pa.large_string()))
    DataType(large_string)
    """
    if left == right or pa.types.is_null(right):
        return left
    if pa.types.is_null(left):
        return right
    if pa.types.is_dictionary(left) or pa.types.is_dictionary(right):
        return unify_types(_value_type(left), _value_type(right))
    for kinds, narrow, wide in (
        (_TEXT, pa.string(), pa.large_string()),
        (_BYTES, pa.binary(), pa.large_binary()),
    ):
        if _is_one_of(left, kinds) and _is_one_of(right, kinds):
            return wide if wide in (left, right) else narrow
    if pa.types.is_struct(left) and pa.types.is_struct(right):
        return _unify_structs(left, right)
    return _unify_lists(left, right)


def _unify_lists(left: pa.DataType, right: pa.DataType) -> pa.DataType | None:
    fixed = pa.types.is_fixed_size_list(left) and pa.types.is_fixed_size_list(right)
    if fixed and left.list_size != right.list_size:
        return None
    if not fixed and not (_is_one_of(left, _LISTS) and _is_one_of(right, _LISTS)):
        return None
    item = unify_types(left.value_type, right.value_type)
    if item is None:
        return None
    field = left.value_field.with_type(item)
    field = field.with_nullable(field.nullable or right.value_field.nullable)
    if fixed:
        return pa.list_(field, left.list_size)
    is_large = pa.types.is_large_list(left) or pa.types.is_large_list(right)
    return pa.large_list(field) if is_large else pa.list_(field)


def _unify_structs(left: pa.DataType, right: pa.DataType) -> pa.DataType | None:
    there = {field.name: field for field in right}
    if {field.name for field in left} != set(there):
        return None
    types = [unify_types(field.type, there[field.name].type) for field in left]
    if None in types:
        return None
    return pa.struct(
        [
            field.with_type(type_).with_nullable(field.nullable or there[field.name].nullable)
            for field, type_ in zip(left, types, strict=True)
        ]
    )


def _value_type(type_: pa.DataType) -> pa.DataType:
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def _is_one_of(type_: pa.DataType, kinds: tuple[Callable[[pa.DataType], bool], ...]) -> bool:
    return any(is_kind(type_) for is_kind in kinds)

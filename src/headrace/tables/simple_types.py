"""Replace Arrow types that differ only in their layout by the ones that Headrace reads.

string_view, binary_view, list views, run-end-encoded    string, binary, list, plain values
large_string, large_binary, large_list                   string, binary, list, if the data is foreign
dictionary<index, value>                                 dictionary<int32, value>

Indices of 32 bits hold the values of many batches, whose dictionaries may differ. A null of a dictionary
becomes a null index: Arrow does not combine such dictionaries, and does not write them to Parquet.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from headrace import arrow_compute as pc

__all__ = ["has_dictionary", "move_nulls", "simplify_array", "simplify_table"]


def simplify_table(table: pa.Table, is_foreign: bool) -> pa.Table:
    """Return a table of simple types, without metadata if it is foreign.

    Args:
        table: The table.
        is_foreign: Whether the data came from another library, whose choice of layout means nothing.
    """
    stored = table.columns
    columns = [simplify_array(column, is_foreign) for column in stored]
    fields = [
        field if field.type == column.type else field.with_type(column.type)
        for field, column in zip(table.schema, columns, strict=True)
    ]
    if is_foreign:
        return pa.Table.from_arrays(columns, schema=pa.schema([each.remove_metadata() for each in fields]))
    if all(column is old for column, old in zip(columns, stored, strict=True)):
        return table
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, table.schema.metadata))


def simplify_array(array: pa.Array | pa.ChunkedArray, is_foreign: bool) -> pa.Array | pa.ChunkedArray:
    """Return a column of a simple type; see `simplify_table`."""
    type_ = _simplify(array.type, is_foreign)
    if type_ == array.type and not _has_null_words(array):
        return array
    if isinstance(array, pa.ChunkedArray):
        return pa.chunked_array([_convert(chunk, type_) for chunk in array.chunks], type_)
    return _convert(array, type_)


def has_dictionary(type_: pa.DataType) -> bool:
    """Return whether a type is a dictionary or holds one, in lists for example."""
    if isinstance(type_, pa.BaseExtensionType):
        return has_dictionary(type_.storage_type)
    inner = (type_.field(number).type for number in range(type_.num_fields))
    return pa.types.is_dictionary(type_) or any(map(has_dictionary, inner))


def _list_children(array: pa.Array) -> list[pa.Array]:
    """List the fields of a struct, or the values of a list with those before its first row."""
    if isinstance(array, pa.StructArray):
        return [array.field(number) for number in range(array.type.num_fields)]
    is_list = isinstance(array, pa.ListArray | pa.LargeListArray | pa.FixedSizeListArray)  # a map is a list
    return [array.values] if is_list else []


def _has_null_words(array: pa.Array | pa.ChunkedArray) -> bool:
    if not has_dictionary(array.type):
        return False
    if isinstance(array, pa.DictionaryArray):
        return array.dictionary.null_count > 0
    return any(
        map(_has_null_words, array.chunks if isinstance(array, pa.ChunkedArray) else _list_children(array))
    )


def move_nulls(array: pa.Array) -> pa.Array:
    """Move nulls of dictionaries, also those in lists, to the indices; return other arrays unchanged."""
    if not _has_null_words(array):
        return array
    if isinstance(array, pa.DictionaryArray):
        return _move_to_indices(array)
    children = [move_nulls(child) for child in _list_children(array)]
    if isinstance(array, pa.StructArray):
        mask = array.is_null() if array.null_count else None
        return pa.StructArray.from_arrays(children, fields=list(array.type), mask=mask)
    own = array.buffers()[: 1 if isinstance(array, pa.FixedSizeListArray) else 2]
    return pa.Array.from_buffers(array.type, len(array), own, array.null_count, array.offset, children)


def _move_to_indices(array: pa.DictionaryArray) -> pa.Array:
    is_valid = array.dictionary.is_valid().to_numpy(zero_copy_only=False)
    places = pa.array(np.cumsum(is_valid) - 1, array.type.index_type, mask=~is_valid)
    return pa.DictionaryArray.from_arrays(
        places.take(array.indices), array.dictionary.drop_null(), ordered=array.type.ordered
    )


def _convert(array: pa.Array, type_: pa.DataType) -> pa.Array:
    array = move_nulls(array)
    if array.type == type_:
        return array
    if isinstance(array, pa.DictionaryArray) and pa.types.is_dictionary(type_):
        indices, words = array.indices.cast(type_.index_type), array.dictionary.cast(type_.value_type)
        return pa.DictionaryArray.from_arrays(indices, words, ordered=type_.ordered)
    if pa.types.is_run_end_encoded(array.type):
        return _convert(pc.call_function("run_end_decode", [array]), type_)  # casts do not decode
    if pa.types.is_list_view(array.type) or pa.types.is_large_list_view(array.type):
        array = _from_views(array)
    return array if array.type == type_ else array.cast(type_)


def _from_views(array: pa.Array) -> pa.Array:
    """Convert list views to large lists; Arrow's cast makes one offset too few."""
    lengths = pc.call_function("list_value_length", [array]).fill_null(0).to_numpy()
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]))
    values, missing = array.flatten(), array.is_null()
    if array.null_count == 0:
        return pa.LargeListArray.from_arrays(offsets, values)
    return pa.LargeListArray.from_arrays(offsets, values, mask=missing)


def _simplify(type_: pa.DataType, is_foreign: bool) -> pa.DataType:
    t = pa.types
    if t.is_string_view(type_) or (is_foreign and t.is_large_string(type_)):
        return pa.string()
    if t.is_binary_view(type_) or (is_foreign and t.is_large_binary(type_)):
        return pa.binary()
    if t.is_run_end_encoded(type_):
        return _simplify(type_.value_type, is_foreign)
    if t.is_dictionary(type_):
        return pa.dictionary(pa.int32(), _simplify(type_.value_type, is_foreign), type_.ordered)
    if t.is_map(type_):
        key, item = (
            each.with_type(_simplify(each.type, is_foreign)) for each in (type_.key_field, type_.item_field)
        )
        return pa.map_(key, item, type_.keys_sorted)
    if t.is_struct(type_):
        fields = [each.with_type(_simplify(each.type, is_foreign)) for each in type_]
        return pa.struct(fields)
    if t.is_fixed_size_list(type_):
        return pa.list_(_element(type_, is_foreign), type_.list_size)
    if t.is_list(type_) or t.is_list_view(type_) or (is_foreign and _is_large_list(type_)):
        return pa.list_(_element(type_, is_foreign))
    if _is_large_list(type_):
        return pa.large_list(_element(type_, is_foreign))
    return type_


def _element(type_: pa.DataType, is_foreign: bool) -> pa.Field:
    return type_.value_field.with_type(_simplify(type_.value_type, is_foreign))


def _is_large_list(type_: pa.DataType) -> bool:
    return pa.types.is_large_list(type_) or pa.types.is_large_list_view(type_)

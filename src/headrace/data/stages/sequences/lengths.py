"""The lengths of lists and strings."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import arrow_compute as pc
from headrace.data.stages.columns.find_columns import find_columns
from headrace.errors import SchemaError

__all__ = ["is_list", "measure_lengths"]


def is_list(type_: pa.DataType) -> bool:
    """Return whether an Arrow type is of lists of any length."""
    return pa.types.is_list(type_) or pa.types.is_large_list(type_)


def measure_lengths(batch: pa.RecordBatch, column: str) -> NDArray[np.int64]:
    """Return the length of each row of a column, int64 [rows].

    That is the number of values of a list, the bytes of a string, and the value of an integer; 0 for a null.

    Raises:
        SchemaError: The column does not exist, or has another type.
    """
    array = batch.column(find_columns(batch.schema, [column])[0])
    type_ = array.type
    if pa.types.is_dictionary(type_):
        array, type_ = array.dictionary_decode(), type_.value_type
    if is_list(type_):
        lengths = pc.call_function("list_value_length", [array])
    elif pa.types.is_string(type_) or pa.types.is_binary(type_) or pa.types.is_large_string(type_):
        lengths = pc.call_function("binary_length", [array])
    elif pa.types.is_integer(type_):
        lengths = array
    else:
        raise SchemaError(
            f"expected a column of lists, strings or integers, got Arrow type {type_}",
            feature=column,
            hint="name the column whose lengths count",
        )
    if lengths.null_count:
        lengths = lengths.fill_null(0)
    return np.asarray(lengths).astype(np.int64, copy=False)

"""Convert Arrow columns to NumPy arrays and back.

A column is dense (one value of fixed shape per row) or ragged (a list of any length per row):

    Arrow type                           value                            dtype
    bool, (u)int8..64, float16..64       ndarray [rows]                   the same
    fixed_size_list<T>[k]                ndarray [rows, k]                T (nested: [rows, k, m])
    fixed_shape_tensor<T>[shape]         ndarray [rows, *shape]           T
    string, large_string, binary         pyarrow.Array                    string
    list<T>, large_list<T>               Ragged(values, row_splits)       T
    timestamp, date32, date64            see `headrace.columns.dates`     timestamp[us]
    struct {bytes, path}                 pyarrow.Array of the bytes       string

A missing value (an Arrow null) becomes NaN in a float column, the empty string in a string column and the
empty list in a ragged column. Integer and boolean columns have no value that can mean "missing": nulls there
raise `SchemaError`.

Bytes are text in UTF-8 wherever a value is read from them; `file_contents` returns the bytes of whole files,
such as images.
"""

from __future__ import annotations

from headrace.columns.arrays import (
    ANY_SIZE,
    TIMESTAMP,
    ColumnType,
    Ragged,
    arrow_type,
    column_type,
    from_arrow,
    is_encoded,
    to_arrow,
    to_numpy_type,
    type_of,
)
from headrace.columns.cast import cast_column
from headrace.columns.dates import (
    FIRST_MICROSECOND,
    LAST_MICROSECOND,
    MISSING_DATE,
    date_to_microseconds,
    parse_dates,
    timestamps_from_arrow,
    to_python,
)
from headrace.columns.file_contents import file_contents, is_file_struct
from headrace.columns.file_names import find_file_name, name_files
from headrace.columns.find_column import find_column, find_repeated
from headrace.columns.rows import empty_batch, group_rows, take_rows
from headrace.columns.string_buffers import get_buffers
from headrace.columns.strings import Strings, holds_strings
from headrace.columns.tensor_names import check_tensor_name, name_tensors, tensor_names
from headrace.columns.text_check import UTF8_HINT, check_text

__all__ = [
    "ANY_SIZE",
    "FIRST_MICROSECOND",
    "LAST_MICROSECOND",
    "MISSING_DATE",
    "TIMESTAMP",
    "UTF8_HINT",
    "ColumnType",
    "Ragged",
    "Strings",
    "arrow_type",
    "cast_column",
    "check_tensor_name",
    "check_text",
    "column_type",
    "date_to_microseconds",
    "empty_batch",
    "file_contents",
    "find_column",
    "find_file_name",
    "find_repeated",
    "from_arrow",
    "get_buffers",
    "group_rows",
    "holds_strings",
    "is_encoded",
    "is_file_struct",
    "name_files",
    "name_tensors",
    "parse_dates",
    "take_rows",
    "tensor_names",
    "timestamps_from_arrow",
    "to_arrow",
    "to_numpy_type",
    "to_python",
    "type_of",
]

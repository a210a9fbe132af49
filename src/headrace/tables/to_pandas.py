"""Arrow tables as frames of pandas, without a loss of digits."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from headrace.errors import DependencyError, SchemaError

__all__ = ["to_frame"]


def to_frame(table: pa.Table) -> Any:
    """Convert a table to a DataFrame.

    Integers and booleans with missing values become pandas's nullable types instead of floats and objects,
    dictionaries become categories, and tensors a column of NumPy arrays.

    Raises:
        DependencyError: pandas is not installed.
        SchemaError: A column holds what pandas does not have, such as unions and times of nanoseconds.
    """
    try:
        import pandas  # the user's choice, and slow to import
    except ImportError as error:
        what = "converting to a DataFrame needs pandas, which is not installed"
        raise DependencyError(what, hint="run `pip install pandas`") from error
    nullable = {arrow: getattr(pandas, f"{name}Dtype")() for arrow, name in _NULLABLE.items()}
    names = table.column_names
    columns = {
        name: _convert(column, name, nullable) for name, column in zip(names, table.columns, strict=True)
    }
    return pandas.DataFrame(columns, index=pandas.RangeIndex(table.num_rows))


_NULLABLE = {
    pa.bool_(): "Boolean",
    **{getattr(pa, f"int{bits}")(): f"Int{bits}" for bits in (8, 16, 32, 64)},
    **{getattr(pa, f"uint{bits}")(): f"UInt{bits}" for bits in (8, 16, 32, 64)},
}


def _convert(column: pa.ChunkedArray, name: str, nullable: dict[pa.DataType, Any]) -> Any:
    if isinstance(column.type, pa.FixedShapeTensorType):
        return [row for chunk in column.chunks for row in _tensors(chunk)]
    mapper = nullable.get if column.null_count else None
    try:
        return column.to_pandas(types_mapper=mapper, integer_object_nulls=True)
    except (
        pa.ArrowException,
        ValueError,
        OverflowError,
    ) as error:  # ValueError: dates beyond those of Python
        text = (str(error).splitlines() or [type(error).__name__])[0][:160]
        what = f"pandas cannot hold a column of {column.type} ({text})"
        raise SchemaError(what, feature=name, hint="cast the column, or drop it") from error


def _tensors(chunk: pa.ExtensionArray) -> list[Any]:
    """Return a NumPy array per row; None where the row is null."""
    if not chunk.null_count:
        return list(chunk.to_numpy_ndarray())
    return [
        None if not valid else chunk[row].to_numpy() for row, valid in enumerate(chunk.is_valid().to_pylist())
    ]

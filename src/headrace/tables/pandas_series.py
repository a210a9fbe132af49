"""Series of pandas as Arrow. pandas is not imported: who holds a Series has imported it."""

from __future__ import annotations

import sys
from typing import Any

import pyarrow as pa

from headrace.errors import SchemaError
from headrace.tables.python_values import from_values

__all__ = ["from_series", "is_series"]


def is_series(data: Any) -> bool:
    """Return whether `data` is a Series, an index or an array of pandas."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return False
    return isinstance(data, pandas.Series | pandas.Index | pandas.api.extensions.ExtensionArray)


def from_series(series: Any, name: str) -> pa.Array | pa.ChunkedArray:
    """Convert a Series, an index or an array.

    Raises:
        SchemaError: Values of several types, or of one that Arrow does not have.
    """
    pandas = sys.modules["pandas"]
    values = series if isinstance(series, pandas.Series) else pandas.Series(series)
    dtype = values.dtype
    if isinstance(dtype, pandas.SparseDtype):
        values = values.sparse.to_dense()
        dtype = values.dtype
    if isinstance(dtype, pandas.PeriodDtype | pandas.IntervalDtype):
        hint = "convert it first, such as by .dt.to_timestamp() or .astype(str)"
        raise SchemaError(f"Arrow has no type for {dtype}", feature=name or None, hint=hint)
    if dtype.kind == "O" and not pandas.api.types.is_extension_array_dtype(dtype):
        missing = values.isna().to_numpy()
        found = [None if gone else value for value, gone in zip(values, missing, strict=True)]
        return from_values(found, name)
    if isinstance(dtype, pandas.CategoricalDtype):
        return _from_categories(values, name)
    if isinstance(dtype, pandas.DatetimeTZDtype):
        zone = pa.scalar(pandas.Timestamp(0, tz=dtype.tz)).type.tz
        return pa.array(values.dt.tz_convert(None).to_numpy()).cast(pa.timestamp(dtype.unit, zone))
    return pa.array(values, from_pandas=True)


def _from_categories(series: Any, name: str) -> pa.Array:
    """Convert a Series of categories to a dictionary array of all categories, in their order."""
    codes = series.cat.codes.to_numpy()
    try:
        words = from_series(series.cat.categories, name)
    except SchemaError as error:
        raise SchemaError(f"the categories: {error.what}", feature=name or None, hint=error.hint) from error
    words = words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), words, ordered=series.cat.ordered)

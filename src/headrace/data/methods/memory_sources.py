"""Class methods of a dataset that create it from objects in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from headrace.data import sources
from headrace.tables import check_index

if TYPE_CHECKING:
    from headrace.data.pipeline import Source

__all__ = ["MemorySourceMethods"]


class MemorySourceMethods:
    """Class methods that create a dataset from tables, arrays, functions and data sets of Hugging Face."""

    if TYPE_CHECKING:

        def __init__(self, source: Source) -> None: ...

    @classmethod
    def from_arrow(cls, data: Any) -> Self:
        """Read Arrow data from memory: a table, a batch, a reader, or batches of one schema, without a copy.

        Anything with Arrow's PyCapsule interface, such as a DataFrame of Polars, and all that `from_pandas`
        and `from_arrays` accept, is converted. A reader or an iterator is read now, into memory.

        Raises:
            UsageError: `data` is not a table, or names of columns are not distinct strings.
            SchemaError: The batches differ in their schemas, or a column cannot be converted.
        """
        return cls(sources.ArrowSource.from_data(data))

    @classmethod
    def from_arrays(cls, arrays: Any) -> Self:
        """Read columns by name: NumPy arrays [rows, ...], `columns.Ragged`, Arrow arrays, tensors, or lists.

        Masked values and None are missing, NaN is a number. A structured array has a column per field.

        Raises:
            UsageError: No columns are passed, or names are not distinct strings.
            SchemaError: The columns differ in length, or one cannot be converted to an Arrow array.
        """
        return cls(sources.ArrowSource.from_data(arrays))

    @classmethod
    def from_pandas(cls, frame: Any) -> Self:
        """Read a DataFrame of pandas, or several of one schema; see also `to_pandas`.

        NaN, None, NA and NaT are missing. Nullable integers, strings, categories, dates and times with time
        zones, decimals, dicts and lists keep their values and types. Named levels of the index become the
        first columns; an index of integers without a name is left out.

            >>> import pandas as pd
            >>> frame = pd.DataFrame({"id": pd.array([1, None], "Int64"), "city": ["Oslo", None]})
            >>> [batch.to_pydict() for batch in Dataset.from_pandas(frame)]
            [{'id': [1, None], 'city': ['Oslo', None]}]

        Raises:
            UsageError: Names of columns that are not distinct strings (rename them), or an index of other
                values without a name.
            SchemaError: A column of several types, or of one that Arrow does not have; it names the row.
        """
        for each in frame if isinstance(frame, list | tuple) else [frame]:
            check_index(each)
        return cls(sources.ArrowSource.from_data(frame))

    @classmethod
    def from_generator(
        cls,
        function: Callable[[], Iterable[Any]],
        schema: pa.Schema | None = None,
        columns: Sequence[str] | None = None,
    ) -> Self:
        """Read the rows that `function()` returns or yields: dicts, tuples or record batches.

        The function is called anew for each epoch. Without `schema`, one is inferred from the first 256 rows;
        see `GeneratorSource`. Rows cannot be read by number, so that resuming replays the epoch.

            >>> from headrace.data import Dataset
            >>> ds = Dataset.from_generator(lambda: ({"n": n, "square": n * n} for n in range(5)))
            >>> [batch["square"].to_pylist() for batch in ds.batch(3)]
            [[0, 1, 4], [9, 16]]

        Raises:
            UsageError: `function` is not callable, or returns something else.
            SchemaError: On reading: no row to infer from, or a row that does not match the schema; it names
                the row and the column.
        """
        return cls(sources.GeneratorSource.from_function(function, schema, columns))

    @classmethod
    def from_huggingface(
        cls,
        dataset: Any,
        split: str | None = None,
        columns: Sequence[str] | None = None,
        config: str | None = None,
    ) -> Self:
        """Read a `datasets.Dataset` or `IterableDataset`, a folder of a saved one, or a name on the hub.

        Images and audio are encoded bytes, class labels integers; see `HuggingFaceSource`. Needs the extra
        `huggingface`.

        Args:
            dataset: The data set, a dict of splits, the folder that `save_to_disk` wrote, or a name.
            split: The split to read, such as "train"; required if there are several.
            columns: The columns to read; None is all.
            config: With a name, the configuration of the data set.

        Raises:
            DependencyError: `datasets` is not installed.
            UsageError: An unknown split or name, or an object of another type.
            SchemaError: On reading: the data set lacks a chosen column.
        """
        return cls(sources.HuggingFaceSource.from_dataset(dataset, split, columns, config))

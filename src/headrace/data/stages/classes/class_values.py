"""The class of each row, and the number of rows of each class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.arguments import show_value
from headrace.columns import to_arrow
from headrace.data.pipeline import Upstream
from headrace.data.stages.columns.find_columns import find_columns
from headrace.data.user_function import function_identity, function_name
from headrace.errors import UsageError

__all__ = ["ClassReader", "CountStore"]


@dataclass(frozen=True)
class ClassReader:
    """Reads the class of each row from a column, or by a function of a batch.

    Attributes:
        classes: The name of a column, or a function that returns an array of one value per row.
    """

    classes: str | Callable[[pa.RecordBatch], Any]

    @property
    def name(self) -> str:
        """The name of the column or of the function."""
        return repr(self.classes) if isinstance(self.classes, str) else function_name(self.classes)

    @property
    def digest(self) -> str:
        """What the function does; empty for a column."""
        return "" if isinstance(self.classes, str) else function_identity(self.classes).digest

    @property
    def unknown(self) -> tuple[str, ...]:
        """What the function may depend on, but cannot be known."""
        return () if isinstance(self.classes, str) else function_identity(self.classes).unknown

    def read(self, batch: pa.RecordBatch) -> tuple[NDArray[np.int64], list[Any]]:
        """Return the class of each row, as an index into a list of classes, and the list.

        Raises:
            SchemaError: The column does not exist.
            UsageError: The function does not return one value per row.
        """
        values = self._read_values(batch)
        if not isinstance(values, pa.DictionaryArray):
            values = values.dictionary_encode(null_encoding="encode")
        if values.null_count:
            values = values.cast(values.type.value_type).dictionary_encode(null_encoding="encode")
        return np.asarray(values.indices).astype(np.int64), values.dictionary.to_pylist()

    def _read_values(self, batch: pa.RecordBatch) -> pa.Array:
        if isinstance(self.classes, str):
            return batch.column(find_columns(batch.schema, [self.classes])[0])
        values = self.classes(batch)
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        if not isinstance(values, pa.Array):
            try:
                values = to_arrow(np.asarray(values))
            except (TypeError, ValueError, pa.ArrowException) as error:
                what = f"expected a class per row from {self.name}, got {show_value(values)}"
                raise UsageError(what, hint="return an array of strings or integers") from error
        if len(values) != batch.num_rows:
            what = f"expected {batch.num_rows:,} classes from {self.name}, got {len(values):,}"
            raise UsageError(what, hint="return one class per row")
        return values

    def look_up(
        self, batch: pa.RecordBatch, numbers: Mapping[Any, float], default: float
    ) -> NDArray[np.float64]:
        """Return the number of each row's class, [rows]; `default` for other classes."""
        codes, classes = self.read(batch)
        table = np.array([numbers.get(each, default) for each in classes], np.float64)
        return table[codes]

    def count(self, upstream: Upstream) -> Counter[Any]:
        """Count the rows of each class in one pass over epoch 0."""
        counts: Counter[Any] = Counter()
        with closing(upstream(0, None)) as steps:
            for step in steps:
                codes, classes = self.read(step.batch)
                found = np.bincount(codes, minlength=len(classes)).tolist()
                for each, number in zip(classes, found, strict=True):
                    counts[each] += number
        return counts


class CountStore:
    """The numbers of rows by class, counted at first use."""

    def __init__(self) -> None:
        self._counts: Counter[Any] | None = None

    def get(self, reader: ClassReader, upstream: Upstream) -> Counter[Any]:
        """Return the counts; the first call reads the data."""
        if self._counts is None:
            self._counts = reader.count(upstream)
        return self._counts

"""Turn each element of lists into a row of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.rows import take_rows
from headrace.data.stages.columns.find_columns import find_columns
from headrace.errors import SchemaError


@dataclass(frozen=True)
class Unbatch(Stage):
    """Make a row of each element of the lists in `columns`; the values of other columns are repeated.

    Lists may be of any length or of fixed size; those of one row have equal lengths. A row whose lists are
    empty or null has no output rows. `tf.data.Dataset.unbatch` does so to elements, and `explode` to tables.
    """

    per_batch: ClassVar[bool] = True

    columns: tuple[str, ...]

    @property
    def spec(self) -> str:
        """The columns."""
        return f"unbatch({list(self.columns)})"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """The stage itself: it works on one batch at a time."""
        return (self,)

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Yield a row for each element; batches without any are skipped.

        Raises:
            SchemaError: A column does not exist, or is not of lists; or lists of a row differ in length.
        """
        for batch in batches:
            rows = self.probe(batch)
            if rows.num_rows:
                yield rows

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Make the rows of a batch."""
        places = find_columns(batch.schema, self.columns)
        counts = _count_elements(batch.column(places[0]), self.columns[0])
        for place, name in zip(places[1:], self.columns[1:], strict=True):
            if not np.array_equal(counts, _count_elements(batch.column(place), name)):
                what = f"expected lists as long as those of '{self.columns[0]}', got other lengths"
                raise SchemaError(what, feature=name, hint="unbatch the columns one after the other")
        elements = {place: batch.column(place).flatten() for place in places}
        others = [place for place in range(batch.num_columns) if place not in elements]
        if others:
            rows = np.repeat(np.arange(batch.num_rows), counts)
            repeated = take_rows(batch.select(others), rows).columns
            elements.update(zip(others, repeated, strict=True))
        arrays = [elements[place] for place in range(batch.num_columns)]
        fields = [field.with_type(array.type) for field, array in zip(batch.schema, arrays, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields, batch.schema.metadata))

    def count_rows(self, rows: int | None) -> None:  # noqa: ARG002
        """Return None: the number depends on the lengths of lists."""
        return


def _count_elements(array: pa.Array, name: str) -> np.ndarray:
    """Count the elements of each list, 0 for a null."""
    type_ = array.type
    if not (pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_)):
        hint = "name columns of lists"
        raise SchemaError(f"expected a column of lists, got Arrow type {type_}", feature=name, hint=hint)
    return np.asarray(array.value_lengths().fill_null(0)).astype(np.int64)

"""Turn each element of lists into a row of its own."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.plan.steps import unpack_cursor
from headrace.data.rows import split_rows, take_rows
from headrace.data.stages.columns.find_columns import find_columns
from headrace.errors import SchemaError

_INPUT_ROWS = 4096  # at a time: sources yield more than a hundred thousand, each of which may be a long list


@dataclass(frozen=True)
class Unbatch(Stage):
    """Make a row of each element of the lists in `columns`; the values of other columns are repeated.

    Lists may be of any length or of fixed size; those of one row have equal lengths. A row whose lists are
    empty or null has no output rows. `tf.data.Dataset.unbatch` does so to elements, and `explode` to tables.
    """

    columns: tuple[str, ...]

    @property
    def spec(self) -> str:
        """The columns."""
        return f"unbatch({list(self.columns)})"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """The stage itself: it works on one batch at a time."""
        return (self,)

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield a row for each element of 4,096 input rows at a time; batches without any are skipped.

        A cursor is that of the input in front of a batch, and the rows of it that have been read.

        Raises:
            SchemaError: A column does not exist, or is not of lists; or lists of a row differ in length.
        """
        before, done = unpack_cursor(cursor, None, 0)
        with closing(upstream(epoch, before)) as steps:
            for step in steps:
                for piece in split_rows(step.batch.slice(done), _INPUT_ROWS):
                    done += piece.num_rows
                    rows = self.probe(piece)
                    if rows.num_rows:
                        yield Step(rows, [before, done] if done < step.batch.num_rows else [step.cursor, 0])
                before, done = step.cursor, 0

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

"""Zip datasets: the columns of all of them in each row."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.data.combinations.combination import Combination
from headrace.data.pipeline import Cursor, Step, Steps
from headrace.data.plan.steps import unpack_cursor
from headrace.data.rows import concatenate
from headrace.errors import SchemaError, UsageError

__all__ = ["Zip"]

_MAX_ROWS = 4096


@dataclass(frozen=True)
class Zip(Combination):
    """Row k has the columns of row k of each dataset.

    Attributes:
        inputs: The datasets.
        strict: Whether datasets of different lengths are an error; otherwise the shortest one ends the rows.
    """

    strict: bool = True

    @property
    def spec(self) -> str:
        """`zip`."""
        return "zip" if self.strict else "zip(strict=False)"

    @property
    def num_rows(self) -> int | None:
        """The smallest number of rows."""
        counts = [each.num_rows for each in self.inputs]
        return None if None in counts else min(count for count in counts if count is not None)

    @cached_property
    def schema(self) -> pa.Schema:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The columns of all datasets.

        Raises:
            SchemaError: Two datasets have a column of the same name.
        """
        fields = [field for each in self.inputs for field in each.schema]
        names = [field.name for field in fields]
        duplicate = next((name for name in names if names.count(name) > 1), None)
        if duplicate is not None:
            raise SchemaError(
                "two of the datasets have a column of this name",
                feature=duplicate,
                hint="rename or drop one by map, before zip",
            )
        return pa.schema(fields)

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Stream batches that end where a batch of one of the datasets ends."""
        schema = self.schema
        with self._open_feeds(epoch, unpack_cursor(cursor, *[None] * len(self.inputs))) as feeds:
            while True:
                held = [feed.fill() for feed in feeds]
                if self.strict and 0 in held and any(held):
                    raise UsageError(
                        f"expected datasets of equal length, but dataset {held.index(0)} ended first",
                        hint="pass strict=False to stop at the end of the shortest",
                    )
                rows = min(*held, _MAX_ROWS)
                if not rows:
                    return
                batches = [concatenate(feed.take(rows)) for feed in feeds]
                columns = [column for batch in batches for column in batch.columns]
                yield Step(
                    pa.RecordBatch.from_arrays(columns, schema=schema), [feed.cursor for feed in feeds]
                )

"""Filter rows by a condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from headrace.data.pipeline import RowEffect, Stage
from headrace.data.user_function import function_identity, function_name
from headrace.errors import UsageError
from headrace.tables import to_array


@dataclass(frozen=True)
class Filter(Stage):
    """Keep the rows for which `keep(batch)` is true.

    `keep` returns one boolean per row: an Arrow or NumPy array, a Series or a list. What is null, missing or
    masked counts as false.
    """

    per_batch: ClassVar[bool] = True

    keep: Callable[[pa.RecordBatch], Any]

    @property
    def spec(self) -> str:
        """The name of the function; its code is not compared."""
        return f"filter({function_name(self.keep)})"

    @property
    def identity(self) -> str:
        """The spec, and what the function does; see `function_identity`."""
        return f"{self.spec}: {function_identity(self.keep).digest}"

    @property
    def unknown(self) -> tuple[str, ...]:
        """What the function's result may depend on, but cannot be known; see `function_identity`."""
        return function_identity(self.keep).unknown

    @property
    def row_effect(self) -> RowEffect:
        """Rows are dropped."""
        return "fewer"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """The stage itself: it works on one batch at a time."""
        return (self,)

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Yield the kept rows in order; batches without any are skipped.

        Raises:
            UsageError: `keep` returns anything but one boolean per row.
        """
        for batch in batches:
            kept = batch.filter(self._mask(batch))
            if kept.num_rows:
                yield kept

    def count_rows(self, rows: int | None) -> int | None:  # noqa: ARG002
        """Return None: the number is unknown before reading."""
        return None

    def _mask(self, batch: pa.RecordBatch) -> pa.Array:
        mask = self.keep(batch)
        if not isinstance(mask, pa.Array):
            mask = to_array(mask)
        if isinstance(mask, pa.ChunkedArray):
            mask = mask.combine_chunks()
        if not pa.types.is_boolean(mask.type) or len(mask) != batch.num_rows:
            raise UsageError(
                f"expected {batch.num_rows:,} booleans from {function_name(self.keep)}, "
                f"got {len(mask):,} values of {mask.type}",
                hint="return one boolean per row",
            )
        return mask

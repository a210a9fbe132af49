"""Rows that meet a condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.user_function import function_identity, function_name
from headrace.errors import UsageError


@dataclass(frozen=True)
class Filter(Stage):
    """Keep the rows for which `keep(batch)` is true.

    `keep` gives one boolean a row, as an Arrow or NumPy array; a null counts as false.
    """

    keep: Callable[[pa.RecordBatch], Any]

    @property
    def spec(self) -> str:
        """The function's name: its body is not looked at."""
        return f"filter({function_name(self.keep)})"

    @property
    def identity(self) -> str:
        """The spec, and what can be known of the function; see `function_identity`."""
        return f"{self.spec}: {function_identity(self.keep)}"

    @property
    def on_parts(self) -> tuple[Stage, ...]:
        """Itself: it sees no more than a batch."""
        return (self,)

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """The rows that are kept, in their order; batches of none are left out.

        Raises:
            UsageError: `keep` gives something else than one boolean a row.
        """
        for batch in batches:
            kept = batch.filter(self._mask(batch))
            if kept.num_rows:
                yield kept

    def count(self, rows: int | None) -> int | None:  # noqa: ARG002
        """Unknown before reading."""
        return None

    def _mask(self, batch: pa.RecordBatch) -> pa.Array:
        mask = self.keep(batch)
        if isinstance(mask, pa.ChunkedArray):
            mask = mask.combine_chunks()
        if not isinstance(mask, pa.Array):
            mask = pa.array(np.asarray(mask))
        if not pa.types.is_boolean(mask.type) or len(mask) != batch.num_rows:
            raise UsageError(
                f"{function_name(self.keep)} gave {len(mask):,} {mask.type} for {batch.num_rows:,} rows",
                hint="let it give one boolean a row",
            )
        return mask

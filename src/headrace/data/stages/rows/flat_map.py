"""Map a function over batches that returns any number of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from headrace.arguments import is_iterable
from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.plan.steps import unpack_cursor
from headrace.data.user_function import function_identity, function_name
from headrace.errors import UsageError


@dataclass(frozen=True)
class FlatMap(Stage):
    """Call `function` on every batch; it returns a batch, or yields batches, of any number of rows.

    Each output row must depend on one input row alone: batches are cut where it is efficient.
    """

    function: Callable[[pa.RecordBatch], pa.RecordBatch | Iterable[pa.RecordBatch]]

    @property
    def spec(self) -> str:
        """The name of the function; its code is not compared."""
        return f"flat_map({function_name(self.function)})"

    @property
    def identity(self) -> str:
        """The spec, and what the function does; see `function_identity`."""
        return f"{self.spec}: {function_identity(self.function).digest}"

    @property
    def unknown(self) -> tuple[str, ...]:
        """What the function's result may depend on, but cannot be known; see `function_identity`."""
        return function_identity(self.function).unknown

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """The stage itself: it works on one batch at a time."""
        return (self,)

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the batches that `function` returns, in order; batches without rows are skipped.

        A cursor is that of the input in front of a batch, and the number of batches that `function` has
        returned for it; reopening calls the function on that batch again.

        Raises:
            UsageError: `function` returns anything but record batches.
        """
        before, done = unpack_cursor(cursor, None, 0)
        with closing(upstream(epoch, before)) as steps:
            for step in steps:
                for number, (batch, is_last) in enumerate(self._call(step.batch), 1):
                    if number > done and batch.num_rows:
                        yield Step(batch, [step.cursor, 0] if is_last else [before, number])
                before, done = step.cursor, 0

    def _call(self, batch: pa.RecordBatch) -> Iterator[tuple[pa.RecordBatch, bool]]:
        """Yield what the function returns, and whether it is known to be the last batch."""
        result: Any = self.function(batch)
        if isinstance(result, pa.RecordBatch):
            yield result, True
            return
        if not is_iterable(result) or isinstance(result, pa.Table | str | bytes):
            raise self._wrong_result(result)
        for each in result:
            if not isinstance(each, pa.RecordBatch):
                raise self._wrong_result(each)
            yield each, False

    def _wrong_result(self, result: Any) -> UsageError:
        return UsageError(
            f"expected a pyarrow.RecordBatch, or several, from {function_name(self.function)}, "
            f"got a {type(result).__name__}",
            hint="build one with pyarrow.RecordBatch.from_arrays",
        )

    def count_rows(self, rows: int | None) -> None:  # noqa: ARG002
        """Return None: the number depends on the function."""
        return

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the first batch that the function returns.

        Raises:
            UsageError: The function returns no batch, so that its columns are not known.
        """
        first = next(self._call(batch), None)
        if first is None:
            name = function_name(self.function)
            raise UsageError(
                f"expected at least one batch from {name} to know its columns, got none",
                hint="yield a batch without rows",
            )
        return first[0]

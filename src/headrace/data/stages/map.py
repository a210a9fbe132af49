"""A function over batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.user_function import function_identity, function_name
from headrace.errors import UsageError


@dataclass(frozen=True)
class Map(Stage):
    """Put every batch through `function`, which keeps the number of rows.

    With `threads` > 1 that many batches are worked on at a time, and as many wait for the consumer; order is
    kept. It pays where the function spends its time in Arrow, NumPy or native kernels, which release the
    interpreter's lock.
    """

    function: Callable[[pa.RecordBatch], pa.RecordBatch]
    threads: int = 1

    @property
    def spec(self) -> str:
        """The function's name: its body is not looked at."""
        return f"map({function_name(self.function)})"

    @property
    def identity(self) -> str:
        """The spec, and what can be known of the function; see `function_identity`."""
        return f"{self.spec}: {function_identity(self.function)}"

    @property
    def on_parts(self) -> tuple[Stage, ...]:
        """Itself: it sees no more than a batch."""
        return (self,)

    @property
    def reads(self) -> Sequence[str] | None:
        """What the function says that it reads, as transforms do."""
        return getattr(self.function, "reads", None)

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """`function` of every batch, in order.

        Raises:
            UsageError: `function` gives no record batch, or one of another number of rows.
        """
        if self.threads > 1:
            return self._threaded(batches)
        return (self.probe(batch) for batch in batches)

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """`function(batch)`, checked."""
        result: Any = self.function(batch)
        if not isinstance(result, pa.RecordBatch):
            raise UsageError(
                f"{function_name(self.function)} gave a {type(result).__name__}, not a pyarrow.RecordBatch",
                hint="build one with pyarrow.RecordBatch.from_arrays",
            )
        if result.num_rows != batch.num_rows:
            raise UsageError(
                f"{function_name(self.function)} turned {batch.num_rows:,} rows into {result.num_rows:,}",
                hint="use filter to drop rows before map",
            )
        return result

    def _threaded(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        pool = ThreadPoolExecutor(self.threads, "headrace-map")
        running: deque[Future[pa.RecordBatch]] = deque()
        try:
            for batch in batches:
                running.append(pool.submit(self.probe, batch))
                if len(running) == 2 * self.threads:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

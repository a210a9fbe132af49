"""Map a function over batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from headrace.data.pipeline import Cursor, RowEffect, Stage, Step, Steps, Upstream
from headrace.data.stages.damaged_image import name_damaged_image
from headrace.data.user_function import function_identity, function_name
from headrace.errors import UsageError
from headrace.parallel import ThreadPool, ordered_map, process_map


@dataclass(frozen=True)
class Map(Stage):
    """Call `function` on every batch; it must keep the number of rows.

    Each output row must depend on the input row at its place alone: batches are cut where it is efficient,
    and rows may be shuffled before the function is called instead of after.

    With `threads` > 1, as many background threads process batches, and the consumer's thread helps while it
    waits; at most 2 x `threads` batches are in progress or waiting for the consumer. Order is kept, of errors
    too. Threads help where the function spends its time in Arrow, NumPy or native kernels, which release the
    GIL; `processes` help where it spends it in Python. Each process holds one batch at a time, and all of
    them end with the iteration.
    """

    function: Callable[[pa.RecordBatch], pa.RecordBatch]
    threads: int = 1
    processes: int = 0

    @property
    def spec(self) -> str:
        """The name of the function; its code is not compared."""
        return f"map({function_name(self.function)})"

    @property
    def identity(self) -> str:
        """The spec, and what the function does; see `function_identity`."""
        return f"{self.spec}: {function_identity(self.function).digest}"

    @property
    def unknown(self) -> tuple[str, ...]:
        """What the function's result may depend on, but cannot be known; see `function_identity`."""
        return function_identity(self.function).unknown

    @property
    def row_effect(self) -> RowEffect:
        """Rows keep their places."""
        return "same"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """The stage itself: it works on one batch at a time."""
        return (self,)

    @property
    def reads(self) -> Sequence[str] | None:
        """The columns that the function declares it reads, as transforms do."""
        return getattr(self.function, "reads", None)

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield `function(batch)` for every batch, in order.

        Raises:
            UsageError: `function` does not return a record batch, or returns another number of rows.
        """
        with closing(upstream(epoch, cursor)) as steps:
            if self.processes:
                yield from self._map_in_processes(steps)
            elif self.threads > 1:
                yield from self._map_in_threads(steps)
            else:
                yield from (self._map_step(step) for step in steps)

    def _map_step(self, step: Step) -> Step:
        return Step(self.probe(step.batch), step.cursor)

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Call `function(batch)` and check the result."""
        with name_damaged_image(batch):
            result: Any = self.function(batch)
        if not isinstance(result, pa.RecordBatch):
            raise UsageError(
                f"expected a pyarrow.RecordBatch from {function_name(self.function)}, "
                f"got a {type(result).__name__}",
                hint="build one with pyarrow.RecordBatch.from_arrays",
            )
        if result.num_rows != batch.num_rows:
            name = function_name(self.function)
            raise UsageError(
                f"expected {batch.num_rows:,} rows from {name}, got {result.num_rows:,}",
                hint="use filter to drop rows before map",
            )
        return result

    def _map_in_processes(self, steps: Steps) -> Steps:
        cursors = deque[Cursor]()

        def read() -> Iterator[pa.RecordBatch]:
            for step in steps:
                cursors.append(step.cursor)
                yield step.batch

        for _, result in process_map(self.probe, read(), self.processes):
            yield Step(result, cursors.popleft())

    def _map_in_threads(self, steps: Steps) -> Steps:
        pool = ThreadPool(self.threads, "headrace-map")
        try:
            for _, result in ordered_map(self._map_step, steps, pool, most=2 * self.threads):
                yield result
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

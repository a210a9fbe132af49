"""Map a function over batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from headrace.data.pipeline import Cursor, RowEffect, Stage, Step, Steps, Upstream
from headrace.data.stages.damaged_image import name_damaged_image
from headrace.data.user_function import function_identity, function_name
from headrace.errors import UsageError
from headrace.parallel import Tuner, autotuned_map, map_on_threads, process_map


@dataclass(frozen=True)
class Map(Stage):
    """Call `function` on every batch; it must keep the number of rows.

    Each output row must depend on the input row at its place alone: batches are cut where it is efficient,
    and rows may be shuffled before the function is called instead of after.

    With `threads` > 1, as many background threads process batches, and the consumer's thread helps while it
    waits; at most 2 x `threads` batches are in progress or waiting for the consumer. Order is kept, of errors
    too. "auto" measures during the first batches how many threads let the consumer wait less, and `tuner`
    keeps the number for later epochs. Threads help where the function spends its time in Arrow, NumPy or
    native kernels, which release the GIL; `processes` help where it spends it in Python. Each process holds
    one batch at a time, and all of them end with the iteration.
    """

    function: Callable[[pa.RecordBatch], pa.RecordBatch]
    threads: int | Literal["auto"] = 1
    processes: int = 0
    tuner: Tuner = field(default_factory=Tuner, compare=False, repr=False)

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
    def workers(self) -> int:
        """The threads or processes that share the work; of "auto" those chosen so far, at first 1."""
        if self.processes:
            return self.processes
        return (self.tuner.chosen or 1) if self.threads == "auto" else self.threads

    @property
    def is_concurrent(self) -> bool:
        """Whether other threads or processes may call the function."""
        return self.threads == "auto" or self.threads > 1 or self.processes > 0

    @property
    def summary(self) -> str:
        """The spec, and the number of threads where it is measured."""
        if self.threads != "auto":
            return self.spec
        chosen = self.tuner.chosen
        threads = "threads to be measured" if chosen is None else f"threads={chosen} as measured"
        return f"{self.spec} ({threads})"

    @property
    def row_effect(self) -> RowEffect:
        """Rows keep their places."""
        return "same"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """The stage itself: it works on one batch at a time."""
        return (self,)

    @property
    def rows_at_once(self) -> int | None:
        """The rows that the function declares it decodes at once, as transforms of images do."""
        return getattr(self.function, "rows_at_once", None)

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
            elif self.threads == "auto":
                yield from autotuned_map(
                    self._map_step, steps, self.tuner, Step.measure, name=self.spec, pool="headrace-map"
                )
            else:
                most = 2 * self.threads
                yield from map_on_threads(self._map_step, steps, self.threads, "headrace-map", most=most)

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

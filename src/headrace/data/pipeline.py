"""Stages, and with the modules of `plan` what they are connected by: sources and streams."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import ClassVar, Literal, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.plan.row_order import RowOrder
from headrace.data.plan.row_reader import RowReader
from headrace.data.plan.source import (
    Declarable,
    Divisible,
    PartSource,
    Prunable,
    Seekable,
    Selectable,
    Skippable,
    Source,
    Sparse,
    SparseStream,
    Streamed,
)
from headrace.data.plan.steps import Cursor, Step, Steps, Upstream, unpack_count
from headrace.data.rows import RowPool

__all__ = [
    "Cursor",
    "Declarable",
    "Divisible",
    "Gather",
    "InputRows",
    "PartSource",
    "Prunable",
    "RowEffect",
    "Seekable",
    "Selectable",
    "Skippable",
    "Source",
    "Sparse",
    "SparseStream",
    "Stage",
    "Step",
    "Steps",
    "Streamed",
    "Upstream",
]

RowEffect = Literal["same", "fewer", "other"]
Gather = Callable[[NDArray[np.int64]], pa.RecordBatch]


class InputRows(Protocol):
    """The source and the stages that a stage reads from."""

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Open the stream of an epoch at a cursor."""
        ...

    def find_schema(self) -> pa.Schema:
        """Find the schema of the rows."""
        ...

    def find_cache_key(self) -> str | None:
        """Find a digest that changes whenever the rows may have changed; None if that cannot be known."""
        ...


class Stage(ABC):
    """One step of a pipeline, a frozen value: its output depends on its fields, its input and the epoch only.

    A stage that turns batches into batches overrides `apply`. Unless it declares `per_batch`, resuming it
    replays the epoch; a stage that can do better overrides `stream` and chooses its own cursors. A stage that
    chooses or reorders rows also overrides `plan`.
    """

    per_batch: ClassVar[bool] = False
    """Whether `apply` holds no rows: it yields at most one batch for each input batch, and then goes on."""

    reorders: ClassVar[bool] = False
    """Whether the order of the rows depends on the epoch because of this stage."""

    varies: ClassVar[bool] = False
    """Whether the rows depend on the epoch because of this stage, or their order in a way of its own."""

    sees_all: ClassVar[bool] = False
    """Whether what a row becomes depends on all rows, so that rows must not be divided before this stage."""

    chooses: ClassVar[bool] = False
    """Whether the stage chooses rows by their place; it then always does so in epoch 0."""

    repeats: ClassVar[bool] = False
    """Whether the stage reads several epochs; planned only below another stage that is planned."""

    moves_below: ClassVar[frozenset[RowEffect]] = frozenset({"same"})
    """The row effects of the stages that a stage with a `plan` may be moved in front of."""

    @property
    @abstractmethod
    def spec(self) -> str:
        """A description of what the stage does to the rows; a saved iteration state is checked against it.

        Empty for a stage that changes neither the rows nor the boundaries of batches.
        """

    @property
    def identity(self) -> str:
        """The `spec`, and what else distinguishes the stage: what a user's function does."""
        return self.spec

    @property
    def unknown(self) -> tuple[str, ...]:
        """What the output may depend on that `identity` cannot contain; caches reuse nothing then."""
        return ()

    @property
    def summary(self) -> str:
        """What `explain` says of the stage."""
        return self.spec or self.identity

    @property
    def row_effect(self) -> RowEffect:
        """How rows pass the stage.

        "same": one output row for each input row, in order, computed from it alone. "fewer": the same, but
        some rows are dropped, each by itself. "other": anything else.
        """
        return "other"

    @property
    def batch_rows(self) -> int | None:
        """The rows per output batch of a stage that cuts batches anew."""
        return None

    @property
    def rows_at_once(self) -> int | None:
        """The rows whose output is large enough that batches are cut before, such as decoded images."""
        return None

    @property
    def shards(self) -> int:
        """The number of shards that a stage divides each epoch into; 0 for other stages."""
        return 0

    def describe_shared(self, shards: int) -> str:  # noqa: ARG002
        """Describe what the stage does to `shards` shards together; see `spec`."""
        return self.spec

    def start_cursor(self, cursor: Cursor) -> Cursor:
        """Return the cursor of the output where no row after the input's `cursor` has been read."""
        return cursor

    @property
    def per_part(self) -> tuple[Stage, ...] | None:
        """The stages that do to each part what this stage does to all rows, up to the order of rows.

        None if there are none: the stage counts rows, stores them, or repeats them.
        """
        return None

    @property
    def reads(self) -> Sequence[str] | None:
        """The columns that the stage reads, if it drops all others and accepts dictionaries; else None."""
        return None

    @property
    def keeps(self) -> Sequence[str] | None:
        """The columns of the output, if the stage does nothing but drop all others; else None."""
        return None

    def plan(self, order: RowOrder) -> RowOrder | None:  # noqa: ARG002
        """Do to row numbers what the stage does to rows; None if it needs the rows."""
        return None

    def follow(self, order: RowOrder) -> Stage | None:  # noqa: ARG002
        """Return what is left to do to the rows after `plan` returned `order`; None if nothing is."""
        return None

    def to_source(self, rows: InputRows, later: Sequence[Stage]) -> Source | None:  # noqa: ARG002
        """Return the stage's output as a source whose rows can be read by number; else None.

        Args:
            rows: The input.
            later: The stages that read from the source.
        """
        return None

    def open_rows(
        self,
        reader: RowReader,  # noqa: ARG002
        order: RowOrder,  # noqa: ARG002
        later: Stage | None = None,  # noqa: ARG002
    ) -> tuple[Upstream, int] | None:
        """Return what opens the stage's output if it gathers the rows by number itself; else None.

        The batches and cursors must be those of `stream` over the same rows.

        Args:
            reader: The rows.
            order: Their order.
            later: The stage that reads the output, which may be done at once; see `gather`.

        Returns:
            What opens the output, and the number of stages that it is of: 1, or 2 with `later`.
        """
        return None

    def gather(self, rows: RowPool) -> Gather | None:  # noqa: ARG002
        """Return a function that gathers rows by number and does to them what the stage does; or None."""
        return None

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:
        """Transform one epoch of input batches."""
        raise NotImplementedError

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Open the stage's output for `epoch` at `cursor`; closing it closes the input."""
        if self.per_batch:
            return self._stream_per_batch(upstream, epoch, cursor)
        return self._replay(upstream, epoch, cursor)

    def _stream_per_batch(self, upstream: Upstream, epoch: int, cursor: Cursor) -> Steps:
        """Pass on the cursor of the input batch that each output batch was made of."""
        after = cursor

        def read(steps: Steps) -> Iterator[pa.RecordBatch]:
            nonlocal after
            for step in steps:
                after = step.cursor
                yield step.batch

        with closing(upstream(epoch, cursor)) as steps:
            for batch in self.apply(read(steps), epoch):
                yield Step(batch, after)

    def _replay(self, upstream: Upstream, epoch: int, cursor: Cursor) -> Steps:
        """Count batches; reopening reads from the start and drops those that came before."""
        done = unpack_count(cursor)
        with closing(upstream(epoch, None)) as steps:
            batches = (step.batch for step in steps)
            for number, batch in enumerate(self.apply(batches, epoch), 1):
                if number > done:
                    yield Step(batch, number)

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of output rows for `rows` input rows; None if it is unknown."""
        return rows

    def count_batches(self, rows: int | None, batches: int | None) -> int | None:  # noqa: ARG002
        """Return the number of output batches for an input of `rows` rows in `batches` batches.

        None if it is unknown.
        """
        return batches if self.row_effect == "same" else None

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch with the stage's output schema for a sample of its input."""
        return batch

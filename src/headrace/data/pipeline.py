"""Sources, stages, and the streams that connect them.

Every batch of a stream travels with a cursor: where to reopen the stream so that what follows the batch
follows again. No stage has a state to save; prefetch queues and threads hand over the pair.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, runtime_checkable

import pyarrow as pa

from headrace.data.plan.row_order import RowOrder
from headrace.data.plan.row_reader import RowReader

__all__ = [
    "Cursor",
    "Divisible",
    "InputRows",
    "PartSource",
    "Prunable",
    "RowEffect",
    "Seekable",
    "Selectable",
    "Source",
    "Stage",
    "Step",
    "Steps",
    "Streamed",
    "Upstream",
]

Cursor = Any  # a JSON value: None for the start, an int, or a list of cursors and ints

RowEffect = Literal["same", "fewer", "other"]


class Step(NamedTuple):
    """A batch of a stream, and where the stream continues.

    Attributes:
        batch: The rows.
        cursor: Where to reopen the stream to get what follows this batch.
        parent: A batch of which `batch` is a slice, if the slices of the parent follow each other.
        offset: The first row of `batch` in `parent`.
    """

    batch: pa.RecordBatch
    cursor: Cursor
    parent: pa.RecordBatch | None = None
    offset: int = 0


Steps = Generator[Step, None, None]
Upstream = Callable[[int, Cursor], Steps]  # opens the stream of an epoch, at a cursor


class Source(Protocol):
    """Where record batches come from; every read yields the same batches in the same order."""

    @property
    def schema(self) -> pa.Schema:
        """The schema of every batch."""
        ...

    @property
    def num_rows(self) -> int | None:
        """The number of rows, or None if it is unknown before reading."""
        ...

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read all batches from the start."""
        ...


class PartSource(Source, Protocol):
    """One file of a source, or a slice of rows in memory, that can be read on its own."""

    @property
    def fingerprint(self) -> str:
        """A digest of the rows: equal in every process, and wherever the files lie.

        It need not notice each change in large files. A source whose rows may change unnoticed
        has a `cache_key` too; see `rows_cache_key`.
        """
        ...


@runtime_checkable
class Seekable(Protocol):
    """A source whose rows can be read by number."""

    def open_rows(self) -> RowReader | None:
        """Open a reader of rows by number; None if these data cannot seek (compressed files, a pipe)."""
        ...


@runtime_checkable
class Streamed(Protocol):
    """A source whose rows depend on the epoch, and that has cursors of its own."""

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Open the rows of an epoch at a cursor."""
        ...


@runtime_checkable
class Divisible(Protocol):
    """A source that can be divided into parts."""

    def divide(self) -> Sequence[PartSource]:
        """Divide into parts; their rows, concatenated in order, are the rows of the source."""
        ...


@runtime_checkable
class Prunable(Protocol):
    """A source that can skip columns."""

    def prune_columns(self, columns: Sequence[str]) -> Source:
        """Return a source of the same rows that reads these columns only.

        String columns may be dictionary-encoded. If a column does not exist, the source itself is returned.
        """
        ...


@runtime_checkable
class Selectable(Protocol):
    """A source that can read some of its columns only."""

    def select_columns(self, columns: Sequence[str]) -> Source:
        """Return a source of these columns only, all of which exist, in this order."""
        ...


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
        done = cursor or 0
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

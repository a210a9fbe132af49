"""What a source is, and what it may be able to do beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.plan.row_reader import RowReader
from headrace.data.plan.steps import Cursor, Steps

__all__ = [
    "Declarable",
    "Divisible",
    "PartSource",
    "Prunable",
    "Seekable",
    "Selectable",
    "Skippable",
    "Source",
    "Sparse",
    "SparseStream",
    "Streamed",
]


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
class Skippable(Protocol):
    """A source that can leave out its first rows for less than reading them costs."""

    def read_after(self, rows: int) -> Iterator[pa.RecordBatch] | None:
        """Read the rows after the first `rows`, in the batches of `read`; None if these data must be read."""
        ...


@runtime_checkable
class Streamed(Protocol):
    """A source whose rows depend on the epoch, and that has cursors of its own."""

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Open the rows of an epoch at a cursor."""
        ...


@runtime_checkable
class Sparse(Streamed, Protocol):
    """A source that can read some of the rows after a cursor for less than reading all of them costs."""

    def read_some(self, cursor: Cursor, rows: NDArray[np.int64]) -> list[pa.RecordBatch] | None:
        """Read rows by their number after a cursor, int64 [n] ascending; None if all must be read."""
        ...


@dataclass(frozen=True)
class SparseStream:
    """The stream of a source that can read some of its rows; an `Upstream`."""

    source: Sparse

    def __call__(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Open the rows of an epoch at a cursor."""
        return self.source.stream(epoch, cursor)


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


@runtime_checkable
class Declarable(Protocol):
    """A source of text, whose columns have the types that the reader chooses."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, without inferring their types."""
        ...

    def declare(self, columns: Mapping[str, pa.DataType | None]) -> Source:
        """Return a source of these columns only, all of which exist, in this order.

        Args:
            columns: The type of each column; None infers it.
        """
        ...

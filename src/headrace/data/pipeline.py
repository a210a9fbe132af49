"""Sources, stages, and the streams of batches that connect them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Protocol, runtime_checkable

import pyarrow as pa

__all__ = ["Batches", "Divisible", "PartSource", "Prunable", "Source", "Stage", "Upstream", "connect"]

Batches = Generator[pa.RecordBatch, None, None]
Upstream = Callable[[int], Batches]  # opens the stream of an epoch


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
        """A digest that changes only if the rows change; equal in every process."""
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


class Stage(ABC):
    """One step of a pipeline, a frozen value: its output depends on its fields, its input and the epoch only.

    A stage that turns batches into batches overrides `apply`. A stage that decides how often, or in which
    epoch, its input is read overrides `stream`.
    """

    @property
    @abstractmethod
    def spec(self) -> str:
        """A description of what the stage does to the rows; a saved iteration state is checked against it.

        Empty for a stage that changes neither the rows nor the boundaries of batches.
        """

    @property
    def identity(self) -> str:
        """The `spec`, and what else distinguishes the stage: what a user's function does.

        Never the same again if what the function does cannot be known.
        """
        return self.spec

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

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:
        """Transform one epoch of input batches."""
        raise NotImplementedError

    def stream(self, upstream: Upstream, epoch: int) -> Batches:
        """Open the stage's output for `epoch`; closing it closes the input."""
        with closing(upstream(epoch)) as batches:
            yield from self.apply(batches, epoch)

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of output rows for `rows` input rows; None if it is unknown."""
        return rows

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch with the stage's output schema for a sample of its input."""
        return batch


def connect(source: Source, stages: Sequence[Stage]) -> Upstream:
    """Connect a source and stages into a function that opens the stream of an epoch.

    Columns that the first stage does not read are pruned, and batches without rows are skipped.
    """
    reads = stages[0].reads if stages else None
    if reads is not None and isinstance(source, Prunable):
        source = source.prune_columns(reads)
    upstream: Upstream = partial(_read_source, source)
    for stage in stages:
        upstream = partial(stage.stream, upstream)
    return upstream


def _read_source(source: Source, epoch: int) -> Batches:  # noqa: ARG001
    for batch in source.read():
        if batch.num_rows:
            yield batch

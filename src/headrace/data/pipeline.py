"""What flows between stages, and the two shapes that make a pipeline: a source and a stage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Protocol, runtime_checkable

import pyarrow as pa

__all__ = ["Batches", "Divisible", "Narrowable", "PartSource", "Source", "Stage", "Upstream", "upstream"]

Batches = Generator[pa.RecordBatch, None, None]
Upstream = Callable[[int], Batches]


class Source(Protocol):
    """Where record batches come from; reading twice gives the same batches in the same order."""

    @property
    def schema(self) -> pa.Schema:
        """The schema of every batch."""
        ...

    @property
    def num_rows(self) -> int | None:
        """How many rows one reading gives, or None where only a reading can tell."""
        ...

    def read(self) -> Iterator[pa.RecordBatch]:
        """One reading from the start."""
        ...


class PartSource(Source, Protocol):
    """One file of a source, or a piece of memory, that can be read alone."""

    @property
    def fingerprint(self) -> str:
        """What stays the same as long as its rows do, from process to process."""
        ...


@runtime_checkable
class Divisible(Protocol):
    """A source whose rows lie in parts."""

    def divide(self) -> Sequence[PartSource]:
        """The parts in order: their rows, one after the other, are those of the source."""
        ...


@runtime_checkable
class Narrowable(Protocol):
    """A source that can leave out columns."""

    def narrowed(self, columns: Sequence[str]) -> Source:
        """The same rows for a reader of these columns alone, who takes strings in dictionaries as well.

        Itself if there is no such column.
        """
        ...


class Stage(ABC):
    """One step of a pipeline, a frozen value: its output depends on its fields, its input and the epoch only.

    A stage that turns batches into batches overrides `apply`; one that decides how often or in which epoch
    its input is read overrides `stream`.
    """

    @property
    @abstractmethod
    def spec(self) -> str:
        """What it does to the rows, in words that a saved iteration state is checked against.

        Empty for a stage that changes neither the rows nor how they are cut into batches.
        """

    @property
    def identity(self) -> str:
        """Its `spec`, and what else tells it from others: the code of a user's function."""
        return self.spec

    @property
    def on_parts(self) -> tuple[Stage, ...] | None:
        """What does to each part of the rows, read alone, as this does to all, but for the order of rows.

        None where nothing does: it counts rows, or keeps them, or gives them more than once.
        """
        return None

    @property
    def reads(self) -> Sequence[str] | None:
        """The columns that it looks at, if it passes none on and takes strings in dictionaries; else None."""
        return None

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:
        """The stage's output for one epoch of input."""
        raise NotImplementedError

    def stream(self, upstream: Upstream, epoch: int) -> Batches:
        """The stage's output in `epoch`; closing it closes the input too."""
        with closing(upstream(epoch)) as batches:
            yield from self.apply(batches, epoch)

    def count(self, rows: int | None) -> int | None:
        """Rows out for `rows` rows in; None is unknown."""
        return rows

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """A batch with the stage's output schema for a sample of its input."""
        return batch


def upstream(source: Source, stages: Sequence[Stage]) -> Upstream:
    """The batches of an epoch that come out of the last stage; those without rows are not read."""
    reads = stages[0].reads if stages else None
    if reads is not None and isinstance(source, Narrowable):
        source = source.narrowed(reads)
    start: Upstream = partial(_read, source)
    for stage in stages:
        start = partial(stage.stream, start)
    return start


def _read(source: Source, epoch: int) -> Batches:  # noqa: ARG001
    for batch in source.read():
        if batch.num_rows:
            yield batch

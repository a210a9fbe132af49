"""Data in parts that can be read apart from one another: by another process, or not again if nothing changed.

The transform knows no data sets. What offers `parts` is in parts, and so is a list of record batches; what
offers `narrowed` can leave out columns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from headrace.errors import UsageError

__all__ = ["BatchPart", "Part", "find_parts", "narrowed", "parts_of"]


class Part(Protocol):
    """Some of the rows, readable without the others; it can be pickled where another process reads it."""

    @property
    def fingerprint(self) -> str:
        """What stays the same as long as its rows do, from process to process."""
        ...

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Its rows in order."""
        ...


@dataclass(frozen=True)
class BatchPart:
    """A record batch in memory."""

    batch: pa.RecordBatch

    @property
    def fingerprint(self) -> str:
        """By all values."""
        return hashlib.blake2b(self._stream(), digest_size=16).hexdigest()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return iter([self.batch])

    def __reduce__(self) -> tuple[Any, ...]:
        """A slice goes to another process without the batch it is a slice of."""
        return _of_stream, (self._stream(),)

    def _stream(self) -> bytes:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.batch.schema) as writer:
            writer.write_batch(self.batch)
        return sink.getvalue().to_pybytes()


def _of_stream(data: bytes) -> BatchPart:
    return BatchPart(pa.ipc.open_stream(data).read_next_batch())


def find_parts(data: Iterable[pa.RecordBatch]) -> Sequence[Part] | None:
    """The parts of `data`; None if it has none."""
    if isinstance(data, list | tuple):
        return [BatchPart(batch) for batch in data]
    parts: Any = getattr(data, "parts", None)
    return parts


def narrowed(data: Any, columns: Iterable[str]) -> Any:
    """The same rows, as far as the data can leave out other columns than these."""
    narrow = getattr(data, "narrowed", None)
    return narrow(tuple(columns)) if callable(narrow) else data


def parts_of(data: Iterable[pa.RecordBatch]) -> Sequence[Part]:
    """The parts of `data`.

    Raises:
        UsageError: It has none.
    """
    parts = find_parts(data)
    if parts is None:
        raise UsageError(
            "the data has no parts that can be read apart from one another",
            hint="give a Dataset of files without take, skip, shard, repeat or cache",
        )
    return parts

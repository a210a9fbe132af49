"""Data in parts that can be read independently: by another process, or not at all if a part is unchanged.

The transform does not import `headrace.data`; it relies on two attributes. Data with `parts` is read part by
part, and so is a list of record batches. Data with `prune_columns` can skip columns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from headrace.errors import UsageError

__all__ = ["BatchPart", "Part", "find_parts", "prune_columns", "require_parts"]


class Part(Protocol):
    """A share of the rows that can be read without the others; picklable where another process reads it."""

    @property
    def fingerprint(self) -> str:
        """A string that identifies the rows, the same in every process until they change."""
        ...

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Read its rows in order."""
        ...


@dataclass(frozen=True)
class BatchPart:
    """A record batch in memory as a part."""

    batch: pa.RecordBatch

    @property
    def fingerprint(self) -> str:
        """A digest of all values."""
        return hashlib.blake2b(self._to_stream(), digest_size=16).hexdigest()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return iter([self.batch])

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle a slice without the rest of the batch that it was cut from."""
        return _from_stream, (self._to_stream(),)

    def _to_stream(self) -> bytes:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.batch.schema) as writer:
            writer.write_batch(self.batch)
        return sink.getvalue().to_pybytes()


def _from_stream(data: bytes) -> BatchPart:
    return BatchPart(pa.ipc.open_stream(data).read_next_batch())


def find_parts(data: Iterable[pa.RecordBatch]) -> Sequence[Part] | None:
    """Return the parts of `data`, or None if it cannot be read in parts."""
    if isinstance(data, list | tuple):
        return [BatchPart(batch) for batch in data]
    parts: Any = getattr(data, "parts", None)
    return parts


def require_parts(data: Iterable[pa.RecordBatch]) -> Sequence[Part]:
    """Return the parts of `data`.

    Raises:
        UsageError: It cannot be read in parts.
    """
    parts = find_parts(data)
    if parts is None:
        raise UsageError(
            "the data cannot be read in independent parts",
            hint="give a Dataset of files without take, skip, shard, repeat or cache",
        )
    return parts


def prune_columns(data: Any, columns: Iterable[str]) -> Any:
    """Return the data without columns other than these, if it can skip columns; otherwise `data` itself."""
    prune = getattr(data, "prune_columns", None)
    return prune(tuple(columns)) if callable(prune) else data

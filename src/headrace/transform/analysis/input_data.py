"""The schema of record batches before the first pass over them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from headrace.errors import UsageError
from headrace.transform.analysis.parts import Part, find_parts

__all__ = ["Opened", "open_batches"]


class Opened:
    """Batches of which the first has been taken already, for the sake of its schema.

    Attributes:
        is_once: Whether they can be gone over once only.
    """

    def __init__(self, data: Iterable[pa.RecordBatch], first: pa.RecordBatch, rest: Iterator[Any]) -> None:
        self._data = data
        self._begun: Iterator[pa.RecordBatch] | None = itertools.chain([first], rest)
        self.is_once = rest is data

    @property
    def parts(self) -> Sequence[Part] | None:
        """See `headrace.transform.analysis.parts`."""
        return find_parts(self._data)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        begun, self._begun = self._begun, None
        return iter(self._data) if begun is None else begun


def open_batches(data: Any) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
    """The schema that the data tells, else that of its first batch; and all batches.

    Raises:
        UsageError: There is no batch.
    """
    schema = getattr(data, "schema", None)
    if isinstance(schema, pa.Schema):
        return schema, data
    iterator = iter(data)
    first = next(iterator, None)
    if first is None:
        raise UsageError("there is no data to analyze", hint="check the paths and filters it came from")
    return first.schema, Opened(data, first, iterator)

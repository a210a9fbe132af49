"""What a parser reads, as the source of a `Dataset` whose rows can be read by number."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.data import Dataset
from headrace.storage import file_stamp

__all__ = ["ParsedRows", "ParsedSource", "parsed_dataset"]

_BATCH_ROWS = 1024
_BATCH_BYTES = 8 << 20
_SAMPLE = 1 << 16  # bytes of each end of a file


@dataclass(frozen=True)
class ParsedRows:
    """Rows by number.

    Attributes:
        num_rows: The number of rows.
        row_bytes: The average size of a row in bytes, an estimate.
        make_batch: Reads the rows of some numbers, int64 [n]; any thread may call it.
        blocks: None: every row can be read by itself.
        in_memory: False.
    """

    num_rows: int
    row_bytes: float
    make_batch: Callable[[NDArray[np.int64]], pa.RecordBatch]
    blocks: NDArray[np.int64] | None = None
    in_memory: bool = False

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Read the rows of these numbers, in this order."""
        return self.make_batch(rows)

    def scan(self, start: int = 0) -> Iterator[pa.RecordBatch]:
        """Read the rows from number `start` on, in batches of about 8 MiB."""
        size = max(1, min(_BATCH_ROWS, int(_BATCH_BYTES / max(self.row_bytes, 1))))
        for first in range(start, self.num_rows, size):
            yield self.make_batch(np.arange(first, min(first + size, self.num_rows)))


@dataclass(frozen=True)
class ParsedSource:
    """The rows of files of a publisher.

    Attributes:
        schema: The columns.
        files: The files that are read.
        open: Opens the rows: a function of a module, or `functools.partial` of one, for other processes.
    """

    schema: pa.Schema
    files: tuple[str, ...]
    open: Callable[[], ParsedRows]

    @property
    def num_rows(self) -> int:
        """The number of rows; opens the files."""
        return self._rows.num_rows

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read all rows in order."""
        return self._rows.scan()

    def open_rows(self) -> ParsedRows:
        """Open the rows by number."""
        return self._rows

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the files' names, sizes and ends, and of the columns."""
        digest = hashlib.blake2b(self.schema.serialize().to_pybytes(), digest_size=16)
        for each in map(Path, self.files):
            size = each.stat().st_size
            with each.open("rb") as file:
                digest.update(f"{each.name}:{size}:".encode() + file.read(_SAMPLE))
                file.seek(max(0, size - _SAMPLE))
                digest.update(file.read(_SAMPLE))
        return digest.hexdigest()

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever a file may have changed."""
        stamps = " ".join(str(file_stamp(each)) for each in self.files)
        return hashlib.blake2b(f"{stamps} {self.fingerprint}".encode(), digest_size=16).hexdigest()

    @cached_property
    def _rows(self) -> ParsedRows:
        return self.open()


def parsed_dataset(schema: pa.Schema, files: tuple[Path, ...], open_: Callable[[], ParsedRows]) -> Dataset:
    """Make the dataset of a `ParsedSource`."""
    return Dataset(ParsedSource(schema, tuple(map(str, files)), open_))

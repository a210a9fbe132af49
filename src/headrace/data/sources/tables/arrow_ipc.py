"""Read Arrow IPC files and streams, Feather files (version 2) among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, files_fingerprint
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.find_files import find_files
from headrace.data.sources.tables.ipc_file import (
    count_rows,
    is_compressed,
    is_stream,
    read_batches,
    read_schema,
)
from headrace.data.sources.tables.ipc_rows import IpcRows, open_ipc_rows
from headrace.errors import SchemaError
from headrace.storage import Paths, local_path

__all__ = ["ArrowIpcSource"]

_BATCH_ROWS = 65_536  # at most


@dataclass(frozen=True)
class ArrowIpcSource:
    """Arrow IPC files or streams (`.arrow`, `.arrows`, `.feather`) of one schema.

    Rows of local files can be read by number, unless their buffers are compressed; see `IpcRows`. No batch
    refers to a file: reading on in a file that has been cut is an error, and the batches that were read stay
    valid. Streams compressed as a whole (`.gz`, `.bz2`, `.zst`) are read from the start.
    Offsets and strings are checked before they are used.

    Attributes:
        files: The files, in reading order.
        columns: The columns to read; None is all.
    """

    files: tuple[str, ...]
    columns: tuple[str, ...] | None = None

    @classmethod
    def from_paths(cls, paths: Paths, columns: Sequence[str] | None = None) -> ArrowIpcSource:
        """Create a source from files.

        Raises:
            UsageError: A file does not exist.
        """
        return cls(find_files(paths, r"\.(arrow|arrows|feather|ipc)"), as_tuple(columns))

    @cached_property
    def schema(self) -> pa.Schema:
        """The chosen columns of the first file.

        Raises:
            SchemaError: A file is not an Arrow file, it differs from the first, or it lacks a chosen column.
        """
        first = read_schema(self.files[0], self.columns)
        for file in self.files[1:]:
            if not read_schema(file, self.columns).equals(first):
                raise SchemaError(
                    f"the columns differ from those of {self.files[0]}",
                    path=file,
                    hint="read the files separately, or write them with one schema",
                )
        return pa.schema(list(select_columns(first, self.columns, self.files[0])))

    @property
    def num_rows(self) -> int | None:
        """The number of rows, from the headers of the batches; None if a stream must be read to count."""
        return self._count

    @cached_property
    def _count(self) -> int | None:
        unknown = [file for file in self.files if is_compressed(file)]
        unknown += [file for file in self.files if local_path(file) is None and is_stream(file)]
        return None if unknown else sum(map(count_rows, self.files))

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the batches of the files, cut to at most 65,536 rows.

        Raises:
            RecordError: A file is truncated or corrupt.
        """
        schema = self.schema
        for file in self.files:
            yield from read_batches(file, schema, _BATCH_ROWS)

    def open_rows(self) -> IpcRows | None:
        """Open the rows by number; None unless all files are local and their buffers uncompressed."""
        return self._rows

    @cached_property
    def _rows(self) -> IpcRows | None:
        if any(local_path(file) is None or is_compressed(file) for file in self.files):
            return None
        return open_ipc_rows(self.files, self.schema, _BATCH_ROWS)

    def select_columns(self, columns: Sequence[str]) -> ArrowIpcSource:
        """Return a source of these columns; see `Selectable`."""
        return replace(self, columns=tuple(columns))

    def divide(self) -> list[ArrowIpcSource]:
        """Divide into one source per file."""
        return [ArrowIpcSource((file,), tuple(self.schema.names)) for file in self.files]

    @property
    def fingerprint(self) -> str:
        """A digest of the contents of all files, wherever they lie; see `files_fingerprint`."""
        return files_fingerprint(self.files, "arrow_ipc", *(self.columns or ()))

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever the files may have changed; see `files_cache_key`."""
        return files_cache_key(self.files, "arrow_ipc", *(self.columns or ()))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the rows that were opened."""
        return ArrowIpcSource, (self.files, self.columns)

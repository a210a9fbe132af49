"""Read rows of local Arrow IPC files by number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.data.rows import split_rows
from headrace.data.sources.files.batch_rows import BatchRows
from headrace.data.sources.tables.arrow_checks import check_offsets, lies_in, validate
from headrace.data.sources.tables.ipc_file import is_stream, iterate_batches, simplify_batches
from headrace.data.sources.tables.local_file import FileIdentity, MappedFile, guard_mappings, open_file
from headrace.tables import has_dictionary

__all__ = ["IpcRows", "open_ipc_rows"]

_LOADED_BYTES = 256 << 20  # of all files; larger ones are mapped


class _File(NamedTuple):
    """An open file, which stays what it is if another one gets its name.

    Attributes:
        identity: What it was when it was opened.
        opened: The file.
        is_stream: Whether it is a stream, which can only be read from its start.
        starts: The first row of each of its batches among those of all files, and the row after the last.
    """

    identity: FileIdentity
    opened: pa.NativeFile
    is_stream: bool
    starts: NDArray[np.int64]


def open_ipc_rows(files: Sequence[str], schema: pa.Schema, batch_rows: int) -> IpcRows | None:
    """Open the rows of uncompressed local files; None if buffers are compressed.

    Args:
        files: Files or streams.
        schema: The columns to read.
        batch_rows: The largest batch of a scan.

    Raises:
        RecordError: A file is truncated or corrupt.
        UsageError: A file cannot be opened.
    """
    found: list[_File] = []
    mapped: list[MappedFile] = []
    stored: list[pa.RecordBatch] = []
    rows = 0
    for file in files:
        opened, identity, memory = open_file(file), FileIdentity.read(file), MappedFile(file)
        with guard_mappings([memory]):
            batches = list(iterate_batches(file, memory.opened, schema, identity))
            if any(not lies_in(batch, memory.buffer) for batch in batches):
                return None
        starts = np.cumsum([rows, *(batch.num_rows for batch in batches)], dtype=np.int64)
        rows = int(starts[-1])
        found.append(_File(identity, opened, is_stream(file), starts))
        mapped.append(memory)
        stored += batches
    return IpcRows(found, mapped, stored, schema, batch_rows)


class IpcRows:
    """The rows of local Arrow IPC files by number; see `RowReader`.

    No batch refers to a file: its pages vanish when another process cuts it. A scan reads batch by batch.
    `take` reads files of at most 256 MiB as a whole when it is first called; it copies rows of larger files
    from the mapped file. Where that is cut meanwhile, it reads as zeros, which is checked and is an error.

    Args:
        files: The open files.
        mapped: The same files, mapped into memory; not kept if the files are read as a whole.
        batches: Their batches, in the mapped files.
        schema: The columns.
        batch_rows: The largest batch of a scan.
    """

    blocks: NDArray[np.int64] | None = None

    def __init__(
        self,
        files: Sequence[_File],
        mapped: Sequence[MappedFile],
        batches: Sequence[pa.RecordBatch],
        schema: pa.Schema,
        batch_rows: int,
    ) -> None:
        self._files = files
        self._schema = schema
        self._batch_rows = batch_rows
        self.row_bytes = sum(batch.nbytes for batch in batches) / max(self.num_rows, 1)
        self._is_small = sum(file.identity.size for file in files) <= _LOADED_BYTES
        self._mapped = [] if self._is_small else mapped
        self._batches = [] if self._is_small else batches

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        return int(self._files[-1].starts[-1])

    @property
    def in_memory(self) -> bool:
        """Whether the rows are loaded, or will be."""
        return self._is_small

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Gather rows.

        Raises:
            RecordError: A file is corrupt, or has been cut.
        """
        with guard_mappings(self._mapped):
            return self._rows.take(rows)

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        """Read from row `start` on; batches end where those of a scan from the start end.

        Raises:
            RecordError: A file is corrupt, or has been cut.
        """
        for file in self._files:
            if start < file.starts[-1]:
                yield from self._scan_file(file, max(start, int(file.starts[0])))

    def _scan_file(self, file: _File, start: int) -> Iterator[pa.RecordBatch]:
        first = int(np.searchsorted(file.starts, start, "right")) - 1
        at = int(file.starts[first])
        for batch in self._read(file, self._schema, first):
            validate(file.identity.file, batch, at - int(file.starts[0]))
            yield from split_rows(batch.slice(max(start - at, 0)), self._batch_rows)
            at += batch.num_rows

    def _read(self, file: _File, schema: pa.Schema, first: int = 0) -> Iterator[pa.RecordBatch]:
        """Read batches into memory; each call has a position of its own in the file."""
        opened = file.opened.get_stream(0, file.identity.size) if file.is_stream else file.opened
        stored = iterate_batches(file.identity.file, opened, schema, file.identity, first)
        return simplify_batches(file.identity.file, stored)

    @cached_property
    def _rows(self) -> BatchRows:
        if self._is_small:
            batches = [batch for file in self._files for batch in self._load(file)]
            return BatchRows(batches, self._schema, self._batch_rows)
        batches = self._with_own_dictionaries()
        return BatchRows(
            batches,
            self._schema,
            self._batch_rows,
            check_files=self._check_sizes,
            check=partial(check_offsets, self._places, batches),
            check_rows=partial(validate, None),
            find_fault=partial(_find_fault, self._places, batches),
        )

    def _load(self, file: _File) -> Iterator[pa.RecordBatch]:
        row = 0
        for batch in self._read(file, self._schema):
            validate(file.identity.file, batch, row)
            row += batch.num_rows
            yield batch

    def _with_own_dictionaries(self) -> Sequence[pa.RecordBatch]:
        """Replace mapped columns that hold dictionaries, which rows taken from them would share."""
        shared = pa.schema([field for field in self._schema if has_dictionary(field.type)])
        mapped = simplify_batches(self._places[0], self._batches)
        if not len(shared):
            return list(mapped)
        owned = (batch for file in self._files for batch in self._read(file, shared))
        changed: list[pa.RecordBatch] = []
        for batch, columns in zip(mapped, owned, strict=True):
            arrays = [
                columns[name] if name in shared.names else array
                for name, array in zip(self._schema.names, batch.columns, strict=True)
            ]
            changed.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        return changed

    @cached_property
    def _places(self) -> list[str]:
        """The file of each batch."""
        return [file.identity.file for file in self._files for _ in file.starts[1:]]

    def _check_sizes(self, numbers: Iterable[int]) -> None:
        """Check the files of these batches; see `FileIdentity`."""
        counts = np.cumsum([len(file.starts) - 1 for file in self._files])
        for place in np.unique(np.searchsorted(counts, np.fromiter(numbers, np.int64), "right")).tolist():
            self._files[place].identity.check_size()


def _find_fault(places: Sequence[str], batches: Sequence[pa.RecordBatch], number: int) -> None:
    """Raise the error of a corrupt batch, with its file and the row there."""
    before = zip(places[:number], batches, strict=False)
    first = sum(batch.num_rows for place, batch in before if place == places[number])
    validate(places[number], batches[number], first)

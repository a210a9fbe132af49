"""Sources of files in class folders."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.data.sources.files.select_columns import select_columns
from headrace.data.sources.folders.file_rows import FileRows
from headrace.data.sources.folders.file_store import FileStore

__all__ = ["FolderSource"]


@dataclass(frozen=True)
class FolderSource(ABC):
    """Files with their labels, the names of their folders; sorted by label, then file name.

    Attributes:
        path: The folder, a local path or URL.
        columns: The columns to read; None is all.
    """

    sorted_by: ClassVar[str] = "label"
    every_column: ClassVar[pa.Schema]
    """The schema of all columns."""

    path: str
    columns: tuple[str, ...] | None = None

    @property
    def schema(self) -> pa.Schema:
        """The chosen columns, all required."""
        return select_columns(self.every_column, self.columns, self.path)

    @property
    def num_rows(self) -> int:
        """The number of files."""
        return self._rows.num_rows

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the class folders, sorted."""
        return self._store.files.classes

    @property
    def fingerprint(self) -> str:
        """A digest of all names, and of the contents of an archive or of up to 1,024 files."""
        return self._rows.fingerprint

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever a file may have changed."""
        return self._rows.cache_key

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the files in order, in batches of some megabytes.

        Raises:
            UsageError: A file cannot be read, or exceeds the limit.
            SchemaError: A file has another format.
        """
        return self._rows.scan()

    def open_rows(self) -> FileRows:
        """Return a reader of the files by number."""
        return self._rows

    def prune_columns(self, columns: Sequence[str]) -> Self:
        """Return a source that reads these columns only; see `Prunable`."""
        return self.select_columns(columns) if set(columns) <= set(self.schema.names) else self

    def select_columns(self, columns: Sequence[str]) -> Self:
        """Return a source of these columns; see `Selectable`."""
        source = replace(self, columns=tuple(columns))
        vars(source)["_store"] = self._store  # saves listing the folder again
        return source

    @cached_property
    def _rows(self) -> FileRows:
        return self._open_files(self._store)

    @cached_property
    def _store(self) -> FileStore:
        return self._find_files()

    @abstractmethod
    def _find_files(self) -> FileStore:
        """List the files."""

    @abstractmethod
    def _open_files(self, store: FileStore) -> FileRows:
        """Open the files by number."""

"""The rows of a folder of files, by number: a row for each file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, fingerprint, folder_cache_key
from headrace.data.sources.folders.file_store import FileStore
from headrace.parallel import ThreadPool, available_cpus, ordered_map
from headrace.storage import local_path

__all__ = ["FileRows"]

_RUN_BYTES = 4 << 20  # of the files that a thread reads at a time, by their average size
_BATCH_BYTES = 32 << 20  # a batch ends behind the file that reaches it
_PENDING_BYTES = 64 << 20  # read ahead at most
_MOST_THREADS = 8
_NO_LIMIT = 1 << 62
_SAMPLED = 64  # files, to estimate the average size
_STAMPED = 1024  # files whose size and time of change are compared


@dataclass(frozen=True)
class FileRows:
    """The rows of files, numbered as in their list; see `RowReader`. Threads may share it.

    Attributes:
        store: The files and their contents.
        make_batch: Makes the batch of n files from their contents, binary [n], and their numbers, int64 [n].
        reads_contents: Whether the files are read; if not, their contents are null.
        most_rows: The most rows of a batch of `scan`.
        blocks: None: every file can be read by itself.
        in_memory: False.
    """

    store: FileStore
    make_batch: Callable[[pa.Array, NDArray[np.int64]], pa.RecordBatch]
    most_rows: int
    reads_contents: bool = True
    blocks: NDArray[np.int64] | None = None
    in_memory: bool = False

    @property
    def num_rows(self) -> int:
        """The number of files."""
        return len(self.store.files)

    @cached_property
    def row_bytes(self) -> float:
        """The average size of a file in bytes, estimated from 64 of them."""
        is_known = self.num_rows and self.reads_contents
        return float(self.store.find_sizes(self._sample(_SAMPLED)).mean()) if is_known else 0.0

    @property
    def fingerprint(self) -> str:
        """A digest of the names of all files, and of the sizes and contents of up to 1,024."""
        return fingerprint(self.store.files.fingerprint, self.store.identify(self._sample(_STAMPED)))

    @property
    def cache_key(self) -> str:
        """A digest of the names, sizes and times of change of all files, or of an archive."""
        files = self.store.files
        if local_path(files.root) is None:
            return fingerprint(files.fingerprint, self.store.identify(np.arange(self.num_rows)))
        if not Path(files.root).is_dir():
            return files_cache_key([files.root])
        return folder_cache_key(files.root, files.find_paths(np.arange(self.num_rows)).to_pylist())

    def _sample(self, most: int) -> NDArray[np.int64]:
        """Choose at most `most` files, evenly spaced."""
        count = min(most, self.num_rows)
        return np.arange(count) * self.num_rows // max(count, 1)

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Read files, in this order.

        Raises:
            HeadraceError: A file cannot be read, is too large or of another kind.
        """
        return self.make_batch(self._read(rows, _NO_LIMIT), rows)

    def scan(self, start: int = 0) -> Iterator[pa.RecordBatch]:
        """Read the files from number `start` on, in order, some of them ahead by threads.

        Raises:
            HeadraceError: A file cannot be read, is too large or of another kind.
        """
        size = self._choose_run()
        runs = list(self._list_runs(start, size))
        threads = min(available_cpus(), _MOST_THREADS, len(runs))
        if threads <= 1:
            for run in runs:
                yield from self._read_run(run, None)
            return
        pool = ThreadPool(threads - 1, "headrace-files")
        pending = max(1, min(threads + 1, int(_PENDING_BYTES / max(size * self.row_bytes, 1))))
        try:
            for run, batch in ordered_map(self._read_some, iter(runs), pool, most=pending):
                yield from self._read_run(run, batch)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _choose_run(self) -> int:
        return max(1, min(self.most_rows, int(_RUN_BYTES / max(self.row_bytes, 1.0))))

    def _list_runs(self, start: int, size: int) -> Iterator[NDArray[np.int64]]:
        """List the numbers of the files from `start` on, in runs that end at multiples of `size`."""
        while start < self.num_rows:
            stop = min(start - start % size + size, self.num_rows)
            yield np.arange(start, stop)
            start = stop

    def _read(self, rows: NDArray[np.int64], enough: int) -> pa.Array:
        return self.store.read(rows, enough) if self.reads_contents else pa.nulls(len(rows), pa.binary())

    def _read_some(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Read the first files of a run: all of them, unless they are large."""
        contents = self._read(rows, _BATCH_BYTES)
        return self.make_batch(contents, rows[: len(contents)])

    def _read_run(self, rows: NDArray[np.int64], batch: pa.RecordBatch | None) -> Iterator[pa.RecordBatch]:
        """Yield the first batch of a run, and read the others."""
        while len(rows):
            some = self._read_some(rows) if batch is None else batch
            yield some
            rows, batch = rows[some.num_rows :], None

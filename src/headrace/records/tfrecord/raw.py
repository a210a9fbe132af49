"""Read and write record files of any payload: bytes in, bytes out."""

from __future__ import annotations

import os
import warnings
import weakref
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from headrace import _native
from headrace.records.tfrecord.corruption import CorruptionLog, CorruptionReport, OnCorrupt, check_on_corrupt
from headrace.records.tfrecord.framing import Records
from headrace.records.tfrecord.payload import as_bytes
from headrace.records.tfrecord.recovery import read_pieces
from headrace.source_line import user_line
from headrace.storage import AtomicFile, expand_home

__all__ = ["RecordReader", "RecordWriter"]


class RecordReader:
    """An iterable over the payloads of a TFRecord file, local or at a URL; compression is detected.

    Every iteration reads the file from its start.

    Args:
        path: The file.
        on_corrupt: How to handle corrupt records: "raise" an error, "skip" them, or "quarantine" them: skip
            them, and write their bytes next to the file.

    Raises:
        UsageError: (on iteration) The file cannot be opened.
        RecordError: (on iteration) The file is truncated, corrupt, or not a TFRecord file.

    Example:
        >>> from headrace.records import RecordReader, RecordWriter
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "raw.tfrecord"
        >>> with RecordWriter(path) as writer:
        ...     writer.write(b"one")
        >>> list(RecordReader(path))
        [b'one']
    """

    def __init__(self, path: str | os.PathLike[str], on_corrupt: OnCorrupt = "raise") -> None:
        check_on_corrupt(on_corrupt)
        self.path = expand_home(path)
        self._on_corrupt: OnCorrupt = on_corrupt
        self._report = CorruptionReport()

    def __iter__(self) -> Iterator[bytes]:
        log = CorruptionLog(self._on_corrupt)
        try:
            for piece in read_pieces(self.path, self._on_corrupt):
                if isinstance(piece, Records):
                    yield from piece.payloads()
                else:
                    log.add([piece], self.path)
            log.commit()
        finally:
            log.discard()
            self._report = log.report

    @property
    def report(self) -> CorruptionReport:
        """What the last iteration skipped."""
        return self._report


class RecordWriter:
    """Writes payloads to a TFRecord file, which appears under its name when `close` is called.

    As a context manager, closes the file on success and leaves none on error. A writer that is never closed
    leaves no file, and warns (`RuntimeWarning`).

    Args:
        path: The file, local or at a URL; an existing file is replaced.
        compression: None, "gzip" or "zlib".

    Raises:
        UsageError: An unknown compression, or the file cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str], compression: str | None = None) -> None:
        self._file = AtomicFile(path, compression)
        place = user_line() or (__file__, 0)
        self._forgotten = weakref.finalize(self, _discard_forgotten, self._file, os.getpid(), place)

    def write(self, data: Any) -> None:
        """Append one record: bytes, a buffer, or a scalar of a binary Arrow column.

        Raises:
            UsageError: `data` is something else; arrays are encoded by `encode_tensor`.
        """
        self._file.write(_native.frame(as_bytes(data)))

    def close(self) -> None:
        """Complete the file and give it its name."""
        self._forgotten.detach()
        self._file.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._forgotten.detach()
        self._file.__exit__(kind, error, trace)


def _discard_forgotten(file: AtomicFile, process: int, place: tuple[str, int]) -> None:
    """Delete the file of a writer that ends without `close`, also at the end of the program, and warn."""
    if os.getpid() == process:  # not in a fork, which ends without the file of its parent
        file.discard()
        what = f"{file.path} was not written: call close() of its RecordWriter, or open it in a `with` block"
        warnings.warn_explicit(what, RuntimeWarning, *place)

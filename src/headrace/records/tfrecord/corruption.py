"""How readers handle corrupt bytes, and the report of what was lost.

`on_corrupt` is "raise", "skip" or "quarantine". The last writes the corrupt bytes of FILE, end to end, to
FILE.corrupt, and one line for each corrupt range, with its place and what is wrong with it, to
FILE.corrupt.jsonl:

    {"offset": 1016, "length": 1016, "record": 1, "what": "the data do not match their checksum"}

Both files appear when FILE has been read to its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from headrace.arguments import check_choice
from headrace.storage import AtomicFile

__all__ = ["CorruptionLog", "CorruptionReport", "FileCorruption", "Loss", "OnCorrupt", "check_on_corrupt"]

OnCorrupt = Literal["raise", "skip", "quarantine"]
_MOST_LOSSES = 1000


@dataclass(frozen=True)
class Loss:
    """A range of bytes of a file that was skipped.

    Attributes:
        path: The file.
        record: The number, in the file, of the first record lost; a range without headers counts as one.
        offset: The byte offset of the range, in the file's uncompressed bytes.
        length: The number of bytes in the range.
        records: The least number of records lost; 0 if the range continues the loss before it.
        what: What is wrong.
        data: The bytes, if they must be kept.
    """

    path: str
    record: int
    offset: int
    length: int
    records: int
    what: str
    data: NDArray[np.uint8] | None = None

    @property
    def begin(self) -> int:
        """The byte offset of the range."""
        return self.offset

    @property
    def span(self) -> int:
        """The number of bytes in the range."""
        return self.length


@dataclass(frozen=True)
class FileCorruption:
    """What was lost of one file.

    Attributes:
        path: The file.
        records: The least number of records lost: a range without headers counts as one.
        bytes: The number of bytes lost.
        losses: The first thousand losses.
    """

    path: str
    records: int
    bytes: int
    losses: tuple[Loss, ...]


@dataclass(frozen=True)
class CorruptionReport:
    """What was lost so far, with one entry for each file with losses."""

    files: tuple[FileCorruption, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was lost."""
        return not self.files

    @property
    def records(self) -> int:
        """The least number of records lost in all files."""
        return sum(file.records for file in self.files)

    @property
    def bytes(self) -> int:
        """The number of bytes lost in all files."""
        return sum(file.bytes for file in self.files)

    def __str__(self) -> str:
        """Format the report, one line per file.

        >>> str(CorruptionReport((FileCorruption("a.tfrecord", 2, 60, ()),)))
        'a.tfrecord: 2 records lost, 60 bytes'
        """
        lines = [f"{file.path}: {file.records:,} records lost, {file.bytes:,} bytes" for file in self.files]
        return "\n".join(lines) or "nothing lost"


def check_on_corrupt(on_corrupt: str) -> None:
    """Check the value of an `on_corrupt` argument.

    Raises:
        UsageError: It is not one of "raise", "skip" and "quarantine".
    """
    check_choice(on_corrupt, "on_corrupt", ("raise", "skip", "quarantine"))


class _Quarantine:
    """The two files next to a corrupt one."""

    def __init__(self, path: str) -> None:
        self._data = AtomicFile(path + ".corrupt")
        self._log = AtomicFile(path + ".corrupt.jsonl")

    def write(self, data: NDArray[np.uint8]) -> None:
        self._data.write(data.data)

    def describe(self, loss: Loss) -> None:
        line = {"offset": loss.offset, "length": loss.length, "record": loss.record, "what": loss.what}
        self._log.write((json.dumps(line, ensure_ascii=False) + "\n").encode())

    def commit(self) -> None:
        self._data.commit()
        self._log.commit()

    def discard(self) -> None:
        self._data.discard()
        self._log.discard()


class CorruptionLog:
    """Collects losses, in the order of the files, and writes the files of a quarantine.

    Args:
        on_corrupt: With "quarantine", the bytes of losses are written next to their file.

    Raises:
        UsageError: An unknown `on_corrupt`.
    """

    def __init__(self, on_corrupt: OnCorrupt) -> None:
        check_on_corrupt(on_corrupt)
        self.keeps_bytes = on_corrupt == "quarantine"
        self._files: dict[str, FileCorruption] = {}
        self._open: Loss | None = None  # the next loss may continue it
        self._quarantine: _Quarantine | None = None
        self._path = ""

    @property
    def report(self) -> CorruptionReport:
        """What was lost so far."""
        files = dict(self._files)
        if self._open is not None:
            files[self._path] = self._add_to_file(self._open)
        return CorruptionReport(tuple(files.values()))

    def add(self, losses: Iterable[Loss], path: str) -> None:
        """Add losses, after which reading has reached the file `path`."""
        for loss in losses:
            self._advance_to(loss.path)
            self._add(loss)
        self._advance_to(path)

    def commit(self) -> None:
        """Complete the report and the quarantine: all files have been read to their ends."""
        self._close_loss()
        if self._quarantine is not None:
            self._quarantine.commit()
            self._quarantine = None

    def discard(self) -> None:
        """Drop the quarantine of the last file: reading stops before its end."""
        if self._quarantine is not None:
            self._quarantine.discard()
            self._quarantine = None

    def _advance_to(self, path: str) -> None:
        if path != self._path:
            self.commit()
            self._path = path

    def _add(self, loss: Loss) -> None:
        if self.keeps_bytes and loss.data is not None:
            self._quarantine = self._quarantine or _Quarantine(loss.path)
            self._quarantine.write(loss.data)
        loss = replace(loss, data=None)
        if self._open is not None and not loss.records:
            self._open = replace(self._open, length=self._open.length + loss.length)
            return
        self._close_loss()
        self._open = loss

    def _close_loss(self) -> None:
        if self._open is None:
            return
        if self._quarantine is not None:
            self._quarantine.describe(self._open)
        self._files[self._path] = self._add_to_file(self._open)
        self._open = None

    def _add_to_file(self, loss: Loss) -> FileCorruption:
        known = self._files.get(self._path) or FileCorruption(self._path, 0, 0, ())
        losses = (*known.losses, loss) if len(known.losses) < _MOST_LOSSES else known.losses
        return FileCorruption(self._path, known.records + loss.records, known.bytes + loss.length, losses)

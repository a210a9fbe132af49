"""What reading does about bytes that are not what they should be, and the report of what was lost.

`on_corrupt` is "raise", "skip" or "quarantine". The last writes the bad bytes of FILE, end to end, to
FILE.corrupt and says of each stretch in FILE.corrupt.jsonl where it lay and what is wrong with it:

    {"offset": 1016, "length": 1016, "record": 1, "what": "the data do not match their checksum"}

Both appear when FILE has been read to its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from headrace.errors import UsageError
from headrace.storage import AtomicFile

__all__ = ["CorruptionLog", "CorruptionReport", "FileCorruption", "Loss", "OnCorrupt", "check_on_corrupt"]

OnCorrupt = Literal["raise", "skip", "quarantine"]
_MOST_LOSSES = 1000


@dataclass(frozen=True)
class Loss:
    """A stretch of a file that was passed over.

    Attributes:
        path: The file.
        record: The number, in the file, of the first record lost; a stretch without headers counts as one.
        offset: Where it starts, in the file's uncompressed bytes.
        length: How many bytes it has.
        records: How many records were lost, at least; 0 if the stretch goes on from the loss before it.
        what: What is wrong.
        data: The bytes, if they are to be kept.
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
        """Where in the file it starts."""
        return self.offset

    @property
    def span(self) -> int:
        """How many bytes of the file it is."""
        return self.length


@dataclass(frozen=True)
class FileCorruption:
    """What was lost of one file.

    Attributes:
        path: The file.
        records: How many records, at least: a stretch without headers counts as one.
        bytes: How many bytes.
        losses: The first thousand stretches.
    """

    path: str
    records: int
    bytes: int
    losses: tuple[Loss, ...]


@dataclass(frozen=True)
class CorruptionReport:
    """What was lost so far, one entry a file that lost something."""

    files: tuple[FileCorruption, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was lost."""
        return not self.files

    @property
    def records(self) -> int:
        """Records lost in all files, at least."""
        return sum(file.records for file in self.files)

    @property
    def bytes(self) -> int:
        """Bytes lost in all files."""
        return sum(file.bytes for file in self.files)

    def __str__(self) -> str:
        """One line a file.

        >>> str(CorruptionReport((FileCorruption("a.tfrecord", 2, 60, ()),)))
        'a.tfrecord: 2 records lost, 60 bytes'
        """
        lines = [f"{file.path}: {file.records:,} records lost, {file.bytes:,} bytes" for file in self.files]
        return "\n".join(lines) or "nothing lost"


def check_on_corrupt(on_corrupt: str) -> None:
    """Refuses a word that is none of the three.

    Raises:
        UsageError: It is none.
    """
    if on_corrupt not in ("raise", "skip", "quarantine"):
        raise UsageError(f"on_corrupt={on_corrupt!r} is unknown", hint='use "raise", "skip" or "quarantine"')


class _Quarantine:
    """The two files beside a damaged one."""

    def __init__(self, path: str) -> None:
        self._data = AtomicFile(path + ".corrupt")
        self._log = AtomicFile(path + ".corrupt.jsonl")

    def keep(self, data: NDArray[np.uint8]) -> None:
        self._data.write(data.data)

    def tell(self, loss: Loss) -> None:
        line = {"offset": loss.offset, "length": loss.length, "record": loss.record, "what": loss.what}
        self._log.write((json.dumps(line, ensure_ascii=False) + "\n").encode())

    def commit(self) -> None:
        self._data.commit()
        self._log.commit()

    def discard(self) -> None:
        self._data.discard()
        self._log.discard()


class CorruptionLog:
    """Takes losses in the order of the files.

    Args:
        quarantine: Whether the bytes are written beside their file.
    """

    def __init__(self, on_corrupt: OnCorrupt) -> None:
        check_on_corrupt(on_corrupt)
        self.keeps_bytes = on_corrupt == "quarantine"
        self._files: dict[str, FileCorruption] = {}
        self._open: Loss | None = None  # may go on
        self._quarantine: _Quarantine | None = None
        self._path = ""

    @property
    def report(self) -> CorruptionReport:
        """What was lost so far."""
        files = dict(self._files)
        if self._open is not None:
            files[self._path] = self._with(self._open)
        return CorruptionReport(tuple(files.values()))

    def add(self, losses: Iterable[Loss], path: str) -> None:
        """Notes losses; reading has come to the file `path`."""
        for loss in losses:
            self._come_to(loss.path)
            self._add(loss)
        self._come_to(path)

    def commit(self) -> None:
        """All files have been read to their ends."""
        self._close_loss()
        if self._quarantine is not None:
            self._quarantine.commit()
            self._quarantine = None

    def discard(self) -> None:
        """Reading ends early: what the last file lost is not written."""
        if self._quarantine is not None:
            self._quarantine.discard()
            self._quarantine = None

    def _come_to(self, path: str) -> None:
        if path != self._path:
            self.commit()
            self._path = path

    def _add(self, loss: Loss) -> None:
        if self.keeps_bytes and loss.data is not None:
            self._quarantine = self._quarantine or _Quarantine(loss.path)
            self._quarantine.keep(loss.data)
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
            self._quarantine.tell(self._open)
        self._files[self._path] = self._with(self._open)
        self._open = None

    def _with(self, loss: Loss) -> FileCorruption:
        known = self._files.get(self._path) or FileCorruption(self._path, 0, 0, ())
        losses = (*known.losses, loss) if len(known.losses) < _MOST_LOSSES else known.losses
        return FileCorruption(self._path, known.records + loss.records, known.bytes + loss.length, losses)

"""The records of a damaged file that are whole, and the stretches that are not.

Behind data with a wrong checksum the next record is where the header says. Behind a header with a wrong
checksum it is found by searching for the next header whose checksum is right and whose length fits into the
file, which agree by chance once in 2**65 places. Only a payload that itself holds whole records can be
mistaken for the file's own, and only behind such damage. What a file that ends too early holds of its last
record is lost.

A flipped bit in a compressed file can repeat stretches of what came before, records and all. So where
compression is damaged, everything from the first bad record on is lost.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from functools import cached_property

from headrace import _native
from headrace._native import FrameState
from headrace.errors import HeadraceError, RecordError
from headrace.records.tfrecord.corruption import Loss, OnCorrupt
from headrace.records.tfrecord.framing import FOOTER_SIZE, HEADER_SIZE, LARGEST_RECORD, Records
from headrace.records.tfrecord.scan import Scan, is_intact, open_scan, scan_file

__all__ = ["file_pieces"]


class _Salvage:
    def __init__(self, scan: Scan, keep_bytes: bool) -> None:
        self._scan = scan
        self._keep_bytes = keep_bytes
        self._search: str | None = None  # what is wrong with the bytes that are passed over
        self._is_cut = False  # nothing more will be found

    @cached_property
    def _is_trusted(self) -> bool:
        """Whether the bytes behind a bad record are those that were written."""
        return not self._scan.is_compressed or is_intact(self._scan.path)

    def pieces(self) -> Iterator[Records | Loss]:
        """All of the file, in order."""
        scan = self._scan
        while not scan.at_end:
            scan.read_on()
            while self._search is None or (yield from self._found()):
                records, state = scan.frames()
                if len(records):
                    yield records
                error = scan.trouble(state)
                if error is None:
                    break
                yield self._damage(error, state)

    def _damage(self, error: HeadraceError, state: FrameState) -> Loss:
        """Passes over the record at fault, or over the first byte of a search."""
        if not isinstance(error, RecordError):
            raise error
        if self._is_trusted and state == FrameState.BAD_DATA_CHECKSUM:
            return self._lose(HEADER_SIZE + self._scan.claimed + FOOTER_SIZE, error.what, 1)
        is_short = state == FrameState.PARTIAL and self._scan.claimed <= LARGEST_RECORD
        self._is_cut = is_short or not self._is_trusted
        self._search = error.what
        return self._lose(min(1, len(self._scan.tail)), error.what, 1)

    def _found(self) -> Generator[Loss, None, bool]:
        """Passes over bytes up to the next header; whether there is one."""
        scan, what = self._scan, self._search or ""
        at = len(scan.tail) if self._is_cut else _native.find_header(scan.tail, LARGEST_RECORD, scan.left)
        if scan.at_end and len(scan.tail) - at < HEADER_SIZE:
            at = len(scan.tail)
        if at:
            yield self._lose(at, what, 0)
        if len(scan.tail) >= HEADER_SIZE:
            self._search = None
        return self._search is None

    def _lose(self, size: int, what: str, records: int) -> Loss:
        scan = self._scan
        data = scan.tail[:size] if self._keep_bytes else None
        loss = Loss(scan.path, scan.record, scan.offset, size, records, what, data)
        scan.pass_over(size, records)
        return loss


def file_pieces(path: str, on_corrupt: OnCorrupt, verify: bool = True) -> Iterator[Records | Loss]:
    """The file's whole records and its losses, in order, a megabyte or one long record at a time.

    Args:
        path: The file.
        on_corrupt: What becomes of damage.
        verify: Whether to verify the data's checksums; else, if damage is to be an error, whoever reads the
            data does.

    Raises:
        UsageError: The file cannot be opened or read.
        RecordError: It is damaged, and `on_corrupt` is "raise".
    """
    if on_corrupt == "raise":
        yield from scan_file(path, verify)
        return
    with closing(open_scan(path)) as scan:
        yield from _Salvage(scan, keep_bytes=on_corrupt == "quarantine").pieces()

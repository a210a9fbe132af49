"""Recover the intact records of a corrupt file.

After data with a wrong checksum, the next record is where the header says. After a header with a wrong
checksum, the next record is found by searching for a header whose checksum is right and whose length fits
into the file, which happens by chance once in 2**65 places. Only records inside a payload can be mistaken for
records of the file, and only after such a header. The incomplete last record of a truncated file is lost.

A flipped bit in a compressed file can repeat earlier bytes, including complete records. So if the compressed
data are corrupt, everything from the first corrupt record on is lost.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing

from headrace import _native
from headrace._native import FrameState
from headrace.cached_property import cached_property
from headrace.errors import HeadraceError, RecordError
from headrace.records.tfrecord.corruption import Loss, OnCorrupt
from headrace.records.tfrecord.framing import FOOTER_SIZE, HEADER_SIZE, LARGEST_RECORD, Records
from headrace.records.tfrecord.scan import Scan, is_intact, open_scan, scan_file

__all__ = ["read_pieces"]


class _Recovery:
    """Divides a scan into intact records and losses."""

    def __init__(self, scan: Scan, keep_bytes: bool) -> None:
        self._scan = scan
        self._keep_bytes = keep_bytes
        self._search: str | None = (
            None  # what is wrong with the bytes before the next header, while searching
        )
        self._is_cut = False  # no more records can be recovered

    @cached_property
    def _is_trusted(self) -> bool:
        """Whether the bytes after a corrupt record are those that were written."""
        return not self._scan.is_compressed or is_intact(self._scan.path)

    def pieces(self) -> Iterator[Records | Loss]:
        """Yield the whole file, in order."""
        scan = self._scan
        while not scan.at_end:
            scan.read_block()
            while self._search is None or (yield from self._find_header()):
                records, state = scan.take_records()
                if len(records):
                    yield records
                error = scan.find_error(state)
                if error is None:
                    break
                yield self._skip_corrupt(error, state)

    def _skip_corrupt(self, error: HeadraceError, state: FrameState) -> Loss:
        """Skip the corrupt record, or the first byte of a search."""
        if not isinstance(error, RecordError):
            raise error
        if self._is_trusted and state == FrameState.BAD_DATA_CHECKSUM:
            return self._lose(HEADER_SIZE + self._scan.claimed + FOOTER_SIZE, error.what, 1)
        is_short = state == FrameState.PARTIAL and self._scan.claimed <= LARGEST_RECORD
        self._is_cut = is_short or not self._is_trusted
        self._search = error.what
        return self._lose(min(1, len(self._scan.tail)), error.what, 1)

    def _find_header(self) -> Generator[Loss, None, bool]:
        """Skip bytes up to the next header; return whether it was found."""
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
        scan.skip(size, records)
        return loss


def read_pieces(path: str, on_corrupt: OnCorrupt, verify: bool = True) -> Iterator[Records | Loss]:
    """Read the intact records and the losses of a file, in order, a block at a time.

    Args:
        path: The file.
        on_corrupt: How to handle corrupt bytes.
        verify: Whether to verify the checksums of the data. If not, and `on_corrupt` is "raise", the caller
            must verify them; otherwise they are verified in any case.

    Raises:
        UsageError: The file cannot be opened or read.
        RecordError: The file is corrupt, and `on_corrupt` is "raise".
    """
    if on_corrupt == "raise":
        yield from scan_file(path, verify)
        return
    with closing(open_scan(path)) as scan:
        yield from _Recovery(scan, keep_bytes=on_corrupt == "quarantine").pieces()

"""Groups of records and losses that become one batch, parsed by whichever thread takes the group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from headrace.errors import RecordError
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.reading.chunks import Chunk, Piece
from headrace.records.tfrecord.corruption import Loss, OnCorrupt
from headrace.records.tfrecord.framing import FOOTER_SIZE, HEADER_SIZE, Records

__all__ = ["GroupBuilder", "ParsedGroup", "RecordGroup", "group_size", "parse_group"]

_MOST_PIECES = 10_000  # of a group, since each holds memory of its own: tiny files that are streams

RecordGroup: TypeAlias = list[Piece]


class ParsedGroup(NamedTuple):
    """A parsed group.

    Attributes:
        batch: Its records, or None if it holds none.
        losses: What is corrupt or does not match the schema.
        path: The file that reading has reached.
    """

    batch: pa.RecordBatch | None
    losses: list[Loss]
    path: str


class GroupBuilder:
    """Collects unparsed records and losses."""

    def __init__(self) -> None:
        self._group: RecordGroup = []

    @property
    def is_empty(self) -> bool:
        """Whether the group is empty."""
        return not self._group

    @property
    def is_full(self) -> bool:
        """Whether the group must end before it has all its records."""
        return len(self._group) == _MOST_PIECES

    def append(self, _chunk: Chunk, piece: Piece, rows: int) -> tuple[int, int, Piece | None]:
        """Append at most `rows` records, or a loss; see `BatchBuilder.append`."""
        if isinstance(piece, Loss):
            self._group.append(piece)
            return 0, piece.span, None
        part, rest = piece.split(rows)
        self._group.append(part)
        return len(part), part.span, rest

    def finish(self) -> RecordGroup:
        """Return the group, and begin the next."""
        group, self._group = self._group, []
        return group


def group_size(group: RecordGroup) -> int:
    """Compute the number of bytes that a group keeps in memory."""
    return sum(map(_size, group))


def _size(piece: Piece) -> int:
    if isinstance(piece, Records):
        return int(piece.lengths.sum())
    return 0 if piece.data is None else len(piece.data)


def _parse(parser: BatchParser, records: list[Records]) -> pa.RecordBatch | None:
    rows = sum(map(len, records))
    if not rows:
        return None
    parser = parser.fresh()
    parser.reserve(rows, sum(map(_size, records)))
    for part in records:
        parser.append(part)
    return parser.finish()


def _find_mismatches(parser: BatchParser, records: Records) -> Iterator[tuple[int, RecordError]]:
    """The rows that do not match the schema, each with its error."""
    start = 0
    while start < len(records):
        try:
            parser.fresh().append(records.slice(start, len(records)))
        except RecordError as error:
            row = (error.record or 0) - records.first
            yield row, error
            start = row + 1
        else:
            return


def _make_loss(records: Records, row: int, error: RecordError, keep_bytes: bool) -> Loss:
    start, stop = int(records.starts[row]) - HEADER_SIZE, int(records.starts[row] + records.lengths[row])
    data = records.data[start : stop + FOOTER_SIZE] if keep_bytes else None
    what = error.what if error.feature is None else f"feature '{error.feature}': {error.what}"
    place = records.place(row)
    return Loss(place.path or "", place.record, place.offset or 0, stop + FOOTER_SIZE - start, 1, what, data)


def _filter(parser: BatchParser, records: Records, keep_bytes: bool) -> tuple[Records, list[Loss]]:
    """Separate the records that match the schema from the losses."""
    mismatches = dict(_find_mismatches(parser, records))
    is_valid = np.ones(len(records), np.bool_)
    is_valid[list(mismatches)] = False
    starts, lengths = records.starts[is_valid], records.lengths[is_valid]
    valid = Records(
        records.path, records.first, records.offset, records.data, starts, lengths, verified=records.verified
    )
    return valid, [_make_loss(records, row, error, keep_bytes) for row, error in mismatches.items()]


def parse_group(parser: BatchParser, group: RecordGroup, on_corrupt: OnCorrupt) -> ParsedGroup:
    """Parse a group into a batch, with fresh copies of `parser`.

    Raises:
        RecordError: A record does not match the schema, and `on_corrupt` is "raise".
    """
    path = group[-1].path or ""
    losses = [piece for piece in group if isinstance(piece, Loss)]
    try:
        batch = _parse(parser, [piece for piece in group if isinstance(piece, Records)])
        return ParsedGroup(batch, losses, path)
    except RecordError:
        if on_corrupt == "raise":
            raise
    losses, records = [], list[Records]()
    for piece in group:
        if isinstance(piece, Loss):
            losses.append(piece)
        else:
            valid, lost = _filter(parser, piece, on_corrupt == "quarantine")
            records.append(valid)
            losses += lost
    return ParsedGroup(_parse(parser, records), losses, path)

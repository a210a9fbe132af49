"""Records of several files put together, and parsed, a batch at a time.

Several processors parse whole groups of records. One alone parses each piece as soon as it is read and lets
go of it: it is read, checked and parsed in the processor's cache, in memory that is there already.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from headrace.errors import RecordError
from headrace.records.corruption import Loss, OnCorrupt
from headrace.records.framing import FOOTER_SIZE, HEADER_SIZE, Records
from headrace.records.parse import BatchParser

__all__ = ["BATCH_BYTES", "Group", "Parsed", "groups", "parse", "parse_as_read", "size"]

BATCH_BYTES = 1 << 24  # a batch of that many bytes is given, however few records it has
_MOST_PIECES = 10_000

Group: TypeAlias = list[Records | Loss]


class Parsed(NamedTuple):
    """What comes of a group: a batch if it holds a row, losses, and the file that reading has come to."""

    batch: pa.RecordBatch | None
    losses: list[Loss]
    path: str


def size(group: Group) -> int:
    """How many bytes a group holds on to."""
    return sum(map(_size, group))


def _size(piece: Records | Loss) -> int:
    if isinstance(piece, Records):
        return int(piece.lengths.sum())
    return 0 if piece.data is None else len(piece.data)


def _split(piece: Records | Loss, rows: int) -> tuple[Records | Loss, Records | None]:
    """At most `rows` rows of it, and the rest."""
    if isinstance(piece, Loss) or len(piece) <= rows:
        return piece, None
    return piece.slice(0, rows), piece.slice(rows, len(piece))


def _parts(pieces: Iterable[Records | Loss], batch_size: int) -> Iterator[tuple[Records | Loss, bool]]:
    """All pieces in order, cut where groups end, each with whether one ends with it."""
    rows = bytes_ = count = 0
    for piece in pieces:
        rest: Records | Loss | None = piece
        while rest is not None:
            part, rest = _split(rest, batch_size - rows)
            rows += len(part) if isinstance(part, Records) else 0
            bytes_ += _size(part)
            count += 1
            is_last = rows == batch_size or bytes_ >= BATCH_BYTES or count == _MOST_PIECES
            if is_last:
                rows = bytes_ = count = 0
            yield part, is_last


def groups(pieces: Iterable[Records | Loss], batch_size: int) -> Generator[Group]:
    """All pieces in order, in groups of `batch_size` records or of `BATCH_BYTES`; a group may span files."""
    group: Group = []
    for part, is_last in _parts(pieces, batch_size):
        group.append(part)
        if is_last:
            yield group
            group = []
    if group:
        yield group


def _expected(part: Records, batch_size: int) -> tuple[int, int]:
    """How many records, and how many bytes of them, a group has that starts with these."""
    bytes_ = _size(part)
    rows = max(len(part), min(batch_size, len(part) * BATCH_BYTES // max(bytes_, 1)))
    return rows, rows * bytes_ // len(part) * 9 // 8  # the rest may be a little longer


def parse_as_read(
    parser: BatchParser, pieces: Iterable[Records | Loss], batch_size: int
) -> Generator[pa.RecordBatch]:
    """The batches of the groups that `groups` makes, of pieces none of which is a loss.

    Raises:
        RecordError: A record does not fit the schema; all batches before it have been given.
    """
    growing: BatchParser | None = None
    for part, is_last in _parts(pieces, batch_size):
        assert isinstance(part, Records)
        if growing is None:
            growing = parser.fresh()
            growing.reserve(*_expected(part, batch_size))
        growing.append(part)
        if is_last:
            yield growing.finish()
            growing = None
    if growing is not None:
        yield growing.finish()


def _batch(parser: BatchParser, records: list[Records]) -> pa.RecordBatch | None:
    rows = sum(map(len, records))
    if not rows:
        return None
    parser = parser.fresh()
    parser.reserve(rows, sum(map(_size, records)))
    for some in records:
        parser.append(some)
    return parser.finish()


def _misfits(parser: BatchParser, records: Records) -> Iterator[tuple[int, RecordError]]:
    """The rows that do not fit the schema, each with what is wrong with it."""
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


def _loss(records: Records, row: int, error: RecordError, keep_bytes: bool) -> Loss:
    start, stop = int(records.starts[row]) - HEADER_SIZE, int(records.starts[row] + records.lengths[row])
    data = records.data[start : stop + FOOTER_SIZE] if keep_bytes else None
    what = error.what if error.feature is None else f"feature '{error.feature}': {error.what}"
    place = records.place(row)
    return Loss(place.path or "", place.record, place.offset or 0, stop + FOOTER_SIZE - start, 1, what, data)


def _sifted(parser: BatchParser, piece: Records, keep_bytes: bool) -> tuple[Records, list[Loss]]:
    """The records that fit the schema, and the losses."""
    misfits = dict(_misfits(parser, piece))
    fits = np.ones(len(piece), np.bool_)
    fits[list(misfits)] = False
    starts, lengths = piece.starts[fits], piece.lengths[fits]
    kept = Records(
        piece.path, piece.first, piece.offset, piece.data, starts, lengths, verified=piece.verified
    )
    return kept, [_loss(piece, row, error, keep_bytes) for row, error in misfits.items()]


def parse(parser: BatchParser, group: Group, on_corrupt: OnCorrupt) -> Parsed:
    """A group's batch, by fresh copies of `parser`.

    Raises:
        RecordError: A record does not fit the schema, and `on_corrupt` is "raise".
    """
    path = group[-1].path or ""
    losses = [piece for piece in group if isinstance(piece, Loss)]
    try:
        return Parsed(_batch(parser, [piece for piece in group if isinstance(piece, Records)]), losses, path)
    except RecordError:
        if on_corrupt == "raise":
            raise
    losses, records = [], list[Records]()
    for piece in group:
        if isinstance(piece, Loss):
            losses.append(piece)
        else:
            kept, lost = _sifted(parser, piece, on_corrupt == "quarantine")
            records.append(kept)
            losses += lost
    return Parsed(_batch(parser, records), losses, path)

"""Records of several files put together, and parsed, a batch at a time: for several processors."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from headrace.errors import RecordError
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.reading.chunks import Filling, stretch_end
from headrace.records.tfrecord.corruption import Loss, OnCorrupt
from headrace.records.tfrecord.framing import FOOTER_SIZE, HEADER_SIZE, Records

__all__ = ["Group", "Parsed", "cut", "groups", "parse", "size"]

_MOST_PIECES = 10_000  # of a group, for each takes memory: so many tiny files that are streams end a batch

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


def cut(records: Records, rows: int, stop: int) -> tuple[Records, Records | None]:
    """The first records, so many at most, as long as they start before `stop` in the file; and the rest."""
    if records.begin + records.span > stop:
        rows = min(rows, int(np.searchsorted(records.starts + (records.offset - HEADER_SIZE), stop)))
    if len(records) <= rows:
        return records, None
    return records.slice(0, rows), records.slice(rows, len(records))


def groups(files: Iterable[Iterable[Records | Loss]], batch_size: int) -> Generator[Group]:
    """The files' pieces in order, in a group for each batch; a group may span files."""
    group: Group = []
    filling = Filling(batch_size)
    for pieces in files:
        stop = stretch_end(0)
        for piece in pieces:
            rest: Records | Loss | None = piece
            while rest is not None:
                if rest.begin >= stop:
                    if filling.ends_with_stretch():
                        yield group
                        group = []
                    stop = stretch_end(rest.begin)
                part, rest = cut(rest, filling.rows, stop) if isinstance(rest, Records) else (rest, None)
                group.append(part)
                filling.add(len(part) if isinstance(part, Records) else 0, part.span)
                if filling.is_full or len(group) == _MOST_PIECES:
                    yield group
                    group = []
                    filling.restart()
        if filling.ends_with_stretch():
            yield group
            group = []
    if group:
        yield group


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

"""Chunks of 16 MB: what a thread parses at a time, and where large batches end.

A chunk is the records of a file that start in one of its runs of 16 MB (of its uncompressed bytes). Chunks
depend on the file alone, so that batches do not depend on which reader reads it, or by how many threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import FileIO
from typing import NamedTuple, TypeAlias

import numpy as np

from headrace.records.tfrecord.corruption import Loss
from headrace.records.tfrecord.framing import HEADER_SIZE, Records

__all__ = [
    "CHUNK_SIZE",
    "FILE_START",
    "NO_LIMIT",
    "SAMPLE_SIZE",
    "Chunk",
    "Piece",
    "StartPosition",
    "chunk_end",
    "split_chunks",
]

CHUNK_SIZE = 1 << 24
NO_LIMIT = 1 << 62  # beyond any number of records and any byte of a file
SAMPLE_SIZE = 1 << 18  # bytes parsed first, to estimate the memory that the rest needs

Piece: TypeAlias = Records | Loss


class Chunk(NamedTuple):
    """A chunk of a file.

    Attributes:
        path: The file.
        start: The byte offset of the chunk, or of its first record.
        stop: The byte offset before which its records start.
        size: The number of bytes of the file in the chunk, as far as is known before they are read.
        file: The open file, if it is local and can be read at any offset.
    """

    path: str
    start: int
    stop: int
    size: int
    file: FileIO | None = None


class StartPosition(NamedTuple):
    """Where to start reading in the first file: at a record, and where the chunk starts that holds it.

    Batches continue behind the end of a batch as if everything before it had been read, too.

    Attributes:
        record: The number of the first record to read.
        offset: The byte offset of that record.
        chunk_record: The number of the first record of its chunk.
        chunk_offset: The byte offset of that record.
    """

    record: int = 0
    offset: int = 0
    chunk_record: int = 0
    chunk_offset: int = 0


FILE_START = StartPosition()


def chunk_end(offset: int) -> int:
    """Compute where the chunk ends that holds a record at `offset`.

    >>> chunk_end(0), chunk_end(CHUNK_SIZE)
    (16777216, 33554432)
    """
    return (offset // CHUNK_SIZE + 1) * CHUNK_SIZE


def _split(piece: Piece, stop: int) -> tuple[Piece, Records | None]:
    """Split off the records that start at byte `stop` or behind it."""
    if isinstance(piece, Loss) or piece.begin + piece.span <= stop:
        return piece, None
    return piece.split(int(np.searchsorted(piece.starts + (piece.offset - HEADER_SIZE), stop)))


def split_chunks(
    path: str, pieces: Iterable[Piece], offset: int = 0
) -> Iterator[tuple[Chunk, Iterator[Piece]]]:
    """Divide the pieces of a file into chunks.

    Each chunk comes with an iterator over its pieces, which must be exhausted before the next chunk is taken.
    Pieces are read when that iterator reaches them.

    Args:
        path: The file.
        pieces: Its records and losses, in order.
        offset: The byte offset of the first piece.
    """
    unread = iter(pieces)
    pending: Piece | None = None

    def before(stop: int) -> Iterator[Piece]:
        nonlocal pending
        while True:
            piece = next(unread, None) if pending is None else pending
            pending = None
            if piece is None:
                return
            if piece.begin >= stop:
                pending = piece
                return
            first, pending = _split(piece, stop)
            yield first

    start = offset
    while True:
        stop = chunk_end(start)
        yield Chunk(path, start, stop, CHUNK_SIZE), before(stop)
        if pending is None:
            return
        start = pending.begin

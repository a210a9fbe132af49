"""Chunks are cut into batches by rows, and by bytes at the ends of chunks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from headrace.records.reading.batching import LEAST_BATCH_SIZE, cut_batches
from headrace.records.reading.chunks import CHUNK_SIZE, Chunk, split_chunks
from headrace.records.tfrecord.framing import FOOTER_SIZE, HEADER_SIZE, Records

FRAME = HEADER_SIZE + FOOTER_SIZE


class Rows:
    """Builds batches of row numbers, each of the same size in bytes."""

    is_full = False

    def __init__(self, size: int) -> None:
        self._size = size
        self._rows: list[int] = []

    @property
    def is_empty(self) -> bool:
        return not self._rows

    def append(self, _chunk: Chunk, rows: range, most: int) -> tuple[int, int, range | None]:
        taken, rest = rows[:most], rows[most:]
        self._rows += taken
        return len(taken), len(taken) * self._size, rest or None

    def finish(self) -> list[int]:
        rows, self._rows = self._rows, []
        return rows


def cut(chunks: list[list[range]], batch_size: int, row_size: int) -> list[list[int]]:
    stream = ((Chunk("a", 0, 0, 0), iter(parts)) for parts in chunks)
    return list(cut_batches(stream, Rows(row_size), batch_size))


def test_small_batches_span_chunks() -> None:
    assert cut([[range(3), range(3, 4)], [], [range(4, 9)]], 4, 10) == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]


def test_large_batches_end_with_their_chunk() -> None:
    large = LEAST_BATCH_SIZE // 2
    assert cut([[range(3)], [range(3, 4)], [range(4, 5), range(5, 7)]], 100, large) == [
        [0, 1, 2],
        [3, 4, 5, 6],  # the chunk of row 3 is too small to end a batch
    ]


def test_a_batch_ends_with_its_rows_before_its_chunk_ends() -> None:
    assert cut([[range(5)], [range(5, 6)]], 2, LEAST_BATCH_SIZE) == [[0, 1], [2, 3], [4], [5]]


def test_no_records_make_no_batch() -> None:
    assert cut([[], [range(0)]], 4, 10) == []


def records(offset: int, lengths: list[int]) -> Records:
    sizes = np.array(lengths) + FRAME
    starts = np.cumsum(sizes) - sizes + HEADER_SIZE
    return Records("a", 0, offset, np.zeros(int(sizes.sum()), np.uint8), starts, np.array(lengths))


def test_pieces_are_split_where_chunks_end() -> None:
    step = CHUNK_SIZE // 16
    lengths = [step - FRAME] * 9

    def blocks() -> Iterator[Records]:
        yield records(0, lengths)
        yield records(9 * step, lengths)

    found = [[len(piece) for piece in pieces] for _, pieces in split_chunks("a", blocks())]
    assert found == [[9, 7], [2]]

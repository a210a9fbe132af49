"""Read files of any kind (compressed, remote, corrupt) by several threads that share one stream of records.

The stream is read by one thread at a time: each reads the records of one batch when it is next in line, and
parses them while others read on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import count

import pyarrow as pa

from headrace.parallel import Turnstile, available_cpus
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.reading.batching import cut_batches
from headrace.records.reading.chunks import CHUNK_SIZE, Chunk, Piece, split_chunks
from headrace.records.reading.record_group import (
    GroupBuilder,
    ParsedGroup,
    RecordGroup,
    group_size,
    parse_group,
)
from headrace.records.schema.sequence_example import RecordSchema
from headrace.records.tfrecord.corruption import CorruptionLog, Loss, OnCorrupt
from headrace.records.tfrecord.framing import Records
from headrace.records.tfrecord.recovery import read_pieces

__all__ = ["read_after", "read_streamed"]


def _read_chunks(files: Iterable[str], on_corrupt: OnCorrupt) -> Iterator[tuple[Chunk, Iterator[Piece]]]:
    for file in files:
        # The parser verifies the data's checksums, right before it reads each record.
        yield from split_chunks(file, read_pieces(file, on_corrupt, verify=False))


def read_after(
    files: Iterable[str], schema: RecordSchema, batch_size: int, records: int
) -> Generator[pa.RecordBatch]:
    """Read the records after the first `records`, in the batches of `headrace.records.read`.

    The records before them are scanned, but neither verified nor parsed; the first batch may be cut.

    Args:
        files: The files.
        schema: What to read.
        batch_size: The most rows of a batch.
        records: The number of records to leave out.

    Raises:
        UsageError: A file cannot be opened or read.
        RecordError: A record is corrupt or does not match the schema.
    """
    return read_streamed(BatchParser(schema), files, batch_size, available_cpus(), "raise", None, records)


def read_streamed(
    parser: BatchParser,
    files: Iterable[str],
    batch_size: int,
    threads: int,
    on_corrupt: OnCorrupt,
    log: CorruptionLog | None,
    skip: int = 0,
) -> Generator[pa.RecordBatch]:
    """Read all records of the files, in the batches that `read_single_threaded` yields, less what is lost.

    Args:
        parser: Parses the records.
        files: The files.
        batch_size: The most rows of a batch.
        threads: The number of threads that read and parse.
        on_corrupt: How to handle corrupt records and records that do not match the schema.
        log: Receives every loss; None if `on_corrupt` is "raise".
        skip: Records that are scanned, but neither verified nor parsed nor yielded; needs "raise".

    Raises:
        UsageError: A file cannot be opened or read.
        RecordError: A record is corrupt or does not match the schema; all batches before it have been
            yielded.
    """
    groups = _skip(cut_batches(_read_chunks(files, on_corrupt), GroupBuilder(), batch_size), skip)
    turnstile = Turnstile(groups, group_size, threads * CHUNK_SIZE)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="headrace-records")
    numbers = count()

    def submit() -> Future[ParsedGroup | None]:
        return pool.submit(_parse_next, turnstile, next(numbers), parser, on_corrupt)

    pending = deque(submit() for _ in range(threads + 1))
    try:
        while (parsed := pending.popleft().result()) is not None:
            pending.append(submit())
            if log is not None:
                log.add(parsed.losses, parsed.path)
            if parsed.batch is not None:
                yield parsed.batch
        if log is not None:
            log.commit()
    finally:
        turnstile.end()
        pool.shutdown(wait=True, cancel_futures=True)
        groups.close()
        if log is not None:
            log.discard()


def _skip(groups: Generator[RecordGroup], records: int) -> Generator[RecordGroup]:
    """Leave out the first records; those in a batch with later ones are cut off it."""
    with closing(groups):
        for group in groups:
            rest: list[Piece] = []
            for piece in group:
                skipped = min(records, len(piece)) if records and isinstance(piece, Records) else 0
                records -= skipped
                kept = piece if not skipped or isinstance(piece, Loss) else piece.split(skipped)[1]
                if kept is not None:
                    rest.append(kept)
            if rest:
                yield rest


def _parse_next(
    turnstile: Turnstile[RecordGroup], turn: int, parser: BatchParser, on_corrupt: OnCorrupt
) -> ParsedGroup | None:
    """Take the group of this turn and parse it; None at the end of the stream."""
    group = turnstile.take(turn)
    if group is None:
        return None
    try:
        return parse_group(parser, group, on_corrupt)
    finally:
        turnstile.give_back(group)

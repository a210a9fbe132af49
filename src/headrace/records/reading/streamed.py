"""Records of any files, compressed, at URLs or damaged, parsed by several threads that read in turns.

Each thread reads the records of a batch when its turn comes, and parses them while others read on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count

import pyarrow as pa

from headrace.parallel import Turnstile
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.reading.batching import Group, Parsed, groups, parse, size
from headrace.records.reading.chunks import STRETCH
from headrace.records.tfrecord.corruption import CorruptionLog, OnCorrupt
from headrace.records.tfrecord.recovery import file_pieces

__all__ = ["parse_streams"]


def parse_streams(
    parser: BatchParser,
    files: Iterable[str],
    batch_size: int,
    threads: int,
    on_corrupt: OnCorrupt,
    log: CorruptionLog | None,
) -> Generator[pa.RecordBatch]:
    """All records of the files, of any kind, in batches: those of `parse_as_read`, but for what is lost.

    Args:
        parser: How to parse them.
        files: The files.
        batch_size: Rows a batch, at most.
        threads: How many threads read and parse.
        on_corrupt: What becomes of damage.
        log: Told of every loss; None if `on_corrupt` is "raise".

    Raises:
        UsageError: A file cannot be opened or read.
        RecordError: A record is damaged, or does not fit the schema; all batches before it have been given.
    """
    # The parser verifies the data's checksums, right before it looks at each record.
    pieces = (file_pieces(file, on_corrupt, verify=False) for file in files)
    stream = groups(pieces, batch_size)
    turns = Turnstile(stream, size, threads * STRETCH)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="headrace-records")
    numbers = count()

    def work() -> Future[Parsed | None]:
        return pool.submit(_taken, turns, next(numbers), parser, on_corrupt)

    pending = deque(work() for _ in range(threads + 1))
    try:
        while (parsed := pending.popleft().result()) is not None:
            pending.append(work())
            if log is not None:
                log.add(parsed.losses, parsed.path)
            if parsed.batch is not None:
                yield parsed.batch
        if log is not None:
            log.commit()
    finally:
        turns.end()
        pool.shutdown(wait=True, cancel_futures=True)
        stream.close()
        if log is not None:
            log.discard()


def _taken(turns: Turnstile[Group], turn: int, parser: BatchParser, on_corrupt: OnCorrupt) -> Parsed | None:
    """What comes of the group of that turn; None if there is none."""
    group = turns.take(turn)
    if group is None:
        return None
    try:
        return parse(parser, group, on_corrupt)
    finally:
        turns.give_back(group)

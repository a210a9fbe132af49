"""Read record files as a stream of record batches."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import get_args

import pyarrow as pa

from headrace.arguments import check_choice, check_integer
from headrace.parallel import available_cpus
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.reading.chunked import can_read_chunked, read_chunked
from headrace.records.reading.find_schema import find_schema
from headrace.records.reading.single_threaded import read_single_threaded
from headrace.records.reading.streamed import read_streamed
from headrace.records.schema.sequence_example import RecordSchema
from headrace.records.tfrecord.corruption import CorruptionLog, CorruptionReport, OnCorrupt
from headrace.records.tfrecord.shards import Paths, resolve

__all__ = ["RecordBatches", "read"]


class RecordBatches(Iterator[pa.RecordBatch]):
    """The iterator that `read` returns: record batches, and a report of what was lost."""

    def __init__(self, batches: Generator[pa.RecordBatch], log: CorruptionLog | None) -> None:
        self._batches = batches
        self._log = log

    def __next__(self) -> pa.RecordBatch:
        return next(self._batches)

    @property
    def report(self) -> CorruptionReport:
        """What was lost so far; complete once all batches have been yielded."""
        return CorruptionReport() if self._log is None else self._log.report

    def close(self) -> None:
        """Stop early: close the files and end the threads before returning."""
        self._batches.close()


def read(
    paths: Paths,
    schema: RecordSchema | None = None,
    batch_size: int = 4096,
    threads: int | None = None,
    on_corrupt: OnCorrupt = "raise",
) -> RecordBatches:
    """Read all records of the files, in order, as record batches.

    Files are read in chunks of 16 MB. A batch that holds 1 MB or more ends with its chunk, so memory depends
    neither on the size of the files nor on the size of the records, unless a record exceeds 16 MB. Chunks of
    local files are parsed in parallel: at most `threads` + 2 chunks are in memory, in addition to the batches
    that the caller keeps, which may be slices of chunks. Where batches end does not depend on `threads`.

    Args:
        paths: A path, a pattern (`train-*.tfrecord`), the base name given to `write` (`train`), or several;
            local or URLs. Compression is detected.
        schema: What to read; features that it does not name are skipped. An Arrow schema reads Examples, a
            `SequenceSchema` SequenceExamples. None: the schema in the schema file next to the records, or,
            without a schema file, an inferred schema, at the cost of reading all files once more.
        batch_size: The most rows of a batch. The last batch has fewer, and so do batches of 1 MB or more that
            end with their chunk; smaller batches continue in the next chunk or file.
        threads: The number of threads that read and parse, including the caller's; None: one per available
            CPU. With 1, nothing is read before it is requested.
        on_corrupt: How to handle corrupt records and records that do not match the schema: "raise" an error,
            "skip" them, or "quarantine" them: skip them, and write their bytes to FILE.corrupt and a log to
            FILE.corrupt.jsonl (see `headrace.records.tfrecord.corruption`).

    Returns:
        An iterator over the batches; its `report` says what was lost.

    Raises:
        UsageError: No such file, an unknown `on_corrupt`, or a number below 1.
        SchemaError: A schema that cannot describe records.
        RecordError: (while iterating) A record is corrupt or does not match the schema; all batches before it
            have been yielded.

    Example:
        >>> import pathlib, tempfile
        >>> import pyarrow as pa
        >>> from headrace.records import read, write
        >>> base = pathlib.Path(tempfile.mkdtemp()) / "train"
        >>> batch = pa.record_batch({"label": [3, 4], "words": [["a", "b"], []]})
        >>> files = write(base, [batch], shards=1)
        >>> next(read(base)).to_pylist()
        [{'label': 3, 'words': ['a', 'b']}, {'label': 4, 'words': []}]
    """
    batch_size = check_integer(batch_size, "batch_size", 1)
    threads = available_cpus() if threads is None else check_integer(threads, "threads", 1)
    check_choice(on_corrupt, "on_corrupt", get_args(OnCorrupt))
    log = None if on_corrupt == "raise" else CorruptionLog(on_corrupt)
    files = resolve(paths, check_sizes=on_corrupt == "raise")
    parser = BatchParser(find_schema(files, on_corrupt=on_corrupt) if schema is None else schema)
    if log is None and threads == 1:
        return RecordBatches(read_single_threaded(parser, files, batch_size), None)
    if log is None and can_read_chunked(parser.schema, files):
        return RecordBatches(read_chunked(parser, files, batch_size, threads), None)
    return RecordBatches(read_streamed(parser, files, batch_size, threads, on_corrupt, log), log)

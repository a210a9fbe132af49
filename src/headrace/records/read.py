"""Record files to a stream of record batches."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pyarrow as pa

from headrace.errors import UsageError
from headrace.parallel import available_cpus
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.reading.chunked import can_read_chunked, read_chunked
from headrace.records.reading.find_schema import find_schema
from headrace.records.reading.single_threaded import read_single_threaded
from headrace.records.reading.streamed import read_streamed
from headrace.records.schema.sequence_example import RecordSchema
from headrace.records.tfrecord.corruption import CorruptionLog, CorruptionReport, OnCorrupt
from headrace.records.tfrecord.shards import Paths, resolve

__all__ = ["RecordBatches", "find_schema", "read"]


class RecordBatches(Iterator[pa.RecordBatch]):
    """The batches that `read` gives, and a report of what was lost on the way."""

    def __init__(self, batches: Generator[pa.RecordBatch], log: CorruptionLog | None) -> None:
        self._batches = batches
        self._log = log

    def __next__(self) -> pa.RecordBatch:
        return next(self._batches)

    @property
    def report(self) -> CorruptionReport:
        """What was lost so far; complete when all batches have been given."""
        return CorruptionReport() if self._log is None else self._log.report

    def close(self) -> None:
        """Stops early: files are closed and threads have ended when this returns."""
        self._batches.close()


def read(
    paths: Paths,
    schema: RecordSchema | None = None,
    batch_size: int = 4096,
    threads: int | None = None,
    on_corrupt: OnCorrupt = "raise",
) -> RecordBatches:
    """Batches of all records of the files, in order.

    Files are read by small steps, and a batch of 1 MB or more ends where 16 MB of its file do, or the file
    does, so that memory depends neither on the files' sizes nor on those of the records, but for records
    longer than that. Local files are parsed side by side: at most `threads` + 2 times 16 MB are in memory,
    beside what the caller keeps, of which a batch may be a slice. Where batches end does not depend on
    `threads`.

    Args:
        paths: A path, a pattern (`train-*.tfrecord`), the base name given to `write` (`train`), or several;
            local or URLs. Compressed files are recognised.
        schema: What to read; features it does not name are passed over. An Arrow schema reads Examples, a
            `SequenceSchema` SequenceExamples. None: the schema file beside the records, or if there is none,
            the inferred one, at the cost of reading all files once more.
        batch_size: Rows a batch, at most. The last has fewer, and so have those of 1 MB or more that end with
            16 MB of their file, or with the file; smaller ones run on over the ends of files.
        threads: Threads that read and parse, the caller's among them; None: one a processor. With 1, nothing
            is read before it is asked for.
        on_corrupt: What becomes of records that are damaged, or that are no Examples that fit the schema:
            "raise" an error, "skip" them, or "quarantine" them: skip them, and write their bytes to
            FILE.corrupt and a log to FILE.corrupt.jsonl (see `headrace.records.tfrecord.corruption`).

    Returns:
        An iterator; its `report` says what was lost.

    Raises:
        UsageError: No such file, or numbers below 1.
        SchemaError: A schema that cannot describe records.
        RecordError: (while iterating) A damaged file, or a record that does not fit the schema; all batches
            before it have been given.

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
    threads = threads if threads is not None else available_cpus()
    if batch_size < 1 or threads < 1:
        raise UsageError("batch_size and threads cannot be below 1", hint="give numbers from 1")
    log = None if on_corrupt == "raise" else CorruptionLog(on_corrupt)
    files = resolve(paths, check_sizes=on_corrupt == "raise")
    parser = BatchParser(find_schema(files, on_corrupt=on_corrupt) if schema is None else schema)
    if log is None and threads == 1:
        return RecordBatches(read_single_threaded(parser, files, batch_size), None)
    if log is None and can_read_chunked(parser.schema, files):
        return RecordBatches(read_chunked(parser, files, batch_size, threads), None)
    return RecordBatches(read_streamed(parser, files, batch_size, threads, on_corrupt, log), log)

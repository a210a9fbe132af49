"""Record files to a stream of record batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa

from headrace.errors import HeadraceError, SchemaError, UsageError
from headrace.records.files import exists
from headrace.records.framing import Records
from headrace.records.infer import infer_schema
from headrace.records.parse import BatchParser
from headrace.records.processors import processors
from headrace.records.scan import scan_file
from headrace.records.sequence_schema import RecordSchema, SequenceSchema, check_schema
from headrace.records.sharding import Paths, resolve, schema_path
from headrace.records.side_file import read_schema

__all__ = ["find_schema", "read", "side_schema"]


def _same(one: RecordSchema, other: RecordSchema) -> bool:
    """Whether two schemas are the same, defaults included."""
    if isinstance(one, SequenceSchema) or isinstance(other, SequenceSchema):
        return isinstance(one, SequenceSchema) and one.equals(other)
    return one.equals(other, check_metadata=True)


def side_schema(files: list[str]) -> RecordSchema | None:
    """The schema in the files' schema files; None if one of them has none.

    Raises:
        SchemaError: Schema files that differ.
    """
    sides = {schema_path(file): file for file in files}
    if not all(exists(side) for side in sides):
        return None
    (first, *others) = [(side, read_schema(side)) for side in sides]
    for side, schema in others:
        if not _same(schema, first[1]):
            raise SchemaError(f"differs from {first[0]}", path=side, way_out="give the schema to read by")
    return first[1]


def find_schema(files: list[str], limit: int | None = None) -> RecordSchema:
    """The schema in the files' schema file, else the one inferred from all or the first `limit` records.

    Raises:
        SchemaError: Schema files that differ, or none and no records.
    """
    schema = side_schema(files)
    return infer_schema(files, limit=limit) if schema is None else schema


def _groups(files: list[str], batch_size: int) -> Iterator[list[Records]]:
    """All records in order, in groups of `batch_size`; a group may span files."""
    group: list[Records] = []
    rows = 0
    for file in files:
        for records in scan_file(file):
            start = 0
            while start < len(records):
                part = records.slice(start, start + batch_size - rows)
                group.append(part)
                start, rows = start + len(part), rows + len(part)
                if rows == batch_size:
                    yield group
                    group, rows = [], 0
    if group:
        yield group


def _parse(parser: BatchParser, group: list[Records]) -> pa.RecordBatch:
    parser.reserve(group)
    for records in group:
        parser.append(records)
    return parser.finish()


def _batches(
    files: list[str], schema: RecordSchema, batch_size: int, threads: int
) -> Iterator[pa.RecordBatch]:
    """Parses up to `threads` batches ahead; an error comes after all batches before it."""
    groups = _groups(files, batch_size)
    parser = BatchParser(schema)
    pending: deque[Future[pa.RecordBatch]] = deque()
    damage: HeadraceError | None = None
    pool = ThreadPoolExecutor(threads, thread_name_prefix="headrace-records")
    try:
        while True:
            try:
                group = next(groups, None)
            except HeadraceError as error:
                damage, group = error, None
            if group is None:
                break
            pending.append(pool.submit(_parse, parser.fresh(), group))
            if len(pending) > threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
        if damage is not None:
            raise damage
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def read(
    paths: Paths, schema: RecordSchema | None = None, batch_size: int = 4096, threads: int | None = None
) -> Iterator[pa.RecordBatch]:
    """Batches of all records of the files, in order.

    Files are read a megabyte at a time; at most `threads` + 1 batches are in memory at once.

    Args:
        paths: A path, a pattern (`train-*.tfrecord`), the base name given to `write` (`train`), or several.
        schema: What to read; features it does not name are passed over. An Arrow schema reads Examples, a
            `SequenceSchema` SequenceExamples. None: the schema file beside the records, or if there is none,
            the inferred one, at the cost of reading all files once more.
        batch_size: Rows a batch; only the last has fewer. Batches run on over the ends of files.
        threads: Parsing threads; None: one a processor.

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
    threads = threads if threads is not None else processors()
    if batch_size < 1 or threads < 1:
        raise UsageError("batch_size and threads cannot be below 1", way_out="give numbers from 1")
    files = resolve(paths)
    schema = find_schema(files) if schema is None else schema
    check_schema(schema)
    return _batches(files, schema, batch_size, threads)

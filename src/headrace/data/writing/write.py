"""Write the rows of a dataset to shards, task by task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import pyarrow as pa

from headrace.columns import empty_batch
from headrace.data.fingerprint import fingerprint, rows_cache_key
from headrace.data.part import DatasetPart
from headrace.data.pipeline import Source, Stage
from headrace.data.planner import Pipeline, find_schema
from headrace.data.stages import Shuffle
from headrace.data.user_function import function_identity
from headrace.data.writing.commit import commit_shards
from headrace.data.writing.destination import Destination
from headrace.data.writing.row_ranges import RowRanges, TaskEngine, can_seek
from headrace.data.writing.staging import Staging
from headrace.data.writing.task import CountPart, Transformation, WriteShard
from headrace.errors import UsageError
from headrace.parallel import available_cpus
from headrace.records.schema import arrow_schema, serialize_schema
from headrace.storage import FileEntry

__all__ = ["WriteOptions", "write_rows"]

_BATCH_ROWS, _BATCH_BYTES = 1 << 16, 16 << 20  # of the batches that are transformed and encoded, at most


@dataclass(frozen=True)
class WriteOptions:
    """How rows are written.

    Attributes:
        shuffle: The seed of the order in which rows are written; None keeps their order.
        transformation: Applied to batches whose bounds depend on the rows alone.
        engine: Where the tasks run; None for the threads of this process.
        progress: Called in this process with the number of rows of each shard that is complete.
        serialized: Columns of record files that are stored as serialised tensors.
    """

    shuffle: int | None = None
    transformation: Transformation | None = None
    engine: TaskEngine | None = None
    progress: Callable[[int], None] | None = None
    serialized: tuple[str, ...] = ()


def write_rows(
    source: Source,
    stages: Sequence[Stage],
    parts: Sequence[DatasetPart] | None,
    to: Destination,
    options: WriteOptions,
) -> int:
    """Write all rows of epoch 0 once; see `Dataset.write`.

    Args:
        source: Where the rows come from.
        stages: The stages applied to them.
        parts: The same rows in parts, if there are any.
        to: Where they are written.
        options: How they are written.

    Returns:
        The number of rows.
    """
    to.refuse_folders()
    staging = Staging(to.work_folder)
    if options.shuffle is not None:
        stages, parts = [*stages, Shuffle(options.shuffle)], None
    with staging.lock(), staging.cleared_on_error():
        schema, batch_rows = _choose_batches(source, stages, options.transformation)
        schema = arrow_schema(serialize_schema(schema, options.serialized))
        found, what = rows_cache_key(source), _list_dependencies(source, stages, to, options)
        staging.open(None if what is None else fingerprint(*what, str(batch_rows), schema.to_string()))
        ranges = _find_ranges(source, stages, parts, to.shards, staging, options.engine)
        _run(WriteShard(ranges, to, schema, batch_rows, options.transformation), staging, options)
        if found != rows_cache_key(source):
            staging.clear()
            what = "the data have changed while they were written"
            raise UsageError(what, path=to.base, hint="write them again")
        commit_shards(to, _list_entries(to, staging))
        staging.remove()
    return ranges.bounds[-1]


def _list_dependencies(
    source: Source, stages: Sequence[Stage], to: Destination, options: WriteOptions
) -> list[str] | None:
    """List what the bytes of the shards depend on; None if that cannot be known."""
    function = function_identity(options.transformation)
    key = rows_cache_key(source, stages)
    if key is None or function.unknown:
        return None
    from importlib.metadata import version

    how = (to.format, str(to.compression), str(to.shards), version("headrace"))
    return [key, function.digest, *how]


def _choose_batches(
    source: Source, stages: Sequence[Stage], transformation: Transformation | None
) -> tuple[pa.Schema, int]:
    """Find the schema of the rows that are written, and the rows of a batch, by the first batch."""
    with closing(Pipeline(source, stages).stream(0)) as steps:
        first = next((step.batch for step in steps), None)
    if first is None:
        first = empty_batch(find_schema(source, stages))
    row_bytes = first.nbytes / max(first.num_rows, 1)
    rows = max(1, min(_BATCH_ROWS, int(_BATCH_BYTES / max(row_bytes, 1))))
    sample = first.slice(0, 1)
    return (sample if transformation is None else transformation(sample)).schema, rows


def _find_ranges(
    source: Source,
    stages: Sequence[Stage],
    parts: Sequence[DatasetPart] | None,
    shards: int,
    staging: Staging,
    engine: TaskEngine | None,
) -> RowRanges:
    rows = source.num_rows
    for stage in stages:
        rows = stage.count_rows(rows)
    if rows is not None and can_seek(source, stages):
        return RowRanges.divide(source, stages, rows, shards, is_divisible=True)
    if parts and (len(parts) > 1 or engine is not None):
        counts = _count_parts(tuple(parts), staging, engine)
        return RowRanges.divide(source, stages, sum(counts), shards, parts, counts, is_divisible=True)
    if rows is None:
        with closing(Pipeline(source, stages).stream(0)) as steps:
            rows = sum(step.batch.num_rows for step in steps)
    return RowRanges.divide(source, stages, rows, shards)


def _count_parts(parts: tuple[DatasetPart, ...], staging: Staging, engine: TaskEngine | None) -> list[int]:
    """Count the rows of each part, unless that is known or was done by an earlier run."""
    counts = staging.read_counts(range(len(parts)))
    for number in set(range(len(parts))) - counts.keys():
        rows = parts[number].num_rows
        if rows is not None:
            counts[number] = rows
    missing = [number for number in range(len(parts)) if number not in counts]
    if missing:
        _run_tasks(CountPart(parts, staging), missing, engine)
        counts |= staging.read_counts(missing)
    return [counts[number] for number in range(len(parts))]


def _run(task: WriteShard, staging: Staging, options: WriteOptions) -> None:
    """Write the shards that no earlier run has finished."""
    shards = range(task.to.shards)
    missing = [shard for shard in shards if staging.find_finished(task.to.staged_path(shard)) is None]

    def report(shard: int) -> None:
        if options.progress is not None:
            options.progress(task.ranges.count(shard))

    def write(shard: int) -> None:
        task(shard)
        report(shard)

    for shard in set(shards) - set(missing):
        report(shard)

    if options.engine is not None:
        options.engine.run_tasks(task, missing)
    elif task.ranges.is_divisible:
        _run_tasks(write, missing, None)
    elif missing:
        for shard, rows in enumerate(task.ranges.read_each()):
            if shard in missing:
                task.write(shard, rows)
                report(shard)
            else:
                for _ in rows:  # of a finished shard
                    pass


def _run_tasks(task: Callable[[int], None], numbers: Sequence[int], engine: TaskEngine | None) -> None:
    if engine is not None:
        engine.run_tasks(task, numbers)
        return
    with ThreadPoolExecutor(max(1, min(available_cpus(), len(numbers))), "headrace-write") as pool:
        try:
            for _ in pool.map(task, numbers):
                pass
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _list_entries(to: Destination, staging: Staging) -> list[FileEntry]:
    entries = [staging.find_finished(to.staged_path(shard)) for shard in range(to.shards)]
    found = [entry for entry in entries if entry is not None]
    if len(found) < len(entries):
        missing = to.staged_path(entries.index(None))
        what = "this shard was written by a worker, but is not in the work folder"
        raise UsageError(what, path=missing, hint="write to a folder that all workers share")
    return found

"""Split and merge record files by copying frames, whose payloads are neither parsed nor framed again."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace.arguments import check_integer, check_shares
from headrace.errors import UsageError
from headrace.parallel import available_cpus
from headrace.records.check import count
from headrace.records.reading.find_schema import read_schema_files
from headrace.records.schema.schema_file import schema_text
from headrace.records.tfrecord.framing import Records
from headrace.records.tfrecord.scan import scan_file
from headrace.records.tfrecord.shard_writer import ShardWriter
from headrace.records.tfrecord.shards import (
    Paths,
    open_record_set,
    resolve,
    schema_path,
    shard_path,
    shard_paths,
)
from headrace.storage import file_sets

__all__ = ["Progress", "merge", "split"]

Progress = Callable[[int], None]  # takes the number of records copied since the last call
# Takes the number of the first record and the number of records; returns the number of the file for each.
_ChooseFiles = Callable[[int, int], NDArray[np.int64]]
_BLOCK = 1000  # consecutive records of which each part gets its share, rounded to a record
_GOLDEN = (5**0.5 - 1) / 2


def _ignore(_records: int) -> None:
    pass


def _copy_selected(file: ShardWriter, records: Records, selected: NDArray[np.bool_]) -> None:
    if selected.any():
        starts, lengths = records.starts[selected], records.lengths[selected]
        frames = _native.gather_frames(records.data, starts, lengths)
        file.write(frames, _native.gather_checksums(records.data, starts, lengths))


def _distribute(
    sources: list[str], files: list[ShardWriter], choose: _ChooseFiles, progress: Progress
) -> NDArray[np.int64]:
    """Copy every record to the file chosen for it; return the number of records of each file."""
    counts = np.zeros(len(files), np.int64)
    with ThreadPoolExecutor(available_cpus(), thread_name_prefix="headrace-records") as pool:
        for source in sources:
            for records in scan_file(source):
                target = choose(int(counts.sum()), len(records))
                copies = [
                    pool.submit(_copy_selected, file, records, target == index)
                    for index, file in enumerate(files)
                ]
                for copy in copies:
                    copy.result()
                counts += np.bincount(target, minlength=len(files))
                progress(len(records))
        for _ in pool.map(ShardWriter.finish, files):
            pass
    return counts


def merge(
    paths: Paths,
    base: str | os.PathLike[str],
    *,
    shards: int = 1,
    compression: str | None = None,
    progress: Progress = _ignore,
) -> list[str]:
    """Copy all records of the files, of any payload, to new files named as by `write`.

    Record r of all goes to shard r mod `shards`. The schema file is copied if all sources have one. All files
    get their names at the end; on error, none is left.

    Returns:
        The names of the new files.

    Raises:
        UsageError: No such file, or the new files cannot be written.
        RecordError: A file is corrupt.
        SchemaError: The sources' schema files differ.

    Example:
        >>> import pathlib, tempfile
        >>> from headrace.records import RecordReader, RecordWriter, merge
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> for name in "ab":
        ...     with RecordWriter(folder / f"{name}.tfrecord") as writer:
        ...         writer.write(name.encode())
        >>> (path,) = merge(folder / "*.tfrecord", folder / "both")
        >>> list(RecordReader(path))
        [b'a', b'b']
    """
    made, compression = shard_paths(base, shards, compression)
    sources = resolve(paths)
    schema = read_schema_files(sources)
    with open_record_set(made[0]) as target:
        files = [ShardWriter(target, path, compression) for path in made]
        _distribute(sources, files, lambda first, rows: np.arange(first, first + rows) % shards, progress)
        if schema is not None:
            target.write(schema_path(made[0]), schema_text(schema).encode())
    return made


def _assign_block(shares: list[float], seed: int, total: int, number: int) -> NDArray[np.int64]:
    """Assign each record of one block to a part, in random order.

    Evenly spaced points are divided where the shares end. If the share of a part is not a whole number of
    points, later blocks compensate for the rounding, because the phases of the points are multiples of the
    golden ratio.
    """
    rows = min(_BLOCK, total - number * _BLOCK)
    phase = (0.5 + number * _GOLDEN) % 1
    edges = np.cumsum(shares)[:-1] / sum(shares)
    parts = np.searchsorted(edges, (np.arange(rows) + phase) / rows, side="right")
    return np.random.default_rng([seed, number]).permutation(parts)


def _assign_parts(shares: list[float], seed: int, total: int, first: int, rows: int) -> NDArray[np.int64]:
    """Assign records `first` to `first + rows` to parts.

    Raises:
        UsageError: There are more than `total` records.
    """
    if first + rows > total:
        what = f"rows is {total:,}, but the files hold more records"
        raise UsageError(what, hint="pass the number of records, or leave rows out")
    blocks = range(first // _BLOCK, (first + rows - 1) // _BLOCK + 1)
    parts = np.concatenate([_assign_block(shares, seed, total, number) for number in blocks])
    start = first - blocks.start * _BLOCK
    return parts[start : start + rows]


def split(
    paths: Paths,
    parts: Mapping[str, float],
    *,
    seed: int = 0,
    rows: int | None = None,
    compression: str | None = None,
    progress: Progress = _ignore,
) -> dict[str, int]:
    """Copy every record to one of several parts, chosen at random.

    Each part gets its share of every thousand consecutive records, rounded to a record, so that files sorted
    by class or time are split evenly. The same seed makes the same parts. The schema file is copied if all
    sources have one. All files get their names at the end; on error, none is left.

    Args:
        paths: As for `read`.
        parts: The base name of each part, and its share or weight, above 0.
        seed: The seed of the random choice.
        rows: The number of records; None: the files are read once more to count them.
        compression: None, "gzip" or "zlib".
        progress: Called with the number of records copied since the last call.

    Returns:
        The number of records by base name; a part is the file `BASE-00000-of-00001.tfrecord`.

    Raises:
        UsageError: No such file, the new files cannot be written, or a share is not above 0.
        RecordError: A file is corrupt; nothing has been written.
        SchemaError: The sources' schema files differ.
    """
    shares = [share for _, share in check_shares(parts, "parts")]
    seed = check_integer(seed, "seed")
    rows = None if rows is None else check_integer(rows, "rows")
    sources = resolve(paths)
    schema = read_schema_files(sources)
    choose = partial(_assign_parts, shares, seed, count(sources) if rows is None else rows)
    made = [shard_path(base, 0, 1, compression) for base in parts]
    with file_sets(open_record_set(path) for path in made) as targets:
        files = [ShardWriter(target, path, compression) for target, path in zip(targets, made, strict=True)]
        counts = _distribute(sources, files, choose, progress)
        for target, path in zip(targets, made, strict=True):
            if schema is not None:
                target.write(schema_path(path), schema_text(schema).encode())
        if rows is not None and int(counts.sum()) != rows:
            what = f"rows is {rows:,}, but the files hold {counts.sum():,} records"
            raise UsageError(what, hint="pass the number of records, or leave rows out")
    return dict(zip(parts, counts.tolist(), strict=True))

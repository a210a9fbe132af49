"""Records copied as they are, whatever they hold: their bytes are neither parsed nor framed anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace.errors import UsageError
from headrace.parallel import available_cpus
from headrace.records.check import count
from headrace.records.reading.find_schema import read_schema_files
from headrace.records.schema.schema_file import schema_text
from headrace.records.tfrecord.framing import Records
from headrace.records.tfrecord.scan import scan_file
from headrace.records.tfrecord.shards import (
    Paths,
    open_record_set,
    resolve,
    schema_path,
    shard_path,
    shard_paths,
)
from headrace.storage import AtomicFile, file_sets

__all__ = ["Progress", "merge", "split"]

Progress = Callable[[int], None]  # called with the number of records copied since the last call
_Choose = Callable[
    [int, int], NDArray[np.int64]
]  # record number and how many more -> a file's number for each
_BLOCK = 1000  # neighbours among which a part's share is exact to a record
_GOLDEN = (5**0.5 - 1) / 2


def _ignore(_records: int) -> None:
    pass


def _copy_chosen(file: AtomicFile, records: Records, chosen: NDArray[np.bool_]) -> None:
    if chosen.any():
        starts, lengths = records.starts[chosen], records.lengths[chosen]
        file.write(_native.gather_frames(records.data, starts, lengths))


def _distribute(
    sources: list[str], files: list[AtomicFile], choose: _Choose, progress: Progress
) -> NDArray[np.int64]:
    """How many records each file got."""
    counts = np.zeros(len(files), np.int64)
    with ThreadPoolExecutor(available_cpus(), thread_name_prefix="headrace-records") as pool:
        for source in sources:
            for records in scan_file(source):
                target = choose(int(counts.sum()), len(records))
                copies = [
                    pool.submit(_copy_chosen, file, records, target == index)
                    for index, file in enumerate(files)
                ]
                for copy in copies:
                    copy.result()
                counts += np.bincount(target, minlength=len(files))
                progress(len(records))
        for _ in pool.map(AtomicFile.finish, files):
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
    """Copies all records of the files to new ones, named as by `write`, whatever the records hold.

    Record r of all goes to shard r mod `shards`. The schema file is copied if all sources have one. All files
    get their names at the end, and none when an exception passes.

    Returns:
        The new files' names.

    Raises:
        UsageError: No such file, or no place to write to.
        RecordError: A damaged file.
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
        files = [target.open(path, compression) for path in made]
        _distribute(sources, files, lambda first, rows: np.arange(first, first + rows) % shards, progress)
        if schema is not None:
            target.write(schema_path(made[0]), schema_text(schema).encode())
    return made


def _block(shares: list[float], seed: int, total: int, number: int) -> NDArray[np.int64]:
    """The part of each record of one block, in random order.

    Evenly spaced points are cut where the shares end. Where a part is no whole number of points, what is
    rounded off one block is made up for in the next: the points' phases are the golden ratio's multiples.
    """
    rows = min(_BLOCK, total - number * _BLOCK)
    phase = (0.5 + number * _GOLDEN) % 1
    edges = np.cumsum(shares)[:-1] / sum(shares)
    parts = np.searchsorted(edges, (np.arange(rows) + phase) / rows, side="right")
    return np.random.default_rng([seed, number]).permutation(parts)


def _parts(shares: list[float], seed: int, total: int, first: int, rows: int) -> NDArray[np.int64]:
    """The part of records `first` to `first + rows`."""
    blocks = range(first // _BLOCK, (first + rows - 1) // _BLOCK + 1)
    parts = np.concatenate([_block(shares, seed, total, number) for number in blocks])
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
    """Copies every record to one of several parts, at random: `parts` gives each one's base name and share.

    A part gets its share to a record in every thousand neighbours, so that files that are sorted by class or
    time are split evenly, and nearly to a record altogether. The same seed gives the same parts. The schema
    file is copied if all sources have one. All files get their names at the end, and none when an exception
    passes.

    Args:
        paths: As for `read`.
        parts: Each part's base name, and its share or weight, above 0.
        seed: Another seed, other parts.
        rows: How many records there are; None: the files are read once more to count them.
        compression: None, "gzip" or "zlib".
        progress: Called with the number of records copied since the last call.

    Returns:
        Records by base name; a part lies in `BASE-00000-of-00001.tfrecord`.

    Raises:
        UsageError: No such file, no place to write to, or shares that are not above 0.
        RecordError: A damaged file, before anything is written.
        SchemaError: The sources' schema files differ.
    """
    shares = list(parts.values())
    if not shares or min(shares) <= 0 or not np.isfinite(sum(shares)):
        raise UsageError(f"the shares {shares} are not all above 0", hint="give shares such as 0.8, 0.2")
    sources = resolve(paths)
    schema = read_schema_files(sources)
    choose = partial(_parts, shares, seed, count(sources) if rows is None else rows)
    made = [shard_path(base, 0, 1, compression) for base in parts]
    with file_sets(open_record_set(path) for path in made) as targets:
        files = [target.open(path, compression) for target, path in zip(targets, made, strict=True)]
        counts = _distribute(sources, files, choose, progress)
        for target, path in zip(targets, made, strict=True):
            if schema is not None:
                target.write(schema_path(path), schema_text(schema).encode())
    return dict(zip(parts, counts.tolist(), strict=True))

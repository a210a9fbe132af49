"""Names of record files: `base-00000-of-00008.tfrecord`, patterns, and the schema file beside them."""

from __future__ import annotations

import glob
import os
import re
from collections import defaultdict
from pathlib import PurePath

from headrace.errors import UsageError
from headrace.storage import (
    COMPRESSION_SUFFIXES,
    FileSet,
    Paths,
    Shard,
    check_compression,
    check_file_sets,
    check_shards,
    expand_paths,
    matches_pattern,
)

__all__ = [
    "BESIDE",
    "Paths",
    "manifest_path",
    "open_record_set",
    "resolve",
    "schema_path",
    "shard_path",
    "shard_paths",
]

BESIDE = (
    ".idx",
    ".corrupt",
    ".corrupt.jsonl",
    ".manifest.json",
)  # what lies beside a record file, under its name and one of these

_SUFFIX = re.compile(r"\.tfrecords?(\.gz|\.zz)?$")
_SHARDS = "-[0-9]*-of-[0-9]*.tfrecord*"  # the pattern of the shards of a base name


def shard_path(base: str, index: int, shards: int, compression: str | None = None) -> str:
    """The name of shard `index` (from 0) of `shards`.

    >>> shard_path("train", 3, 8)
    'train-00003-of-00008.tfrecord'
    """
    return Shard(base, index, shards, ".tfrecord" + COMPRESSION_SUFFIXES[compression]).path


def shard_paths(
    base: str | os.PathLike[str], shards: int, compression: str | None = None
) -> tuple[list[str], str | None]:
    """The names of all shards, and their compression.

    A base that ends like a record file names it if there is one shard, and tells the compression.

    >>> shard_paths("out.tfrecord.gz", 1)
    (['out.tfrecord.gz'], 'gzip')
    >>> shard_paths("out.tfrecord", 2)
    (['out-00000-of-00002.tfrecord', 'out-00001-of-00002.tfrecord'], None)

    Raises:
        UsageError: No shards, an unknown compression, or one that is not the ending's.
    """
    check_compression(compression)
    if shards < 1:
        raise UsageError("shards cannot be below 1", hint="give a number from 1")
    base = os.fspath(base)
    if ending := _SUFFIX.search(base):
        by_name = next(name for name, suffix in COMPRESSION_SUFFIXES.items() if suffix == (ending[1] or ""))
        if compression not in (None, by_name):
            raise UsageError(f"has not the ending of {compression}", path=base, hint="leave one of both out")
        if shards == 1:
            return [base], by_name
        base, compression = base[: ending.start()], by_name
    return [shard_path(base, index, shards, compression) for index in range(shards)], compression


def schema_path(path: str) -> str:
    """The schema file that belongs to a record file, whether there is one or not.

    >>> schema_path("train-00003-of-00008.tfrecord")
    'train.schema.json'
    """
    shard = _parse_shard(path)
    return (shard.base if shard else _SUFFIX.sub("", path)) + ".schema.json"


def manifest_path(path: str) -> str:
    """The manifest of the set that a record file belongs to, whether it exists or not.

    >>> manifest_path("train-00003-of-00008.tfrecord")
    'train.manifest.json'
    """
    return schema_path(path).removesuffix(".schema.json") + ".manifest.json"


def open_record_set(path: str) -> FileSet:
    """Open a set of new record files and their schema file, which replaces an earlier set of that name.

    Args:
        path: One of the record files.

    Raises:
        UsageError: The folder cannot be written to.
    """
    schema = PurePath(schema_path(path)).name
    base = schema.removesuffix(".schema.json")
    is_sharded = Shard.parse(path) is not None

    def owns(name: str) -> bool:
        shard = Shard.parse(name)
        return name == schema or (shard.base if shard else _SUFFIX.sub("", name)) == base

    def replaces(name: str) -> bool:
        shard = Shard.parse(name)
        return name == schema or (is_sharded and shard is not None and shard.base == base)

    return FileSet(manifest_path(path), owns=owns, replaces=replaces)


def resolve(paths: Paths, *, check_sizes: bool = True) -> list[str]:
    """Expand a path or URL, a pattern (`train-*.tfrecord`), a base name (`train`), or several, to files.

    Files of patterns and base names are sorted by name; a list keeps its order. A set of shards must be
    complete, N shards of N, unless the shards to read are named or the pattern excludes the others.

    Args:
        paths: The paths.
        check_sizes: Whether to check the files' sizes against the manifest of their set, if it has one.

    Raises:
        UsageError: Nothing matches, a directory, an empty list, a missing shard, or shards of two different
            sets.
        RecordError: A file has another size than the manifest says.
    """
    given = [os.fspath(path) for path in ([paths] if isinstance(paths, str | os.PathLike) else paths)]
    files = expand_paths(given, shard_pattern=_SHARDS, ignored=BESIDE)
    _refuse_mixed_writings(files)
    patterns = [path if glob.has_magic(path) else glob.escape(path) + _SHARDS for path in given]
    check_shards(files, lambda missing: matches_pattern(missing, patterns))
    if check_sizes:
        check_file_sets(files, manifest_path)
    return files


def _parse_shard(path: str) -> Shard | None:
    """Parse a path as that of a shard of record files."""
    shard = Shard.parse(path)
    return shard if shard and _SUFFIX.fullmatch(shard.suffix) else None


def _refuse_mixed_writings(files: list[str]) -> None:
    totals: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for file in files:
        if shard := _parse_shard(file):
            totals[shard.base][f"{shard.total}{shard.suffix}"] = file
    for seen in totals.values():
        if len(seen) > 1:
            one, other = list(seen.values())[:2]
            what = f"and {other} are shards of two different writings"
            raise UsageError(what, path=one, hint="remove one set or name the files")

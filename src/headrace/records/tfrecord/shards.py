"""Names of record files: `base-00000-of-00008.tfrecord`, patterns, and the schema file beside them."""

from __future__ import annotations

import glob
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from headrace.errors import UsageError
from headrace.storage import (
    COMPRESSION_SUFFIXES,
    FileSet,
    Shard,
    check_compression,
    directory_exists,
    file_exists,
    glob_paths,
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

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

BESIDE = (
    ".idx",
    ".corrupt",
    ".corrupt.jsonl",
)  # what lies beside a record file, under its name and one of these

_SHARD = re.compile(
    r"(?P<base>.*)-(?P<index>\d{5,})-of-(?P<total>\d{5,})(?P<suffix>\.tfrecords?(\.gz|\.zz)?)", re.DOTALL
)
_SUFFIX = re.compile(r"\.tfrecords?(\.gz|\.zz)?$")


def shard_path(base: str, index: int, shards: int, compression: str | None = None) -> str:
    """The name of shard `index` (from 0) of `shards`.

    >>> shard_path("train", 3, 8)
    'train-00003-of-00008.tfrecord'
    """
    return f"{base}-{index:05d}-of-{shards:05d}.tfrecord" + COMPRESSION_SUFFIXES[compression]


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
    shard = _SHARD.fullmatch(path)
    return (shard["base"] if shard else _SUFFIX.sub("", path)) + ".schema.json"


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


def resolve(paths: Paths) -> list[str]:
    """The files meant by a path or URL, a pattern (`train-*.tfrecord`), a base name (`train`), or several.

    Patterns and base names give their files sorted by name; a list keeps its order.

    Raises:
        UsageError: Nothing matches, a directory, an empty list, or shards of two different writings.
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not given:
        raise UsageError("no record files are given", hint="give a path or a pattern")
    files = [file for path in given for file in _expand(os.fspath(path))]
    _refuse_mixed_writings(files)
    return files


def _expand(path: str) -> Sequence[str]:
    if file_exists(path):
        return [path]
    if directory_exists(path):
        raise UsageError("is a directory", path=path, hint=f"give a pattern such as {path}/*.tfrecord")
    pattern = path if glob.has_magic(path) else glob.escape(path) + "-[0-9]*-of-[0-9]*.tfrecord*"
    files = [file for file in glob_paths(pattern) if not file.endswith(BESIDE)]
    if not files:
        raise UsageError("no such record file", path=path, hint="check the path or pattern")
    return files


def _refuse_mixed_writings(files: list[str]) -> None:
    totals: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for file in files:
        if shard := _SHARD.fullmatch(file):
            totals[shard["base"]][shard["total"] + shard["suffix"]] = file
    for seen in totals.values():
        if len(seen) > 1:
            one, other = list(seen.values())[:2]
            what = f"and {other} are shards of two different writings"
            raise UsageError(what, path=one, hint="remove one set or name the files")

"""Names of record files: `base-00000-of-00008.tfrecord`, patterns, and the schema file next to them."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from headrace.arguments import check_integer
from headrace.errors import UsageError
from headrace.storage import (
    COMPRESSION_SUFFIXES,
    MOST_SHARDS,
    FileSet,
    Paths,
    Shard,
    check_base_name,
    check_compression,
    check_file_sets,
    check_shards,
    expand_braces,
    expand_home,
    expand_paths,
    is_searched,
    list_paths,
)

__all__ = [
    "COMPANION_SUFFIXES",
    "Paths",
    "leave_out_companions",
    "manifest_path",
    "open_record_set",
    "resolve",
    "schema_path",
    "shard_path",
    "shard_paths",
]

# Suffixes of the files next to a record file that belong to it.
COMPANION_SUFFIXES = (".idx", ".corrupt", ".corrupt.jsonl", ".manifest.json", ".schema.json")

_SUFFIX = re.compile(r"\.tfrecords?(\.gz|\.zz)?$")


def shard_path(base: str, index: int, shards: int, compression: str | None = None) -> str:
    """Build the name of shard `index` (from 0) of `shards`.

    >>> shard_path("train", 3, 8)
    'train-00003-of-00008.tfrecord'
    """
    return Shard(base, index, shards, ".tfrecord" + COMPRESSION_SUFFIXES[compression]).path


def shard_paths(
    base: str | os.PathLike[str],
    shards: int,
    compression: str | None = None,
    extensions: Sequence[str] = (".tfrecord",),
) -> tuple[list[str], str | None]:
    """Build the names of all shards, and find their compression.

    A base with the extension of a record file determines the compression; with one shard, it is the name.

    Args:
        base: The folder and base name.
        shards: The number of files.
        compression: None, "gzip" or "zlib".
        extensions: Those that the caller writes, to name them in the error for another one.

    >>> shard_paths("out.tfrecord.gz", 1)
    (['out.tfrecord.gz'], 'gzip')
    >>> shard_paths("out.tfrecord", 2)
    (['out-00000-of-00002.tfrecord', 'out-00001-of-00002.tfrecord'], None)

    Raises:
        UsageError: `shards` is below 1, the base has the extension of another format, or the compression is
            unknown or does not match the extension.
    """
    check_compression(compression)
    shards = check_integer(shards, "shards", 1, MOST_SHARDS)
    base = expand_home(base)
    if ending := _SUFFIX.search(base):
        by_name = next(name for name, suffix in COMPRESSION_SUFFIXES.items() if suffix == (ending[1] or ""))
        if compression not in (None, by_name):
            what = f"the extension does not match compression {compression!r}"
            raise UsageError(what, path=base, hint="drop one of the two")
        if shards == 1:
            return [base], by_name
        base, compression = base[: ending.start()], by_name
    else:
        check_base_name(base, extensions)
    return [shard_path(base, index, shards, compression) for index in range(shards)], compression


def schema_path(path: str) -> str:
    """Build the name of the schema file of a record file, whether it exists or not.

    >>> schema_path("train-00003-of-00008.tfrecord")
    'train.schema.json'
    >>> schema_path("mnist-train.tfrecord-00003-of-00008")
    'mnist-train.schema.json'
    """
    shard = Shard.parse(path)
    if shard is None or (shard.suffix and not _SUFFIX.fullmatch(shard.suffix)):
        return _SUFFIX.sub("", path) + ".schema.json"
    return (shard.base if shard.suffix else _SUFFIX.sub("", shard.base)) + ".schema.json"


def manifest_path(path: str) -> str:
    """Build the name of the manifest of a record file's set, whether it exists or not.

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

    Files of patterns and base names are sorted by name; a list keeps its order. A leading `~` is the home
    folder. A set of shards must be complete, N shards of N: all are read, or those that are named or that a
    pattern chooses, and the others exist. A single shard that is named is read even without the others. Files
    that belong to record files, such as their schema, are left out beside them.

    Args:
        paths: The paths.
        check_sizes: Whether to check the files' sizes against the manifest of their set, if it has one.

    Raises:
        UsageError: Nothing matches, a folder, an empty list, a missing shard, or shards of two different
            sets.
        RecordError: A file has another size than the manifest says.
    """
    given = [name for path in list_paths(paths) for name in expand_braces(path)]
    files = leave_out_companions(expand_paths(given, shards=_SUFFIX, ignored=COMPANION_SUFFIXES))
    _check_one_set(files)
    check_shards(files, lambda missing: is_searched(missing, given, _SUFFIX))
    if check_sizes:
        check_file_sets(files, manifest_path)
    return files


def leave_out_companions(paths: Iterable[str]) -> list[str]:
    """Leave out the files that belong to record files among the paths; a shell's pattern names them, too.

    >>> leave_out_companions(["a.schema.json", "a.tfrecord", "a.tfrecord.idx", "b.schema.json"])
    ['a.tfrecord', 'b.schema.json']
    """
    given = list(paths)
    companions = {name for path in given for name in _list_companions(path)}
    return [path for path in given if path not in companions]


def _list_companions(path: str) -> list[str]:
    """List the files that may belong to a record file."""
    return [path + ".idx", path + ".corrupt", path + ".corrupt.jsonl", manifest_path(path), schema_path(path)]


def _parse_shard(path: str) -> Shard | None:
    """Parse a path as that of a shard of record files."""
    shard = Shard.parse(path)
    return shard if shard and _SUFFIX.fullmatch(shard.suffix) else None


def _check_one_set(files: list[str]) -> None:
    totals: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for file in files:
        if shard := _parse_shard(file):
            totals[shard.base][f"{shard.total}{shard.suffix}"] = file
    for seen in totals.values():
        if len(seen) > 1:
            first, second = list(seen.values())[:2]
            what = f"and {second} are shards of two different sets"
            raise UsageError(what, path=first, hint="delete one set or pass the file names")

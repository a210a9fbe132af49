"""Names of the shards of CSV, JSON and Parquet files, and of the manifest of their set."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePath

from headrace.arguments import check_integer
from headrace.storage import MOST_SHARDS, Shard, expand_home

__all__ = ["leave_out_manifests", "manifest_path", "shard_names"]


def shard_names(path: str | os.PathLike[str], shards: int) -> list[str]:
    """List the paths of all shards: `path` itself for one shard, else `base-00000-of-00008.csv.gz` and so on.

    >>> shard_names("out/rows.csv", 2)
    ['out/rows-00000-of-00002.csv', 'out/rows-00001-of-00002.csv']

    Raises:
        UsageError: `shards` is below 1.
    """
    shards = check_integer(shards, "shards", 1, MOST_SHARDS)
    path = expand_home(path)
    if shards == 1:
        return [path]
    name = PurePath(path).name
    stem, dot, suffix = name.partition(".")
    folder = path[: len(path) - len(name)]
    return [Shard(folder + stem, index, shards, dot + suffix).path for index in range(shards)]


def manifest_path(shard: Shard) -> str:
    """Return the path of the manifest of a shard's set.

    >>> manifest_path(Shard("out/rows", 0, 2, ".csv"))
    'out/rows.csv.manifest.json'
    """
    return f"{shard.base}{shard.suffix}.manifest.json"


def leave_out_manifests(paths: Iterable[str]) -> list[str]:
    """Leave out the manifests of sets whose shards are among the paths: `rows/*` names both.

    >>> leave_out_manifests(["a.csv.manifest.json", "a-00000-of-00002.csv", "a-00001-of-00002.csv"])
    ['a-00000-of-00002.csv', 'a-00001-of-00002.csv']
    """
    given = list(paths)
    manifests = {manifest_path(shard) for path in given if (shard := Shard.parse(path)) is not None}
    return [path for path in given if path not in manifests]

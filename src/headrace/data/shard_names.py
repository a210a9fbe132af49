"""Names of the shards of CSV, JSON and Parquet files."""

from __future__ import annotations

import os
from pathlib import PurePath

from headrace.arguments import check_integer
from headrace.storage import MOST_SHARDS, Shard, expand_home

__all__ = ["shard_names"]


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

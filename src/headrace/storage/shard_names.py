"""Names of shards, `base-00003-of-00008.tfrecord`, and what they say about their set."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Self

from headrace.errors import UsageError

__all__ = ["Shard", "check_shards", "matches_pattern"]

_SHARD = re.compile(r"(?P<base>.*)-(?P<index>\d{5,})-of-(?P<total>\d{5,})(?P<suffix>(\.[^/\\]*)?)", re.DOTALL)


@dataclass(frozen=True)
class Shard:
    """The parts of a shard's name.

    Attributes:
        base: Everything before the numbers, folders included.
        index: The shard's number, from 0.
        total: The number of shards in the set.
        suffix: Everything behind the numbers; empty for `train.tfrecord-00000-of-00002`.
    """

    base: str
    index: int
    total: int
    suffix: str

    @classmethod
    def parse(cls, path: str) -> Self | None:
        """Parse a path; None if it is not that of a shard.

        >>> Shard.parse("data/train-00003-of-00008.tfrecord")
        Shard(base='data/train', index=3, total=8, suffix='.tfrecord')
        """
        match = _SHARD.fullmatch(path)
        if match is None:
            return None
        return cls(match["base"], int(match["index"]), int(match["total"]), match["suffix"])

    @property
    def path(self) -> str:
        """The shard's path.

        >>> Shard("train", 3, 8, ".csv").path
        'train-00003-of-00008.csv'
        """
        return f"{self.base}-{self.index:05d}-of-{self.total:05d}{self.suffix}"


def matches_pattern(path: str, patterns: Iterable[str]) -> bool:
    """Return whether one of several patterns of `*`, `?` and `[...]` matches a path or URL.

    >>> matches_pattern("a/./b.csv", ["a/*.csv"])
    True
    """
    return any(fnmatchcase(_normalize(path), _normalize(pattern)) for pattern in patterns)


def _normalize(path: str) -> str:
    return path if "://" in path else os.path.normpath(path)


def check_shards(paths: Iterable[str], is_wanted: Callable[[str], bool] = lambda _path: True) -> None:
    """Check that sets of shards are complete, by their names: N shards of N.

    Args:
        paths: The files found for a pattern or base name; names that are not those of shards are ignored.
        is_wanted: Whether the search looks for a path: a shard that the pattern excludes is not missing.

    Raises:
        UsageError: A shard is missing.
    """
    sets: defaultdict[str, dict[tuple[int, str], list[Shard]]] = defaultdict(dict)
    for path in paths:
        shard = Shard.parse(path)
        if shard is not None:
            sets[shard.base].setdefault((shard.total, shard.suffix), []).append(shard)
    for found in sets.values():
        for shards in found.values():
            _check_complete(shards, is_wanted)


def _check_complete(shards: list[Shard], is_wanted: Callable[[str], bool]) -> None:
    """Refuse a set of shards of one base, total and suffix from which a wanted one is missing."""
    first = shards[0]
    present = {shard.index for shard in shards}
    if len(present) == first.total:
        return
    for index in range(first.total):
        if index in present:
            continue
        missing = replace(first, index=index).path
        if is_wanted(missing):
            raise UsageError(
                f"shard is missing: found {len(present):,} of {first.total:,}",
                path=missing,
                hint="restore the shard, write the set again, or name the files to read",
            )

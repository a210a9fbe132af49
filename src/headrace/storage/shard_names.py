"""Names of shards, `base-00003-of-00008.tfrecord`, and what they say about their set."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Self

from headrace.errors import UsageError
from headrace.storage.filesystem import file_exists

__all__ = [
    "MOST_SHARDS",
    "Shard",
    "check_base_name",
    "check_shards",
    "is_searched",
    "leave_out_manifests",
    "matches_pattern",
]

_MOST_LOOKED_UP = 256  # shards that are not named; each takes a request at a URL
MOST_SHARDS = 1_000_000  # of one set; each is a file that is open while the set is written

# ".xyz" of "out.xyz", but no version such as ".v2"
_EXTENSION = re.compile(r"\.(?!v\d+$)[a-z][a-z0-9]{0,9}$", re.IGNORECASE)

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

    def is_named_by(self, base: str, suffix: re.Pattern[str]) -> bool:
        """Return whether a base name stands for this shard's set; folders are not compared.

        "train" stands for `train-00000-of-00002.csv` and for `train.csv-00000-of-00002`, as TensorFlow
        Datasets writes names, and "train.csv" for the latter too.

        Args:
            base: The base name.
            suffix: Matches the suffixes of the format.
        """
        name, wanted = os.path.basename(self.base), os.path.basename(base)  # noqa: PTH119 - URLs too
        if name == wanted:
            return bool(suffix.fullmatch(self.suffix) if self.suffix else suffix.search(wanted))
        return not self.suffix and name.startswith(wanted) and bool(suffix.fullmatch(name[len(wanted) :]))

    @property
    def path(self) -> str:
        """The shard's path.

        >>> Shard("train", 3, 8, ".csv").path
        'train-00003-of-00008.csv'
        """
        return f"{self.base}-{self.index:05d}-of-{self.total:05d}{self.suffix}"

    @property
    def manifest(self) -> str:
        """The path of the manifest of the shard's set; record files have another, see `headrace.records`.

        >>> Shard("out/rows", 0, 2, ".csv").manifest
        'out/rows.csv.manifest.json'
        """
        return f"{self.base}{self.suffix}.manifest.json"


def leave_out_manifests(paths: Iterable[str]) -> list[str]:
    """Leave out the manifests of sets whose shards are among the paths: `rows/*` names both.

    >>> leave_out_manifests(["a.csv.manifest.json", "a-00000-of-00002.csv", "a-00001-of-00002.csv"])
    ['a-00000-of-00002.csv', 'a-00001-of-00002.csv']
    """
    given = list(paths)
    manifests = {shard.manifest for path in given if (shard := Shard.parse(path)) is not None}
    return [path for path in given if path not in manifests]


def check_base_name(base: str, extensions: Sequence[str]) -> None:
    """Check that the base name of a set of shards does not end like a file of another format.

    >>> check_base_name("out/train.v2", [".tfrecord", ".csv"])

    Args:
        base: The base name, without the extension of the format.
        extensions: Those that may be written, the one of the format first.

    Raises:
        UsageError: It has an extension.
    """
    name = base.replace("\\", "/").rpartition("/")[2]
    found = _EXTENSION.search(name)
    if found is not None and found.start():
        what = f"expected {', '.join(extensions)} or no extension, got '{found[0]}'"
        hint = f"pass '{name[: found.start()]}', or '{name}{extensions[0]}'"
        raise UsageError(what, path=base, hint=hint)


def is_searched(path: str, given: Iterable[str], suffix: re.Pattern[str] | None = None) -> bool:
    """Return whether a shard's path matches one of several patterns, or belongs to one of several base names.

    Args:
        path: The path.
        given: Paths, patterns and base names.
        suffix: Matches the suffixes of the format; with None, a path is not a base name.
    """
    shard = None if suffix is None else Shard.parse(path)
    names = list(given)
    return matches_pattern(path, names) or any(
        shard is not None and suffix is not None and shard.is_named_by(name, suffix) for name in names
    )


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

    Several shards of a set may be named, or chosen by a pattern, if the others exist.

    Args:
        paths: The files found for a pattern or base name; names that are not those of shards are ignored.
        is_wanted: Whether the search looks for a path: a shard that it looks for must have been found.

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
    looked_up = 0
    for index in range(first.total):
        if index in present:
            continue
        missing = replace(first, index=index).path
        hint = "restore the shard, write the set again, or name the one file to read"
        is_lost = is_wanted(missing)
        if not is_lost and len(shards) > 1 and looked_up < _MOST_LOOKED_UP:
            looked_up += 1
            is_lost = not file_exists(missing)
            hint = "restore the shard, write the set again, or read its files one by one"
        if is_lost:
            what = f"shard is missing: found {len(present):,} of {first.total:,}"
            raise UsageError(what, path=missing, hint=hint)

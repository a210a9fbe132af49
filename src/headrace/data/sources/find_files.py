"""Find the files of a source, and check that sets of shards are complete."""

from __future__ import annotations

import os

from headrace.data.shard_names import manifest_path
from headrace.storage import (
    Paths,
    Shard,
    check_file_sets,
    check_shards,
    expand_braces,
    expand_paths,
    local_path,
    matches_pattern,
)

__all__ = ["find_files"]


def find_files(paths: Paths) -> tuple[str, ...]:
    """Expand paths and URLs to files: paths in their order, the files of a pattern sorted by name.

    Raises:
        UsageError: A path is not a file, a pattern matches none, or a shard is missing from a set.
        RecordError: A shard has another size than the manifest of its set says.
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    patterns = [name for path in given for name in expand_braces(path)]
    files = [_to_local(file) for file in expand_paths(patterns)]
    check_shards(files, lambda missing: matches_pattern(missing, patterns))
    check_file_sets(files, _manifest_of)
    return tuple(files)


def _to_local(path: str) -> str:
    """Convert a file:// URL to a path; Arrow opens local files itself."""
    local = local_path(path)
    return str(local) if local is not None and "://" in path else path


def _manifest_of(path: str) -> str | None:
    shard = Shard.parse(path)
    return None if shard is None else manifest_path(shard)

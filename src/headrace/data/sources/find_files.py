"""Find the files of a source, and check that sets of shards are complete."""

from __future__ import annotations

import re

from headrace.storage import (
    Paths,
    Shard,
    check_file_sets,
    check_shards,
    expand_braces,
    expand_paths,
    is_searched,
    leave_out_manifests,
    list_paths,
    local_path,
)

__all__ = ["find_files"]


def find_files(paths: Paths, suffix: str | None = None, *, is_all: bool = False) -> tuple[str, ...]:
    """Expand paths, base names, patterns and URLs to files; those of a pattern are sorted by name.

    The manifest of a set of shards is left out beside them.

    Args:
        paths: The paths.
        suffix: A regular expression of the suffixes that shards of a base name may have; with None, a base
            name is an error.
        is_all: Whether the paths are all files of a folder, so that every shard of a set must be among them.

    Raises:
        UsageError: A path is not a file, a pattern matches none, or a shard is missing from a set.
        RecordError: A shard has another size than the manifest of its set says.
    """
    patterns = [name for path in list_paths(paths) for name in expand_braces(path)]
    shards = None if suffix is None else re.compile(suffix)
    files = leave_out_manifests(map(_to_local, expand_paths(patterns, shards=shards)))
    check_shards(files, lambda missing: is_all or is_searched(missing, patterns, shards))
    check_file_sets(files, _manifest_of)
    return tuple(files)


def _to_local(path: str) -> str:
    """Convert a file:// URL to a path; Arrow opens local files itself."""
    local = local_path(path)
    return str(local) if local is not None and "://" in path else path


def _manifest_of(path: str) -> str | None:
    shard = Shard.parse(path)
    return None if shard is None else shard.manifest

"""Find the local files of a source, and check that sets of shards are complete."""

from __future__ import annotations

import os

from headrace.data.shard_names import manifest_path
from headrace.errors import UsageError
from headrace.storage import (
    Paths,
    Shard,
    check_file_sets,
    check_shards,
    expand_paths,
    local_path,
    matches_pattern,
)

__all__ = ["find_files"]


def find_files(paths: Paths) -> tuple[str, ...]:
    """Expand paths to local files: paths in their order, the files of a pattern sorted by name.

    Raises:
        UsageError: A path is not a local file, a pattern matches none, or a shard is missing from a set.
        RecordError: A shard has another size than the manifest of its set says.
    """
    patterns = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    files = [_to_local(file) for file in expand_paths(patterns)]
    names = [os.fspath(each) for each in patterns]
    check_shards(files, lambda missing: matches_pattern(missing, names))
    check_file_sets(files, _manifest_of)
    return tuple(files)


def _to_local(path: str) -> str:
    local = local_path(path)
    if local is None:
        hint = "download it, or convert it to TFRecord, which is read from URLs"
        raise UsageError("expected a local file, got a URL", path=path, hint=hint)
    return str(local) if "://" in path else path


def _manifest_of(path: str) -> str | None:
    shard = Shard.parse(path)
    return None if shard is None else manifest_path(shard)

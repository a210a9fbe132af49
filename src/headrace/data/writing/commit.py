"""Give finished shards their final names, all together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from headrace.data.writing.destination import Destination
from headrace.file_errors import wrap_file_errors
from headrace.storage import AtomicFile, FileEntry, local_path, open_stream, read_bytes

__all__ = ["commit_shards"]

_BLOCK = 1 << 20  # bytes copied at a time


def commit_shards(to: Destination, entries: Sequence[FileEntry]) -> None:
    """Move the finished shards to their names, which replaces an earlier set; the manifest comes last.

    Args:
        to: Where the shards lie, and their names.
        entries: The size and checksum of each shard.

    Raises:
        UsageError: A file cannot be written; the earlier files are back.
    """
    opened = to.open_set()
    if opened is None:
        with AtomicFile(to.paths[0]) as file:
            _move(to.staged_path(0), file, entries[0])
        return
    with opened as files:
        for shard, (path, entry) in enumerate(zip(to.paths, entries, strict=True)):
            file = files.open(path, checksum=entry.records is None)
            _move(to.staged_path(shard), file, entry)
        for staged, path in to.companions.items():
            files.write(path, read_bytes(staged))


def _move(staged: str, file: AtomicFile, entry: FileEntry) -> None:
    """Make a finished shard the content of a new file; locally, both are links to the same file."""
    source = local_path(staged)
    if source is None or file.local is None:
        _copy(staged, file)
    else:
        with wrap_file_errors(file.path, "cannot be written", "choose another place"):
            _link(source, file.local.temporary)
        file.size = entry.size
        if file.checksum is not None and entry.crc32c is not None:
            file.checksum.value = entry.crc32c
    file.records = entry.records


def _link(source: Path, target: Path) -> None:
    target.unlink()
    try:
        os.link(source, target)
    except OSError:  # this file system has no links
        source.rename(target)


def _copy(staged: str, file: AtomicFile) -> None:
    stream = open_stream(staged).stream
    block = memoryview(bytearray(_BLOCK))
    try:
        with wrap_file_errors(file.path, "cannot be written", "make room or choose another place"):
            while count := stream.readinto(block):
                file.write(bytes(block[:count]))
    finally:
        stream.close()

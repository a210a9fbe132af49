"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

__all__ = ["AsJson", "Compression", "Force", "Shards", "Sources", "parse_compression", "refuse_existing"]

Sources = Annotated[
    list[str], typer.Argument(help="Record files, a quoted glob such as 'train-*.tfrecord', or a base name.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Replace existing files.")]
Shards = Annotated[int, typer.Option(help="The number of files to write.", min=1)]
Compression = Annotated[
    str | None, typer.Option(help="The compression: none, gzip or zlib.", show_default="none")
]


def parse_compression(given: str | None) -> str | None:
    """Return the compression's name, or None for no compression."""
    return None if given in (None, "none") else given


def refuse_existing(paths: Iterable[str], force: bool) -> None:
    """Refuse to replace existing files without --force.

    Raises:
        UsageError: A file exists, and `force` is False.
    """
    from headrace.errors import UsageError
    from headrace.storage import file_exists

    for path in () if force else paths:
        for existing in (path, *_manifest(path)):
            if file_exists(existing):
                raise UsageError(
                    "the file already exists", path=existing, hint="choose another path, or pass --force"
                )


def _manifest(path: str) -> list[str]:
    """List the manifest of a shard's set: writing the set again with other numbers deletes its shards."""
    from headrace.records.tfrecord import manifest_path
    from headrace.storage import Shard

    shard = Shard.parse(path)
    if shard is None:
        return []
    return [manifest_path(path) if shard.suffix.startswith(".tfrecord") else shard.manifest]

"""Where a verb writes to: never over something that is there, unless it is told to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

__all__ = ["Compression", "Force", "Shards", "compression_of", "refuse_existing"]

Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
Shards = Annotated[int, typer.Option(help="How many files to write.", min=1)]
Compression = Annotated[str | None, typer.Option(help="none, gzip or zlib.", show_default="none")]


def compression_of(given: str | None) -> str | None:
    """None for no compression, else its name."""
    return None if given in (None, "none") else given


def refuse_existing(paths: Iterable[str], force: bool) -> None:
    """Raises `UsageError` for the first file that exists, if it may not be replaced."""
    from headrace.errors import UsageError
    from headrace.storage import file_exists

    for path in () if force else paths:
        if file_exists(path):
            raise UsageError("exists already", path=path, hint="choose another place, or give --force")

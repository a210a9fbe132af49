"""`headrace records merge`: merge record files into one file, or a given number of shards."""

from __future__ import annotations

from typing import Annotated

import typer

from headrace.cli.options import (
    Compression,
    Force,
    Shards,
    Sources,
    parse_compression,
    refuse_existing,
)

__all__ = ["merge"]


def merge(
    sources: Sources,
    destination: Annotated[
        str,
        typer.Argument(help="The new file, or a base name: out/train for out/train-00000-of-00001.tfrecord."),
    ],
    shards: Shards = 1,
    compression: Compression = None,
    force: Force = False,
) -> None:
    """Copy all records of the sources, in order, to new files, without parsing them.

    Record r goes to shard r modulo --shards.
    """
    from headrace import records
    from headrace.cli.drawing.formatting import format_count
    from headrace.cli.drawing.table import make_console
    from headrace.progress import progress_bar
    from headrace.records.tfrecord import resolve, shard_paths

    names, packed = shard_paths(destination, shards, parse_compression(compression))
    files = resolve(sources)
    refuse_existing(names, force)
    copied = 0
    with progress_bar("merge", None, unit="records") as bar:

        def advance(count: int) -> None:
            nonlocal copied
            copied += count
            bar.advance(count)

        made = records.merge(files, destination, shards=shards, compression=packed, progress=advance)
    what = f"{format_count(copied, 'record')} from {format_count(len(files), 'file')}"
    make_console().print(
        f"{what} → {made[0]}" + (f" and {shards - 1:,} more" if shards > 1 else ""), soft_wrap=True
    )

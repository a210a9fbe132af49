"""`headrace records merge`: many record files to one, or to a given number."""

from __future__ import annotations

from typing import Annotated

import typer

from headrace.cli.records.arguments import Sources
from headrace.cli.records.options import Compression, Force, Shards, compression_of, refuse_existing

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
    """Copy all records of the sources, in order, to new files; what the records hold does not matter.

    Record r goes to shard r modulo --shards.
    """
    from headrace import records
    from headrace.cli.records.formatting import count_of
    from headrace.cli.records.table import console
    from headrace.progress import progress_bar
    from headrace.records.tfrecord import resolve, shard_paths

    names, packed = shard_paths(destination, shards, compression_of(compression))
    files = resolve(sources)
    refuse_existing(names, force)
    copied = 0
    with progress_bar("merge", None, unit="records") as bar:

        def advance(more: int) -> None:
            nonlocal copied
            copied += more
            bar.advance(more)

        made = records.merge(files, destination, shards=shards, compression=packed, progress=advance)
    what = f"{count_of(copied, 'record')} of {count_of(len(files), 'file')}"
    console().print(
        f"{what} → {made[0]}" + (f" and {shards - 1:,} more" if shards > 1 else ""), soft_wrap=True
    )

"""`headrace records index`: files that make random access possible."""

from __future__ import annotations

from headrace.cli.records.arguments import Sources
from headrace.cli.records.options import Force, refuse_existing

__all__ = ["index"]


def index(sources: Sources, force: Force = False) -> None:
    """Write FILE.idx beside each file: a line a record, its offset and length, for random access.

    The format is that of DALI's tfrecord2idx and the PyPI package tfrecord.
    """
    from headrace import records
    from headrace.cli.records.formatting import count_of
    from headrace.cli.records.table import console
    from headrace.progress import progress_bar
    from headrace.records.tfrecord import index_path, resolve

    files = resolve(sources)
    refuse_existing(map(index_path, files), force)
    made: list[str] = []
    with progress_bar("index", len(files), unit="files") as bar:
        for file in files:
            made += records.write_index(file)
            bar.advance(1)
    more = f" and {len(made) - 1:,} more" if len(made) > 1 else ""
    console().print(f"{count_of(len(made), 'file')} indexed → {made[0]}{more}", soft_wrap=True)

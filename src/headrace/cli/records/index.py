"""`headrace records index`: write index files for random access."""

from __future__ import annotations

from headrace.cli.options import Force, Sources, refuse_existing

__all__ = ["index"]


def index(sources: Sources, force: Force = False) -> None:
    """Write an index FILE.idx next to each file: one line per record with its offset and length.

    The format is that of DALI's tfrecord2idx and of the PyPI package tfrecord.
    """
    from headrace import records
    from headrace.cli.drawing.formatting import format_count
    from headrace.cli.drawing.table import make_console
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
    make_console().print(f"{format_count(len(made), 'file')} indexed → {made[0]}{more}", soft_wrap=True)

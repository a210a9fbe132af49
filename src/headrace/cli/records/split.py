"""`headrace records split`: record files to a training part, a test part, and so on."""

from __future__ import annotations

from typing import Annotated

import typer

from headrace.cli.records.arguments import Sources
from headrace.cli.records.options import Compression, Force, compression_of, refuse_existing

__all__ = ["split"]

_NAMES = {2: "train,test", 3: "train,validation,test"}


def split(
    sources: Sources,
    by: Annotated[str, typer.Option(help="The parts' shares, such as 0.8,0.1,0.1 or 4,1.")],
    names: Annotated[
        str | None, typer.Option(help="The parts' names.", show_default="train,test or train,validation,test")
    ] = None,
    out_dir: Annotated[
        str | None, typer.Option(help="A folder for the parts.", show_default="BASE-split, beside the source")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed, other parts.", min=0)] = 0,
    compression: Compression = None,
    force: Force = False,
) -> None:
    """Copy every record to one of several parts at random: the same seed, the same parts.

    Every part gets its share of any thousand neighbours, so sorted files are split evenly too.
    """
    from pathlib import Path

    from headrace import records
    from headrace.cli.records.table import console, table
    from headrace.progress import progress_bar
    from headrace.records.tfrecord import resolve, schema_path, shard_path
    from headrace.storage import check_compression

    packed = compression_of(compression)
    check_compression(packed)
    shares = _shares(by)
    parts = _part_names(names, len(shares))
    files = resolve(sources)
    folder = Path(out_dir or schema_path(files[0]).removesuffix(".schema.json") + "-split")
    bases = {str(folder / name): share for name, share in zip(parts, shares, strict=True)}
    made = [shard_path(base, 0, 1, packed) for base in bases]
    refuse_existing(made, force)
    total = records.count(files)
    folder.mkdir(parents=True, exist_ok=True)
    with progress_bar("split", total, unit="records") as bar:
        counts = records.split(files, bases, seed=seed, rows=total, compression=packed, progress=bar.advance)
    shown = table("part", "records", "share", right=("records", "share"))
    for name, got in zip(parts, counts.values(), strict=True):
        shown.add_row(name, f"{got:,}", f"{got / total:.2%}" if total else "–")
    screen = console()
    screen.print(shown)
    screen.print(f"\n{total:,} records → {folder}", soft_wrap=True)


def _shares(text: str) -> list[float]:
    from headrace.errors import UsageError

    try:
        shares = [float(each) for each in text.split(",")]
    except ValueError:
        shares = []
    if len(shares) < 2 or not all(0 < share < 1e9 for share in shares):
        raise UsageError(f"--by {text} gives no shares", hint="give at least two above 0, as in --by 0.8,0.2")
    return shares


def _part_names(text: str | None, count: int) -> list[str]:
    from headrace.errors import UsageError

    names = [name.strip() for name in (text or _NAMES.get(count, "")).split(",")]
    if len(set(names)) != count or not all(name and "/" not in name for name in names):
        raise UsageError(
            f"{count} parts need as many names", hint="name them by --names, as in --names train,test"
        )
    return names

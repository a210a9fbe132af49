"""`headrace records split`: split record files into training, validation and test parts."""

from __future__ import annotations

from typing import Annotated

import typer

from headrace.cli.options import Compression, Force, Sources, parse_compression, refuse_existing

__all__ = ["split"]

_NAMES = {2: "train,test", 3: "train,validation,test"}


def split(
    sources: Sources,
    by: Annotated[str, typer.Option(help="The shares of the parts, such as 0.8,0.1,0.1 or 4,1.")],
    names: Annotated[
        str | None,
        typer.Option(help="The names of the parts.", show_default="train,test or train,validation,test"),
    ] = None,
    out_dir: Annotated[
        str | None,
        typer.Option(help="The folder to write to.", show_default="BASE-split, next to the source"),
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of the random assignment.", min=0)] = 0,
    compression: Compression = None,
    force: Force = False,
) -> None:
    """Assign each record to a part at random and copy it there; the seed determines the parts.

    Each part gets its share of every thousand consecutive records, so sorted
    files are split evenly, too.
    """
    from headrace import records
    from headrace.cli.drawing.table import make_console, make_table
    from headrace.progress import progress_bar
    from headrace.records.tfrecord import resolve, schema_path, shard_path
    from headrace.storage import check_compression, expand_home, local_path, make_folder

    packed = parse_compression(compression)
    check_compression(packed)
    shares = _shares(by)
    parts = _part_names(names, len(shares))
    files = resolve(sources)
    folder = expand_home(out_dir or schema_path(files[0]).removesuffix(".schema.json") + "-split")
    bases = {f"{folder.rstrip('/')}/{name}": share for name, share in zip(parts, shares, strict=True)}
    made = [shard_path(base, 0, 1, packed) for base in bases]
    refuse_existing(made, force)
    total = records.count(files)
    local = local_path(folder)
    if local is not None:
        make_folder(local)
    with progress_bar("split", total, unit="records") as bar:
        counts = records.split(files, bases, seed=seed, rows=total, compression=packed, progress=bar.advance)
    shown = make_table("part", "records", "share", right=("records", "share"))
    for name, count in zip(parts, counts.values(), strict=True):
        shown.add_row(name, f"{count:,}", f"{count / total:.2%}" if total else "–")
    screen = make_console()
    screen.print(shown)
    screen.print(f"\n{total:,} records → {folder}", soft_wrap=True)


def _shares(text: str) -> list[float]:
    from headrace.errors import UsageError

    try:
        shares = [float(each) for each in text.split(",")]
    except ValueError:
        shares = []
    if len(shares) < 2 or not all(0 < share < 1e9 for share in shares):
        raise UsageError(
            f"--by: expected at least two positive shares, got {text!r}", hint="for example --by 0.8,0.2"
        )
    return shares


def _part_names(text: str | None, count: int) -> list[str]:
    from headrace.errors import UsageError

    names = [name.strip() for name in (text or _NAMES.get(count, "")).split(",")]
    if len(set(names)) != count or not all(name and "/" not in name for name in names):
        raise UsageError(
            f"--names: expected {count} different names without '/', got {text!r}",
            hint="for example --names train,test",
        )
    return names

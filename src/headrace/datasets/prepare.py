"""Prepare a data set: its downloads, parsed once, as TFRecord files that are quick to read."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path

from headrace.datasets.data_folder import data_folder
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.downloads import Retries, fetch_all
from headrace.datasets.find_builder import find_builder
from headrace.datasets.info import DatasetInfo
from headrace.datasets.prepared import find_damage, open_prepared, write_folder
from headrace.errors import SchemaError
from headrace.progress import progress_bar
from headrace.source_line import warn_user
from headrace.storage import FolderLock, local_target

__all__ = ["prepare"]


def prepare(
    name: str,
    data_dir: str | PathLike[str] | None = None,
    *,
    mirror: str | PathLike[str] | None = None,
    shards: int | Mapping[str, int] | None = None,
    retries: Retries | None = None,
) -> Path:
    """Download a data set, and store its rows as a folder of TensorFlow Datasets.

    The files are downloaded to `DATA_DIR/downloads/NAME`, checked against their published sizes and
    checksums, and stay there; the rows are stored in `DATA_DIR/NAME/VERSION`, as TFRecord files with their
    schema and index. `load(name)` then finds them, and so does `tfds.builder_from_directory`. What is
    there already is kept, and what a killed run has downloaded too. Rows that are damaged are stored anew,
    with a warning of one line: sizes are compared, and checksums of up to 1 GiB. A data set that ships with
    the package is stored the same way.

    Args:
        name: One of `names()`, with a version or without.
        data_dir: The folder of all data sets; None is `HEADRACE_DATA_DIR`, or else `~/.cache/headrace`.
        mirror: A folder that holds the publisher's files by their names, itself or in a folder `NAME`, as
            `DATA_DIR/downloads` does; they are checked and read in place. Or a URL under which they are.
        shards: The number of files of each split; None makes files of about 256 MiB.
        retries: How patient to be with the network.

    Returns:
        The folder with the rows, for `load`.

    Raises:
        UsageError: The network fails, a file has other bytes, or must be fetched by hand.
        RecordError: A downloaded file is damaged.
        SchemaError: The files hold other rows than the card says.

    Example:
        >>> import tempfile
        >>> import headrace as hr
        >>> folder = hr.datasets.prepare("housing", tempfile.mkdtemp())
        >>> hr.datasets.load(folder, "train").num_rows
        16512
    """
    builder = find_builder(name)
    info, root = builder.info, data_folder(data_dir)
    target = root / info.name / info.version
    with FolderLock(target.parent, wait=True):
        damage = find_damage(target) if target.is_dir() and any(target.iterdir()) else None
        if damage != "":
            files = None
            if builder.downloads:
                family = info.name.partition("/")[0]
                files = fetch_all(
                    builder.downloads,
                    root / "downloads" / family,
                    mirror=_find_mirror(mirror, family),
                    retries=retries,
                )
            with _set_aside(target):
                _write(builder, files, target, shards)
            if damage:
                warn_user(f"{info.name} {info.version} was damaged, and is prepared again: {damage}")
    return target


@contextmanager
def _set_aside(folder: Path) -> Generator[None]:
    """Delete a folder, if there is one, once something else has its name; on errors it is there as before."""
    old = folder.with_name(f".{folder.name}.damaged")
    if folder.is_dir():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    try:
        yield
    except BaseException:
        if old.is_dir() and not folder.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _find_mirror(mirror: str | PathLike[str] | None, name: str) -> str | PathLike[str] | None:
    """Return the folder `name` of a mirror, if there is one."""
    if mirror is None or "://" in fspath(mirror):
        return mirror
    folder = local_target(mirror) / name
    return folder if folder.is_dir() else mirror


def _write(
    builder: DatasetBuilder, files: Path | None, target: Path, shards: int | Mapping[str, int] | None
) -> None:
    info = builder.info
    splits = {split: builder.read(split, files) for split in info.full_rows}
    for split, ds in splits.items():
        _check_rows(info, split, ds.num_rows, str(files or target))
    card = replace(info, schema=next(iter(splits.values())).schema)
    total = sum(info.full_rows.values()) or None
    with progress_bar(f"write {info.name}", total, unit="rows") as bar:
        write_folder(
            target,
            card,
            splits,
            shards=shards,
            progress=lambda split, rows: bar.advance(rows, description=f"write {info.name} {split}"),
        )
    try:
        for split, size in open_prepared(target).sizes.items():
            _check_rows(info, split, size.rows, str(files or target))
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _check_rows(info: DatasetInfo, split: str, found: int | None, path: str) -> None:
    """Check the number of rows against the card, as far as both are known."""
    expected = info.full_rows[split]
    if expected and found is not None and found != expected:
        what = f"expected {expected:,} rows in the split '{split}' of {info.name}, got {found:,}"
        raise SchemaError(what, path=path, hint="download the files again")

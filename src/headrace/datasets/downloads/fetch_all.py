"""Bring all downloads of a data set into one folder: from their publishers, or from a mirror."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from headrace.datasets.downloads.download import Download, check_url
from headrace.datasets.downloads.fetch import check_file, fetch
from headrace.datasets.downloads.retries import Retries
from headrace.errors import UsageError
from headrace.progress import progress_bar
from headrace.storage import FolderLock, local_target

__all__ = ["fetch_all"]


def fetch_all(
    downloads: Sequence[Download],
    folder: Path,
    *,
    mirror: str | os.PathLike[str] | None = None,
    retries: Retries | None = None,
) -> Path:
    """Download files into a folder, or check those of a mirror.

    Another process that downloads into the folder is waited for.

    Args:
        downloads: The files.
        folder: The folder; created if missing.
        mirror: A folder that holds the publishers' bytes by `Download.file_name`, which are read in place; or
            a URL under which the files have these names. None is the publishers.
        retries: How patient to be.

    Returns:
        The folder that holds all files: `folder`, or that of the mirror.

    Raises:
        UsageError: The network fails, or a file is missing, must be fetched by hand, or has other bytes.
    """
    source = None if mirror is None else os.fspath(mirror)
    if source is not None and "://" not in source:
        return _check_mirror(downloads, local_target(source))
    if source is not None:
        check_url(source)
    else:
        _check_files_by_hand(downloads, folder)
    total = sum(each.size for each in downloads)
    with FolderLock(folder, wait=True), progress_bar("download", total, unit="bytes") as bar:
        for each in downloads:
            bar.advance(0, description=each.file_name)
            url = each.url if source is None else f"{source.rstrip('/')}/{quote(each.file_name)}"
            if (folder / each.file_name).exists():
                bar.advance(each.size)
            fetch(each, folder, url=url, retries=retries, bar=bar)
    return folder


def _check_files_by_hand(downloads: Sequence[Download], folder: Path) -> None:
    """Check that the files without a URL are there, before other files are downloaded."""
    missing = [each for each in downloads if not each.url and not (folder / each.file_name).exists()]
    if missing:
        names = ", ".join(each.file_name for each in missing)
        hint = "; ".join(dict.fromkeys(each.instructions for each in missing))
        raise UsageError(f"to be fetched by hand: {names}", path=str(folder), hint=hint)


def _check_mirror(downloads: Sequence[Download], folder: Path) -> Path:
    with progress_bar("check", sum(each.size for each in downloads), unit="bytes") as bar:
        for each in downloads:
            if not (folder / each.file_name).is_file():
                names = ", ".join(other.file_name for other in downloads)
                raise UsageError(
                    "missing on the mirror", path=str(folder / each.file_name), hint=f"it needs {names}"
                )
            check_file(each, folder / each.file_name)
            bar.advance(each.size)
    return folder

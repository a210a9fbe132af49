"""Download files and verify their checksums before they get their names."""

from __future__ import annotations

import hashlib
import http.client
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from headrace.errors import UsageError
from headrace.storage import AtomicFile

__all__ = ["Download", "fetch"]

_BLOCK = 1 << 20  # bytes
_TIMEOUT = 30  # seconds without data from the server


@dataclass(frozen=True)
class Download:
    """A file to download.

    Attributes:
        url: http or https.
        file_name: The name on disk.
        checksum: `sha256:` or `md5:` followed by the hex digest; md5 only where the publisher has no other.
        size: The largest size in bytes; a longer response is an error.
    """

    url: str
    file_name: str
    checksum: str
    size: int = 1 << 30


def fetch(download: Download, folder: Path) -> Path:
    """Download the file into `folder`, unless it is already there.

    The file has a temporary name until its checksum is verified.

    Raises:
        UsageError: The network or the URL fails, the checksum is wrong, or a file of that name has other
            content.
    """
    target = folder / download.file_name
    if target.exists():
        return _check_present(download, target)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with AtomicFile(target) as file:
            _require(download, _copy(download, file), target)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UsageError(
            f"cannot download {download.url} ({error})",
            path=str(target),
            hint="check the network, or put the file there yourself",
        ) from error
    return target


def _copy(download: Download, file: AtomicFile) -> str:
    """Copy the response to `file` and return its checksum."""
    algorithm = download.checksum.partition(":")[0]
    digest = hashlib.new(algorithm, usedforsecurity=False)
    left = download.size
    with urllib.request.urlopen(download.url, timeout=_TIMEOUT) as response:
        while block := response.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise ValueError(f"more than {download.size:,} bytes")
            digest.update(block)
            file.write(block)
    return f"{algorithm}:{digest.hexdigest()}"


def _require(download: Download, found: str, target: Path) -> None:
    if found != download.checksum:
        raise UsageError(
            f"expected checksum {download.checksum} for {download.url}, got {found}",
            path=str(target),
            hint="try again later, or put the right file there yourself",
        )


def _check_present(download: Download, target: Path) -> Path:
    algorithm = download.checksum.partition(":")[0]
    with target.open("rb") as file:
        found = f"{algorithm}:{hashlib.file_digest(file, algorithm).hexdigest()}"
    if found != download.checksum:
        raise UsageError(
            f"a file of this name exists with checksum {found}, expected {download.checksum}",
            path=str(target),
            hint="move it away, or load from this folder without preparing it",
        )
    return target

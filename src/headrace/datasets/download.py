"""Files from the network, checked before anyone sees them."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from headrace.errors import UsageError

__all__ = ["Download", "fetch"]

_BLOCK = 1 << 20  # bytes
_TIMEOUT = 30  # seconds without a byte


@dataclass(frozen=True)
class Download:
    """A file to be had by URL.

    Attributes:
        url: http or https.
        file_name: What it is called on disk.
        checksum: `sha256:` or `md5:` and the hex digest; md5 only where the publisher gives no other.
        size: Bytes at most; a longer answer is cut off and refused.
    """

    url: str
    file_name: str
    checksum: str
    size: int = 1 << 30


def fetch(download: Download, folder: Path) -> Path:
    """Bring the file into `folder`, unless it is there already; under a temporary name until it is checked.

    Raises:
        UsageError: No network, no such URL, a wrong checksum, or another file of that name is there.
    """
    target = folder / download.file_name
    if target.exists():
        return _check_present(download, target)
    part = folder / f".{download.file_name}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            found = _copy(download, file)
        _require(download, found, target)
        part.replace(target)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UsageError(
            f"cannot fetch {download.url} ({error})",
            path=str(target),
            hint="check the network, or put the file there by hand",
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return target


def _copy(download: Download, part: BinaryIO) -> str:
    """Copy the URL's answer to `part`; gives its checksum."""
    algorithm = download.checksum.partition(":")[0]
    digest = hashlib.new(algorithm, usedforsecurity=False)
    left = download.size
    with urllib.request.urlopen(download.url, timeout=_TIMEOUT) as answer:
        while block := answer.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise ValueError(f"more than {download.size:,} bytes")
            digest.update(block)
            part.write(block)
    return f"{algorithm}:{digest.hexdigest()}"


def _require(download: Download, found: str, target: Path) -> None:
    if found != download.checksum:
        raise UsageError(
            f"{download.url} has checksum {found}, expected {download.checksum}",
            path=str(target),
            hint="try again later, or put the right file there by hand",
        )


def _check_present(download: Download, target: Path) -> Path:
    algorithm = download.checksum.partition(":")[0]
    with target.open("rb") as file:
        found = f"{algorithm}:{hashlib.file_digest(file, algorithm).hexdigest()}"
    if found != download.checksum:
        raise UsageError(
            f"another file of this name is here, with checksum {found} where {download.checksum} is expected",
            path=str(target),
            hint="move it away, or load from this folder without preparing it",
        )
    return target

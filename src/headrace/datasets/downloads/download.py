"""A file to download: where it is, and what its bytes must be."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from headrace.errors import UsageError

__all__ = ["Download", "check_url"]

_DIGESTS = {"sha256": 64, "md5": 32}  # hexadecimal digits
_FILE_NAME = re.compile(r"[^/\\\0.][^/\\\0]*")


@dataclass(frozen=True)
class Download:
    """A file of the publisher.

    Attributes:
        url: https, or http to this machine; "" if the publisher wants every user to fetch the file by hand.
        file_name: Its name in the folder of downloads and on mirrors; unique within the data set.
        checksum: `sha256:` or `md5:` and the hexadecimal digest; md5 only where no sha256 is published.
        size: Its exact size in bytes.
        instructions: How to fetch the file by hand, as an imperative clause, where `url` is "".

    Raises:
        UsageError: Another URL, checksum, name or size.

    Example:
        >>> Download("https://example.com/a.zip", "a.zip", "sha256:" + 64 * "0", 1_234).algorithm
        'sha256'
    """

    url: str
    file_name: str
    checksum: str
    size: int
    instructions: str = ""

    def __post_init__(self) -> None:
        """Check what every other module relies on."""
        if self.url:
            check_url(self.url)
        elif not self.instructions:
            raise UsageError("no URL", path=self.file_name, hint="say how to fetch the file: instructions=")
        algorithm, _, digest = self.checksum.partition(":")
        if _DIGESTS.get(algorithm) != len(digest) or not re.fullmatch("[0-9a-f]+", digest):
            what = f"expected 'sha256:' and 64 lower-case hexadecimal digits, got '{self.checksum[:80]}'"
            raise UsageError(what, path=self.file_name)
        if not _FILE_NAME.fullmatch(self.file_name):
            raise UsageError(f"not the name of a file: {self.file_name[:80]!r}")
        if self.size < 1:
            raise UsageError(f"expected the size in bytes, got {self.size}", path=self.file_name)

    @property
    def algorithm(self) -> str:
        """The algorithm of the checksum, by its name in hashlib."""
        return self.checksum.partition(":")[0]


def check_url(url: str) -> SplitResult:
    """Split a URL, which must be https, or http to this machine.

    Raises:
        UsageError: Another URL.
    """
    with suppress(ValueError):  # malformed
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host and (parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))):
            return parts
    raise UsageError("expected https, or http to this machine", path=url[:300])


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

"""A tar of tars, such as the training images of ImageNet: one tar per class."""

from __future__ import annotations

from pathlib import Path

from headrace.datasets.parsers.archive import TarFiles
from headrace.datasets.parsers.byte_range import ByteRange, bad_file

__all__ = ["NestedTars"]


class NestedTars:
    """The files of the tars in a tar that is not compressed, named `INNER/FILE`; see `Archive`.

    Args:
        path: The outer archive.
        wanted: A regular expression that the whole name of an inner archive must match.

    Raises:
        RecordError: An archive is damaged, compressed, or contains a link or an unsafe path.
    """

    def __init__(self, path: Path, wanted: str) -> None:
        self.path = str(path)
        outer = TarFiles(path, wanted)
        self._inner = {
            name.removesuffix(".tar"): TarFiles(path, r"[^/]+", outer.find(name)) for name in outer.names
        }
        self.names = tuple(
            f"{folder}/{name}" for folder, inner in self._inner.items() for name in inner.names
        )

    def find(self, name: str) -> ByteRange:
        """Find the bytes of a file.

        Raises:
            RecordError: The archive has no such file.
        """
        folder, _, file = name.partition("/")
        if folder not in self._inner:
            raise bad_file(f"the archive lacks the file {name!r}", self.path)
        return self._inner[folder].find(file)

    def read(self, name: str) -> bytes:
        """Read a file.

        Raises:
            RecordError: The archive has no such file.
        """
        return self.find(name).read()

    def read_start(self, name: str, size: int) -> bytes:
        """Read up to `size` bytes from the start of a file.

        Raises:
            RecordError: The archive has no such file.
        """
        found = self.find(name)
        return found.read(0, min(size, found.size))

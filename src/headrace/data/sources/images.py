"""Image files in one folder a class."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from headrace.data.sources.find_files import missing
from headrace.errors import SchemaError, UsageError
from headrace.images import image_format

__all__ = ["ImageSource"]

_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif")
_LIMIT = 256 << 20  # bytes in one file
_ROWS = 1024  # rows a batch at most,
_BYTES = 32 << 20  # and this many bytes of images or a little more
_SCHEMA = pa.schema(
    [
        pa.field("image", pa.binary(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("filename", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True)
class ImageSource:
    """Columns `image` (a file's bytes), `label` (its folder's name) and `filename`, by label, then file name.

    Files are `FOLDER/CLASS/NAME`, with the ending of a JPEG, PNG, BMP or GIF; others and hidden ones are left
    out. Files above 256 MiB are refused.

    Attributes:
        path: The folder.
    """

    path: str

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> ImageSource:
        """A source of the image files in the folders of `path`.

        Raises:
            UsageError: `path` is no folder.
        """
        place = os.fspath(path)
        if not Path(place).exists():
            raise missing(place, "no such folder")
        if not Path(place).is_dir():
            raise UsageError("no folder", path=place, hint="give a folder with one folder a class")
        return cls(place)

    @property
    def schema(self) -> pa.Schema:
        """`image: binary`, `label: string` and `filename: string`, all required."""
        return _SCHEMA

    @property
    def num_rows(self) -> int:
        """The number of files."""
        return len(self._names)

    @property
    def classes(self) -> tuple[str, ...]:
        """The class folders' names, sorted."""
        return tuple(dict.fromkeys(label for label, _ in self._names))

    def read(self) -> Iterator[pa.RecordBatch]:
        """The files' bytes; a batch holds about 32 MiB of them.

        Raises:
            UsageError: A file cannot be read, or is above the limit.
            SchemaError: A file is no image.
        """
        rows: list[tuple[bytes, str, str]] = []
        size = 0
        for label, name in self._names:
            data = _read(Path(self.path, label, name))
            rows.append((data, label, name))
            size += len(data)
            if len(rows) == _ROWS or size >= _BYTES:
                yield _batch(rows)
                rows, size = [], 0
        if rows:
            yield _batch(rows)

    @cached_property
    def _names(self) -> list[tuple[str, str]]:
        folders = sorted(each for each in Path(self.path).iterdir() if each.is_dir() and _is_shown(each))
        names = [
            (folder.name, file.name)
            for folder in folders
            for file in sorted(folder.iterdir())
            if _is_image(file)
        ]
        if not names:
            raise SchemaError(
                "no class folder with an image", path=self.path, hint="lay it out as CLASS/NAME.png"
            )
        return names


def _is_shown(path: Path) -> bool:
    return not path.name.startswith((".", "__MACOSX"))


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in _ENDINGS and _is_shown(path) and path.is_file()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", path=str(path), hint="check the file"
        ) from error
    if len(data) > _LIMIT:
        raise UsageError("an image of more than 256 MiB", path=str(path), hint="scale it down")
    if image_format(data) is None:
        what = "neither JPEG, PNG, BMP nor GIF by its first bytes"
        raise SchemaError(what, path=str(path), hint="remove the file, or save it anew")
    return data


def _batch(rows: list[tuple[bytes, str, str]]) -> pa.RecordBatch:
    return pa.record_batch([list(column) for column in zip(*rows, strict=True)], schema=_SCHEMA)

"""Read image files in one folder per class."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from headrace.data.fingerprint import files_fingerprint
from headrace.errors import SchemaError, UsageError
from headrace.images import image_format
from headrace.storage import expand_home, missing_path_error

__all__ = ["ImageSource"]

_EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".gif")
_MAX_FILE_BYTES = 256 << 20
_BATCH_ROWS = 1024  # at most
_BATCH_BYTES = 32 << 20  # of images; a batch ends after the image that reaches it
_SCHEMA = pa.schema(
    [
        pa.field("image", pa.binary(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("filename", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True)
class ImageSource:
    """Columns `image` (encoded bytes), `label` (the folder) and `filename`, sorted by label, then file name.

    Files are `FOLDER/CLASS/NAME`, with the extension of a JPEG, PNG, BMP or GIF; other and hidden files are
    ignored. A file above 256 MiB is an error.

    Attributes:
        path: The folder.
    """

    path: str

    @classmethod
    def from_folder(cls, path: str | os.PathLike[str]) -> ImageSource:
        """Create a source from the image files in the folders of `path`.

        Raises:
            UsageError: `path` is not a folder.
        """
        folder = expand_home(path)
        if not Path(folder).exists():
            raise missing_path_error(folder, "no such folder")
        if not Path(folder).is_dir():
            raise UsageError("not a folder", path=folder, hint="pass a folder with one folder per class")
        return cls(folder)

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
        """The names of the class folders, sorted."""
        return tuple(dict.fromkeys(label for label, _ in self._names))

    @property
    def fingerprint(self) -> str:
        """A digest of the names, sizes and contents of the files; see `files_fingerprint`."""
        names = [f"{label}/{name}" for label, name in self._names]
        return files_fingerprint([f"{self.path}/{name}" for name in names], "images", names=names)

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the files in batches of about 32 MiB.

        Raises:
            UsageError: A file cannot be read, or exceeds the limit.
            SchemaError: A file is not an image.
        """
        rows: list[tuple[bytes, str, str]] = []
        size = 0
        for label, name in self._names:
            data = _read(Path(self.path, label, name))
            rows.append((data, label, name))
            size += len(data)
            if len(rows) == _BATCH_ROWS or size >= _BATCH_BYTES:
                yield _to_batch(rows)
                rows, size = [], 0
        if rows:
            yield _to_batch(rows)

    @cached_property
    def _names(self) -> list[tuple[str, str]]:
        folders = sorted(each for each in Path(self.path).iterdir() if each.is_dir() and _is_visible(each))
        names = [
            (folder.name, file.name)
            for folder in folders
            for file in sorted(folder.iterdir())
            if _is_image(file)
        ]
        if not names:
            raise SchemaError(
                "no class folder contains an image", path=self.path, hint="lay it out as CLASS/NAME.png"
            )
        return names


def _is_visible(path: Path) -> bool:
    return not path.name.startswith((".", "__MACOSX"))


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in _EXTENSIONS and _is_visible(path) and path.is_file()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"cannot read the file: {error.strerror}", path=str(path), hint="check the file"
        ) from error
    if len(data) > _MAX_FILE_BYTES:
        raise UsageError("the image is larger than 256 MiB", path=str(path), hint="scale it down")
    if image_format(data) is None:
        what = "expected a JPEG, PNG, BMP or GIF file, got other bytes"
        raise SchemaError(what, path=str(path), hint="remove the file, or save it again")
    return data


def _to_batch(rows: list[tuple[bytes, str, str]]) -> pa.RecordBatch:
    return pa.record_batch([list(column) for column in zip(*rows, strict=True)], schema=_SCHEMA)

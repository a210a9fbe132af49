"""Text files in one folder a class, as a folder or a .zip of it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import pyarrow as pa

from headrace.data.sources.find_files import missing
from headrace.errors import SchemaError, UsageError

__all__ = ["TextSource"]

_LIMIT = 16 << 20  # bytes in one file
_ROWS = 256  # rows a batch at most,
_BYTES = 64 << 20  # and this much text or a little more
_SCHEMA = pa.schema([pa.field("text", pa.string(), False), pa.field("label", pa.string(), False)])

ReadFile = Callable[[str], bytes]


@dataclass(frozen=True)
class TextSource:
    """Columns `text` (a whole file) and `label` (its folder's name), sorted by label, then file name.

    The class folders may lie below other folders (`movie_reviews/pos/...` in a .zip), all of them in one
    place. Files beside or above the class folders and hidden files are left out. A file that is valid UTF-8
    is read as such, any other as Latin-1, which gives every byte a character and loses nothing. Files above
    16 MiB are refused.

    Attributes:
        path: The folder, or the .zip.
    """

    path: str

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> TextSource:
        """A source of the files below `path`.

        Raises:
            UsageError: `path` is neither a folder nor a .zip.
        """
        place = os.fspath(path)
        if not Path(place).exists():
            raise missing(place, "no such folder or .zip")
        if not Path(place).is_dir() and not zipfile.is_zipfile(place):
            raise UsageError(
                "neither a folder nor a .zip", path=place, hint="give a folder with one folder a class"
            )
        return cls(place)

    @property
    def schema(self) -> pa.Schema:
        """`text: string` and `label: string`, both required."""
        return _SCHEMA

    @property
    def num_rows(self) -> int:
        """The number of files."""
        return len(self._names)

    @property
    def classes(self) -> tuple[str, ...]:
        """The class folders' names, sorted."""
        return tuple(sorted({_label(name) for name in self._names}))

    def read(self) -> Iterator[pa.RecordBatch]:
        """The files' texts and labels.

        Raises:
            UsageError: A file is above the limit, or cannot be read.
        """
        texts: list[str] = []
        labels: list[str] = []
        size = 0
        with self._reader() as read_file:
            for name in self._names:
                data = read_file(name)
                texts.append(_decode(data))
                labels.append(_label(name))
                size += len(data)
                if len(texts) == _ROWS or size >= _BYTES:
                    yield pa.record_batch([texts, labels], schema=_SCHEMA)
                    texts, labels, size = [], [], 0
        if texts:
            yield pa.record_batch([texts, labels], schema=_SCHEMA)

    @cached_property
    def _names(self) -> list[str]:
        inside = _names_in_folder(self.path) if Path(self.path).is_dir() else _names_in_zip(self.path)
        names = [name for name in inside if _is_text(PurePosixPath(name))]
        deepest = max((name.count("/") for name in names), default=0)
        names = [name for name in names if name.count("/") == deepest]  # a README lies higher up
        places = {str(PurePosixPath(name).parent.parent) for name in names}
        if not names:
            raise SchemaError("no class folder with a file", path=self.path, hint="lay it out as CLASS/FILE")
        if len(places) > 1:
            shown = ", ".join(sorted(places)[:4])
            raise SchemaError(
                f"class folders in {len(places)} places ({shown})",
                path=self.path,
                hint="give one of the places",
            )
        return sorted(names, key=lambda name: (_label(name), name))

    def _reader(self) -> AbstractContextManager[ReadFile]:
        return _folder_reader(self.path) if Path(self.path).is_dir() else _zip_reader(self.path)


def _label(name: str) -> str:
    return PurePosixPath(name).parent.name


def _is_text(name: PurePosixPath) -> bool:
    return len(name.parts) > 1 and not any(part.startswith((".", "__MACOSX")) for part in name.parts)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _names_in_folder(path: str) -> list[str]:
    return [file.relative_to(path).as_posix() for file in Path(path).rglob("*") if file.is_file()]


def _names_in_zip(path: str) -> list[str]:
    with _open_zip(path) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    for name in names:
        parts = PurePosixPath(name).parts
        if name.startswith("/") or "\\" in name or ".." in parts:
            raise UsageError(
                f"it holds a file with the unsafe path {name!r}", path=path, hint="build it anew"
            )
    return names


@contextmanager
def _folder_reader(folder: str) -> Generator[ReadFile]:
    def read(name: str) -> bytes:
        with Path(folder, name).open("rb") as file:
            return _bounded(file.read(_LIMIT + 1), f"{folder}/{name}")

    yield read


@contextmanager
def _zip_reader(path: str) -> Generator[ReadFile]:
    with _open_zip(path) as archive:

        def read(name: str) -> bytes:
            try:
                with archive.open(name) as file:
                    return _bounded(file.read(_LIMIT + 1), f"{path}/{name}")
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
                raise UsageError(
                    f"cannot be read ({error})", path=f"{path}/{name}", hint="get it anew"
                ) from error

        yield read


@contextmanager
def _open_zip(path: str) -> Generator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise UsageError(f"a damaged .zip ({error})", path=path, hint="get it anew") from error
    with archive:
        yield archive


def _bounded(data: bytes, path: str) -> bytes:
    if len(data) > _LIMIT:
        raise UsageError("a text of more than 16 MiB", path=path, hint="split it, or leave it out")
    return data

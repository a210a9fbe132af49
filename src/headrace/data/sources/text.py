"""Read text files in one folder per class, from a folder or a .zip."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import pyarrow as pa

from headrace.data.fingerprint import files_fingerprint
from headrace.errors import SchemaError, UsageError
from headrace.storage import expand_home, missing_path_error

__all__ = ["TextSource"]

_MAX_FILE_BYTES = 16 << 20
_BATCH_ROWS = 256  # at most
_BATCH_BYTES = 64 << 20  # of text; a batch ends after the file that reaches it
_SCHEMA = pa.schema([pa.field("text", pa.string(), False), pa.field("label", pa.string(), False)])

ReadFile = Callable[[str], bytes]


@dataclass(frozen=True)
class TextSource:
    """Columns `text` (a whole file) and `label` (the name of its folder), sorted by label, then file name.

    The class folders may be nested in other folders (`movie_reviews/pos/...` in a .zip), but all in the same
    one. Hidden files and files outside the class folders are ignored. A file is decoded as UTF-8 if it is
    valid, otherwise as Latin-1, which maps every byte to a character. A file above 16 MiB is an error.

    Attributes:
        path: The folder, or the .zip.
    """

    path: str

    @classmethod
    def from_folder(cls, path: str | os.PathLike[str]) -> TextSource:
        """Create a source from a folder or a .zip.

        Raises:
            UsageError: `path` is neither a folder nor a .zip.
        """
        folder = expand_home(path)
        if not Path(folder).exists():
            raise missing_path_error(folder, "no such folder or .zip")
        if not Path(folder).is_dir() and not zipfile.is_zipfile(folder):
            raise UsageError(
                "neither a folder nor a .zip", path=folder, hint="pass a folder with one folder per class"
            )
        return cls(folder)

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
        """The names of the class folders, sorted."""
        return tuple(sorted({_label(name) for name in self._names}))

    @property
    def fingerprint(self) -> str:
        """A digest of the names, sizes and contents of the files; see `files_fingerprint`."""
        if not Path(self.path).is_dir():
            return files_fingerprint([self.path], "text", names=["text.zip"])
        return files_fingerprint([f"{self.path}/{name}" for name in self._names], "text", names=self._names)

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the texts and labels.

        Raises:
            UsageError: A file exceeds the limit, or cannot be read.
        """
        texts: list[str] = []
        labels: list[str] = []
        size = 0
        with self._open_reader() as read_file:
            for name in self._names:
                data = read_file(name)
                texts.append(_decode(data))
                labels.append(_label(name))
                size += len(data)
                if len(texts) == _BATCH_ROWS or size >= _BATCH_BYTES:
                    yield pa.record_batch([texts, labels], schema=_SCHEMA)
                    texts, labels, size = [], [], 0
        if texts:
            yield pa.record_batch([texts, labels], schema=_SCHEMA)

    @cached_property
    def _names(self) -> list[str]:
        found = _list_folder(self.path) if Path(self.path).is_dir() else _list_zip(self.path)
        names = [name for name in found if _is_text(PurePosixPath(name))]
        deepest = max((name.count("/") for name in names), default=0)
        names = [name for name in names if name.count("/") == deepest]  # a README is less deep
        parents = {str(PurePosixPath(name).parent.parent) for name in names}
        if not names:
            raise SchemaError(
                "no class folder contains a file", path=self.path, hint="lay it out as CLASS/FILE"
            )
        if len(parents) > 1:
            shown = ", ".join(sorted(parents)[:4])
            raise SchemaError(
                f"expected class folders in one folder, found them in {len(parents)} ({shown})",
                path=self.path,
                hint="pass one of these folders",
            )
        return sorted(names, key=lambda name: (_label(name), name))

    def _open_reader(self) -> AbstractContextManager[ReadFile]:
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


def _list_folder(path: str) -> list[str]:
    return [file.relative_to(path).as_posix() for file in Path(path).rglob("*") if file.is_file()]


def _list_zip(path: str) -> list[str]:
    with _open_zip(path) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    for name in names:
        parts = PurePosixPath(name).parts
        if name.startswith("/") or "\\" in name or ".." in parts:
            raise UsageError(
                f"the archive contains the unsafe path {name!r}", path=path, hint="build the archive again"
            )
    return names


@contextmanager
def _folder_reader(folder: str) -> Generator[ReadFile]:
    def read(name: str) -> bytes:
        with Path(folder, name).open("rb") as file:
            return _check_size(file.read(_MAX_FILE_BYTES + 1), f"{folder}/{name}")

    yield read


@contextmanager
def _zip_reader(path: str) -> Generator[ReadFile]:
    with _open_zip(path) as archive:

        def read(name: str) -> bytes:
            try:
                with archive.open(name) as file:
                    return _check_size(file.read(_MAX_FILE_BYTES + 1), f"{path}/{name}")
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
                raise UsageError(
                    f"cannot read the file ({error})",
                    path=f"{path}/{name}",
                    hint="download the archive again",
                ) from error

        yield read


@contextmanager
def _open_zip(path: str) -> Generator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise UsageError(f"corrupt .zip ({error})", path=path, hint="download it again") from error
    with archive:
        yield archive


def _check_size(data: bytes, path: str) -> bytes:
    if len(data) > _MAX_FILE_BYTES:
        raise UsageError("the text is larger than 16 MiB", path=path, hint="split it, or remove it")
    return data

"""Folders named `column=value`, as Hive and Spark partition tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.errors import SchemaError, UsageError
from headrace.storage import directory_exists, expand_home, glob_paths, local_path

__all__ = ["Partitions", "find_parquet_files"]

_NULL = "__HIVE_DEFAULT_PARTITION__"
_EXTENSIONS = (".parquet", ".pq")


def find_parquet_files(folder: str) -> list[str]:
    """List the Parquet files in a folder and its subfolders, sorted; hidden ones (`.`, `_`) are skipped.

    Raises:
        UsageError: The folder does not exist, or holds no Parquet file.
    """
    folder = expand_home(folder).rstrip("/") or "/"
    if not directory_exists(folder):
        raise UsageError("no such folder", path=folder, hint="check the path")
    prefix = folder if local_path(folder) is None else str(local_path(folder))
    escaped = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in prefix)
    found = [path for end in _EXTENSIONS for path in glob_paths(f"{escaped}/**/*{end}")]
    files = sorted({path for path in found if not _is_hidden(_relative(path, prefix))})
    if not files:
        hint = "pass a folder of .parquet files"
        raise UsageError("no Parquet file in the folder", path=folder, hint=hint)
    return files


def _relative(path: str, folder: str) -> str:
    """Return the part of a path below a folder; the slashes after the protocol may differ."""
    path, folder = (each.rpartition("://")[2].strip("/") for each in (path, folder))
    return path.removeprefix(folder).lstrip("/")


def _is_hidden(path: str) -> bool:
    return any(part.startswith((".", "_")) for part in path.split("/"))


class Partitions(NamedTuple):
    """The values that the folders of some files stand for.

    Attributes:
        fields: The columns of the folder names: int64 if every value is an integer, else string.
        values: One array for each column, with one value for each file.
    """

    fields: tuple[pa.Field, ...]
    values: tuple[pa.Array, ...]

    @classmethod
    def from_paths(cls, files: Sequence[str], folder: str) -> Partitions:
        """Parse the names of the folders between `folder` and the files.

        Raises:
            SchemaError: The files lie in folders of different columns, or a column is named twice.
        """
        rows = [_parse(_relative(file, folder)) for file in files]
        names = [name for name, _ in rows[0]]
        for file, row in zip(files, rows, strict=True):
            if [name for name, _ in row] != names:
                found = ", ".join(name for name, _ in row) or "none"
                what = f"expected folders for the columns {', '.join(names) or 'none'}, got {found}"
                raise SchemaError(what, path=file, hint="move the file, or read the folders separately")
        if len(set(names)) < len(names):
            raise SchemaError(
                f"folders name a column twice: {', '.join(names)}", path=files[0], hint="rename one"
            )
        values = tuple(_infer([row[place][1] for row in rows]) for place in range(len(names)))
        fields = tuple(pa.field(name, array.type) for name, array in zip(names, values, strict=True))
        return cls(fields, values)

    def select(self, names: Sequence[str]) -> Partitions:
        """Keep the columns named."""
        kept = [place for place, field in enumerate(self.fields) if field.name in names]
        return Partitions(
            tuple(self.fields[place] for place in kept), tuple(self.values[place] for place in kept)
        )

    def take(self, files: NDArray[np.int64]) -> dict[str, pa.Array]:
        """Return the columns of rows that lie in files of these numbers."""
        rows = pa.array(files)
        return {field.name: values.take(rows) for field, values in zip(self.fields, self.values, strict=True)}


def _parse(path: str) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = []
    for part in path.split("/")[:-1]:
        name, equals, value = part.partition("=")
        if equals and name:
            pairs.append((unquote(name), None if value == _NULL else unquote(value)))
    return pairs


def _infer(values: Sequence[str | None]) -> pa.Array:
    present = [value for value in values if value is not None]
    if present and all(_is_integer(value) for value in present):
        return pa.array([None if value is None else int(value) for value in values], pa.int64())
    return pa.array(values, pa.string())


def _is_integer(value: str) -> bool:
    digits = value.removeprefix("-")
    plain = digits.isascii() and digits.isdigit() and len(digits) <= 18
    return plain and (digits == "0" or not digits.startswith("0"))

"""JSON lines: one object a line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from headrace.data.fingerprint import file_fingerprint
from headrace.data.json_values import is_bytes_object, parse_lines
from headrace.data.sources.find_files import Paths, find_files
from headrace.errors import SchemaError, UsageError

__all__ = ["JsonLinesSource"]

_BLOCK = 1 << 22  # bytes parsed at a time
_LONGEST_LINE = 1 << 28


@dataclass(frozen=True)
class JsonLinesSource:
    """Files of one JSON object a line, UTF-8, `.gz` too; how JSON lies in columns is told in `json_text`.

    With `declared`, its columns are read as its types, and no others; a key that is absent is null. Without,
    the files are read through once for types that hold for every row: int64, float64, bool, string, bytes
    (objects whose one key is `base64`), and lists of these; lists of numbers that all have one length are of
    fixed size. A column in which all is null holds strings.
    """

    files: tuple[str, ...]
    declared: pa.Schema | None = None

    @classmethod
    def of(cls, paths: Paths, schema: pa.Schema | None = None) -> JsonLinesSource:
        """A source of the files of `paths`.

        Raises:
            UsageError: There is no such file.
        """
        return cls(find_files(paths), schema)

    @property
    def schema(self) -> pa.Schema:
        """The columns in the order in which they are met, or as declared.

        Raises:
            SchemaError: No JSON lines, or a key whose values have no type in common.
        """
        return self.declared or self._survey[0]

    @property
    def num_rows(self) -> int | None:
        """Known where the files were read through for their types."""
        return self._survey[1] if self.declared is None else None

    def read(self) -> Iterator[pa.RecordBatch]:
        """Batches of about 4 MiB of text.

        Raises:
            SchemaError: A line that is no JSON object, or a value that does not fit.
        """
        for file in self.files:
            for block in _blocks(file):
                table = _parse(block, self.schema, file)
                _check_required(table, file)
                yield from table.to_batches()

    def divide(self) -> list[JsonLinesSource]:
        """A source for each file, of the schema of all."""
        return [JsonLinesSource((file,), self.schema) for file in self.files]

    @property
    def fingerprint(self) -> str:
        """By the path, size and time of change of the first file, and the schema."""
        return file_fingerprint(self.files[0], self.schema, "json_lines")

    @cached_property
    def _survey(self) -> tuple[pa.Schema, int]:
        types: dict[str, pa.DataType] = {}
        rows = 0
        for file in self.files:
            for block in _blocks(file):
                table = _parse(block, None, file)
                rows += len(table)
                for field, column in zip(table.schema, table.columns, strict=True):
                    found = _type(column.combine_chunks(), field.type)
                    types[field.name] = _common(types.get(field.name, found), found, field.name, file)
        return pa.schema([pa.field(name, _final(type_)) for name, type_ in types.items()]), rows


def _open(file: str) -> BinaryIO | gzip.GzipFile:
    return gzip.open(file, "rb") if file.endswith(".gz") else Path(file).open("rb")


def _blocks(file: str) -> Iterator[bytes]:
    """Whole lines, about 4 MiB at a time."""
    rest = b""
    try:
        with _open(file) as stream:
            while block := stream.read(_BLOCK):
                head, newline, tail = block.rpartition(b"\n")
                if newline:
                    yield rest + head + newline
                    rest = tail
                else:
                    rest += tail
                if len(rest) > _LONGEST_LINE:
                    raise SchemaError("a line of more than 256 MiB", path=file, hint="give JSON lines")
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"cannot be read: {error}", path=file, hint="check the file") from error
    if rest.strip():
        yield rest + b"\n"


def _parse(block: bytes, schema: pa.Schema | None, file: str) -> pa.Table:
    try:
        return parse_lines(block, schema)
    except SchemaError as error:
        raise SchemaError(error.what, path=file, feature=error.feature, hint=error.hint) from error


def _type(column: pa.Array, type_: pa.DataType) -> pa.DataType:
    """A column's type, as one of those the class tells of."""
    if is_bytes_object(type_):
        return pa.binary()
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):  # Arrow guesses; the file says string
        return pa.string()
    if not pa.types.is_list(type_):
        return type_
    inner = _type(column.flatten(), type_.value_type)
    lengths = column.value_lengths().drop_null().unique()
    numeric = pa.types.is_integer(inner) or pa.types.is_floating(inner)
    if numeric and len(lengths) == 1 and lengths[0].as_py() > 1:
        return pa.list_(inner, lengths[0].as_py())
    return pa.list_(inner)


def _common(one: pa.DataType, other: pa.DataType, name: str, file: str) -> pa.DataType:
    """The narrowest type that holds both."""
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if {one, other} == {pa.int64(), pa.float64()}:
        return pa.float64()
    lists = [pa.types.is_list(each) or pa.types.is_fixed_size_list(each) for each in (one, other)]
    if all(lists):
        inner = _common(one.value_type, other.value_type, name, file)
        fixed = pa.types.is_fixed_size_list(one) and pa.types.is_fixed_size_list(other)
        return (
            pa.list_(inner, one.list_size) if fixed and one.list_size == other.list_size else pa.list_(inner)
        )
    what = f"is {one} in some lines and {other} in others"
    raise SchemaError(what, path=file, feature=name, hint="give one of them in a schema, or fix the file")


def _final(type_: pa.DataType) -> pa.DataType:
    """What is null in every row becomes strings."""
    if pa.types.is_null(type_):
        return pa.string()
    return pa.list_(_final(type_.value_type)) if pa.types.is_list(type_) else type_


def _check_required(table: pa.Table, file: str) -> None:
    for field in table.schema:
        if not field.nullable and table[field.name].null_count:
            raise SchemaError(
                f"{table[field.name].null_count:,} nulls in a required column",
                path=file,
                feature=field.name,
                hint="declare it nullable, or fill them",
            )

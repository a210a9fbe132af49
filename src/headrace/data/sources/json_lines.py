"""Read JSON lines: one object per line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, files_fingerprint
from headrace.data.json_values import is_bytes_object, parse_lines
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.find_files import find_files
from headrace.errors import SchemaError, UsageError
from headrace.storage import READ_ERRORS, Paths, open_decompressed

__all__ = ["JsonLinesSource"]

_BLOCK = 1 << 22  # bytes parsed at a time
_MAX_LINE = 1 << 28  # bytes


@dataclass(frozen=True)
class JsonLinesSource:
    """Files of one JSON object per line, UTF-8; `.gz`, `.bz2` and `.zst` too.

    `headrace.data.json_values` describes how JSON maps to columns. With `declared`, only its columns are
    read, as its types; an absent key is null. Otherwise the files are read once to infer types that hold for
    every row: int64, float64, bool, string, bytes (objects whose only key is `base64`), and lists of these;
    lists of numbers that all have the same length are of fixed size. A column of nulls only is of strings.

    Attributes:
        files: The files, in reading order.
        declared: The schema to read by; None infers one.
        columns: The columns to read; None is all.
    """

    files: tuple[str, ...]
    declared: pa.Schema | None = None
    columns: tuple[str, ...] | None = None

    @classmethod
    def from_paths(
        cls, paths: Paths, schema: pa.Schema | None = None, columns: Sequence[str] | None = None
    ) -> JsonLinesSource:
        """Create a source from files.

        Raises:
            UsageError: A file does not exist.
        """
        return cls(find_files(paths, r"\.(jsonl|ndjson|json)(\.(gz|bz2|zst))?"), schema, as_tuple(columns))

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns in the order of their first appearance, or as declared.

        Raises:
            SchemaError: Invalid JSON, a key whose values have no common type, or a chosen column that no line
                has.
        """
        return select_columns(self.declared or self._survey[0], self.columns, self.files[0])

    @property
    def num_rows(self) -> int | None:
        """The number of rows, known if the files were read to infer their types."""
        return self._survey[1] if self.declared is None else None

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read batches of about 4 MiB of text.

        Raises:
            SchemaError: A line is not a JSON object, or a value does not match its type.
        """
        for file in self.files:
            for block in _read_blocks(file):
                table = _parse(block, self.schema, file)
                _check_required(table, file)
                yield from table.to_batches()

    def select_columns(self, columns: Sequence[str]) -> JsonLinesSource:
        """Return a source of these columns, without inferring their types again; see `Selectable`."""
        return JsonLinesSource(self.files, self.schema, tuple(columns))

    def divide(self) -> list[JsonLinesSource]:
        """Divide into one source per file, all with the schema of the whole."""
        return [JsonLinesSource((file,), self.schema) for file in self.files]

    @property
    def fingerprint(self) -> str:
        """A digest of the contents of all files, wherever they lie; see `files_fingerprint`."""
        return files_fingerprint(self.files, "json_lines", *(self.columns or ()), schema=self.declared)

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever the files may have changed; see `files_cache_key`."""
        return files_cache_key(self.files, "json_lines", schema=self.schema)

    @cached_property
    def _survey(self) -> tuple[pa.Schema, int]:
        types: dict[str, pa.DataType] = {}
        rows = 0
        for file in self.files:
            for block in _read_blocks(file):
                table = _parse(block, None, file)
                rows += len(table)
                for field, column in zip(table.schema, table.columns, strict=True):
                    found = _infer_type(column.combine_chunks(), field.type)
                    types[field.name] = _common_type(types.get(field.name, found), found, field.name, file)
        return pa.schema([pa.field(name, _null_to_string(type_)) for name, type_ in types.items()]), rows


def _read_blocks(file: str) -> Iterator[bytes]:
    """Read whole lines, about 4 MiB at a time."""
    rest = b""
    try:
        with open_decompressed(file) as stream:
            while block := stream.read(_BLOCK):
                head, newline, tail = block.rpartition(b"\n")
                if newline:
                    yield rest + head + newline
                    rest = tail
                else:
                    rest += tail
                if len(rest) > _MAX_LINE:
                    raise SchemaError(
                        "a line is longer than 256 MiB", path=file, hint="write one object per line"
                    )
    except READ_ERRORS as error:
        raise UsageError(f"cannot read the file: {error}", path=file, hint="check the file") from error
    if rest.strip():
        yield rest + b"\n"


def _parse(block: bytes, schema: pa.Schema | None, file: str) -> pa.Table:
    try:
        return parse_lines(block, schema)
    except SchemaError as error:
        raise SchemaError(error.what, path=file, feature=error.feature, hint=error.hint) from error


def _infer_type(column: pa.Array, type_: pa.DataType) -> pa.DataType:
    """Return the type of a column as one of those that `JsonLinesSource` infers."""
    if is_bytes_object(type_):
        return pa.binary()
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):  # Arrow parses dates; JSON has strings
        return pa.string()
    if not pa.types.is_list(type_):
        return type_
    inner = _infer_type(column.flatten(), type_.value_type)
    lengths = column.value_lengths().drop_null().unique()
    numeric = pa.types.is_integer(inner) or pa.types.is_floating(inner)
    if numeric and len(lengths) == 1 and lengths[0].as_py() > 1:
        return pa.list_(inner, lengths[0].as_py())
    return pa.list_(inner)


def _common_type(left: pa.DataType, right: pa.DataType, name: str, file: str) -> pa.DataType:
    """Return the narrowest type that holds the values of both."""
    if left == right or pa.types.is_null(right):
        return left
    if pa.types.is_null(left):
        return right
    if {left, right} == {pa.int64(), pa.float64()}:
        return pa.float64()
    lists = [pa.types.is_list(each) or pa.types.is_fixed_size_list(each) for each in (left, right)]
    if all(lists):
        inner = _common_type(left.value_type, right.value_type, name, file)
        fixed = pa.types.is_fixed_size_list(left) and pa.types.is_fixed_size_list(right)
        return (
            pa.list_(inner, left.list_size)
            if fixed and left.list_size == right.list_size
            else pa.list_(inner)
        )
    what = f"values are {left} in some lines and {right} in others"
    raise SchemaError(what, path=file, feature=name, hint="declare one of them in a schema, or fix the file")


def _null_to_string(type_: pa.DataType) -> pa.DataType:
    """Replace the type of a column of nulls only by string."""
    if pa.types.is_null(type_):
        return pa.string()
    return pa.list_(_null_to_string(type_.value_type)) if pa.types.is_list(type_) else type_


def _check_required(table: pa.Table, file: str) -> None:
    for field in table.schema:
        if not field.nullable and table[field.name].null_count:
            raise SchemaError(
                f"a required column has {table[field.name].null_count:,} nulls",
                path=file,
                feature=field.name,
                hint="declare it nullable, or fill in values",
            )

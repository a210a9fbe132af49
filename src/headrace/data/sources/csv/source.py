"""Read CSV files, plain or compressed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace._native import CellKind
from headrace.cached_property import cached_property
from headrace.columns import find_repeated
from headrace.data.fingerprint import files_cache_key, files_fingerprint
from headrace.data.plan.steps import Cursor, Steps
from headrace.data.read_rows import read_source
from headrace.data.sources.csv.cell_types import ANY_KIND, allowed_kinds, column_type
from headrace.data.sources.csv.convert import Converter
from headrace.data.sources.csv.decode import TextReader
from headrace.data.sources.csv.dialect import CsvDialect
from headrace.data.sources.csv.layout import CsvLayout, find_layout, read_header
from headrace.data.sources.csv.records import Chunk, read_chunks
from headrace.data.sources.files.inference import (
    INFERENCE_BYTES,
    Types,
    check_rows,
    check_schema,
    parse_types,
)
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.files.text_places import LinePlace, can_seek, count_rows, stream_text
from headrace.data.sources.find_files import find_files
from headrace.errors import SchemaError
from headrace.source_line import warn_user
from headrace.storage import Paths
from headrace.suggestions import suggest

__all__ = ["CsvSource"]


@dataclass(frozen=True)
class CsvSource:
    """CSV files, fields quoted by `"`; `.gz`, `.bz2`, `.zst` too.

    Delimiter, header and encoding are found in the first file where the dialect leaves them open (see
    `layout`), and a warning says what was found, unless it is a comma, a header line and UTF-8. All records
    have as many fields as the header. Blank lines are skipped; in a file of one column they are missing
    values.

    With `declared`, only its columns are read, as its types. Otherwise types are inferred from the first
    64 MiB of all files (see `cell_types`), which are read once before the first batch; a later field that its
    type cannot hold unchanged is an error. An empty field is null in a numeric or boolean column, and the
    empty string in a string column.

    Attributes:
        files: The files, in reading order.
        declared: The schema to read by; None infers one.
        columns: The columns to read; None is all.
        dialect: How the files are written.
        types: The types of some columns; None infers all.
        inferred: The columns of `declared` whose types were inferred.
    """

    files: tuple[str, ...]
    declared: pa.Schema | None = None
    columns: tuple[str, ...] | None = None
    dialect: CsvDialect = field(default_factory=CsvDialect)
    types: pa.Schema | None = None
    inferred: frozenset[str] = frozenset()

    @classmethod
    def from_paths(
        cls,
        paths: Paths,
        schema: pa.Schema | None = None,
        columns: Sequence[str] | None = None,
        dialect: CsvDialect | None = None,
        types: Types | None = None,
    ) -> CsvSource:
        """Create a source from files, which must have the same header.

        Raises:
            UsageError: A file does not exist, or both `schema` and `types` are passed.
        """
        check_schema(schema, types)
        files = find_files(paths, r"\.(csv|tsv|txt)(\.(gz|bz2|zst))?")
        return cls(files, schema, as_tuple(columns), dialect or CsvDialect(), parse_types(types))

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns in the order of the header, or as declared.

        Raises:
            SchemaError: The headers of the files differ, a declared column is missing, two columns have the
                same name, or the text is malformed.
        """
        names = self._layout.names
        known = frozenset(names)
        self._check_repeated(names)
        for declared in (*(self.declared or ()), *(self.types or ())):
            if declared.name not in known:
                raise SchemaError(
                    "the file lacks this column",
                    path=self.files[0],
                    feature=declared.name,
                    hint=suggest(declared.name, names),
                )
        if self.declared is not None:
            return select_columns(self.declared, self.columns, self.files[0])
        kinds, _ = self._survey
        typed = {each.name: each.type for each in self.types or ()}
        types = {
            name: typed.get(name) or column_type(kind)
            for name, kind in zip(names, kinds.tolist(), strict=True)
        }
        schema = pa.schema(list(types.items()))
        return select_columns(schema, self.columns, self.files[0])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns of the files; see `Declarable`."""
        return self._layout.names

    @property
    def num_rows(self) -> int | None:
        """The number of rows, known if the files were read whole to infer their types."""
        return self._survey[1] if self.declared is None else None

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read batches of about 512 KiB of text.

        Raises:
            UsageError: The files were cut since their types were inferred.
            SchemaError: A value does not match the type of its column, a record is malformed, or a required
                column (`nullable=False`) has an empty field; it names the line.
        """
        with closing(self._stream_records(None)) as steps:
            for step in steps:
                yield step.batch

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Read the rows from a cursor on; only UTF-8 that is not compressed is not read from the start."""
        if isinstance(cursor, int) or not self.can_seek_lines:
            yield from read_source(self, epoch, count_rows(cursor))
        else:
            yield from self._stream_records(cursor)

    def _stream_records(self, cursor: Cursor) -> Steps:
        schema, inferred = self.schema, self._inferred
        types = pa.schema([each for each in schema if each.name in inferred])
        allowed = self._allowed_kinds(schema)

        def read_blocks(file: str, start: LinePlace) -> Iterator[tuple[Chunk, LinePlace]]:
            for chunk in read_chunks(file, self._layout, allowed=allowed, types=types, start=start):
                yield chunk, chunk.end

        def convert(file: str, chunk: Chunk) -> Iterator[pa.RecordBatch]:
            yield Converter(file, self._layout, schema).convert(chunk)

        rows = count_rows(cursor)
        for step in stream_text(self.files, cursor, read_blocks, convert):
            yield step
            rows = step.cursor[0]
        check_rows(rows, self.num_rows, self.files[-1])

    def select_columns(self, columns: Sequence[str]) -> CsvSource:
        """Return a source of these columns, without inferring their types again; see `Selectable`."""
        return replace(self._resolved, columns=tuple(columns))

    def declare(self, columns: Mapping[str, pa.DataType | None]) -> CsvSource:
        """Return a source of these columns, and of these types where they are not None; see `Declarable`."""
        known = {name: type_ for name, type_ in columns.items() if type_ is not None}
        source = replace(self, dialect=self._layout.dialect)
        if len(known) == len(columns):
            return replace(source, declared=pa.schema(list(known.items())))
        return replace(source, columns=tuple(columns), types=pa.schema(list(known.items())))

    def divide(self) -> list[CsvSource]:
        """Divide into one source per file, all with the schema of the whole."""
        return [replace(self._resolved, files=(file,)) for file in self.files]

    @property
    def fingerprint(self) -> str:
        """A digest of the contents of all files, wherever they lie; see `files_fingerprint`."""
        options = (*(self.columns or ()), *self.dialect.identity, *_describe_types(self.types))
        return files_fingerprint(self.files, "csv", *options, schema=self.declared)

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever the files may have changed; see `files_cache_key`."""
        return files_cache_key(self.files, "csv", *self._layout.dialect.identity, schema=self.schema)

    @property
    def _resolved(self) -> CsvSource:
        """A source that has nothing left to find or to infer."""
        return replace(
            self, declared=self.schema, dialect=self._layout.dialect, types=None, inferred=self._inferred
        )

    @property
    def _inferred(self) -> frozenset[str]:
        if self.declared is not None:
            return self.inferred
        return frozenset(self._layout.names) - frozenset(self.types.names if self.types else ())

    @cached_property
    def _layout(self) -> CsvLayout:
        """The layout of the first file, and of all others.

        Raises:
            SchemaError: A file has another header.
        """
        path, *others = self.files
        declared = self.declared.names if self.declared is not None else None
        passed = declared or (self.types.names if self.types else self.columns)
        layout = find_layout(path, self.dialect, passed or ())
        is_named = layout.dialect.header is True or isinstance(self.dialect.header, tuple)
        if declared is not None and not is_named and len(declared) == len(layout.names):
            layout = layout.rename(declared)
        for file in others if layout.dialect.header is True else ():
            names = read_header(file, layout)
            if names != layout.names:
                raise SchemaError(
                    f"expected the columns of {path}, {_show(layout.names)}, got {_show(names)}",
                    path=file,
                    hint="read the files separately, or give them the same header",
                )
        if layout.found:
            options = ", ".join(f"{found.split()[0]}=" for found in layout.found).replace("no=", "header=")
            warn_user(f"{path}: found {', '.join(layout.found)}; pass {options} to set it")
        return layout

    @cached_property
    def can_seek_lines(self) -> bool:
        """Whether reading can start at any line of the files."""
        if not all(map(can_seek, self.files)):
            return False
        for file in self.files:
            with TextReader(file, self._layout.dialect.encoding) as reader:
                if reader.encoding != "utf-8":
                    return False
        return True

    @cached_property
    def _survey(self) -> tuple[NDArray[np.uint16], int | None]:
        """The kinds of the cells of each column, and the number of rows, if the files were read whole."""
        names = self._layout.names
        chosen: frozenset[str] = frozenset(names if self.columns is None else self.columns)
        typed: frozenset[str] = frozenset(self.types.names if self.types else ())
        kinds = np.array(
            [0 if name in chosen and name not in typed else CellKind.TEXT for name in names], np.uint16
        )
        rows = size = 0
        for file in self.files:
            for chunk in read_chunks(file, self._layout, seen=kinds):
                rows += chunk.records
                size += len(chunk.data)
                if size >= INFERENCE_BYTES:
                    return kinds, None
        return kinds, rows

    def _check_repeated(self, names: Sequence[str]) -> None:
        """Check that no column that is read occurs twice."""
        declared = names if self.declared is None else self.declared.names
        chosen = frozenset(declared if self.columns is None else self.columns)
        repeated = find_repeated([name for name in names if name in chosen])
        if repeated is not None:
            hint = "rename one, read other columns, or pass header=False if the first line is a row"
            raise SchemaError("two columns have this name", path=self.files[0], feature=repeated, hint=hint)

    def _allowed_kinds(self, schema: pa.Schema) -> NDArray[np.uint16]:
        inferred = self._inferred
        kinds = {
            each.name: allowed_kinds(each.type) if each.name in inferred else ANY_KIND for each in schema
        }
        return np.array([kinds.get(name, ANY_KIND) for name in self._layout.names], np.uint16)


def _describe_types(types: pa.Schema | None) -> list[str]:
    return [] if types is None else [f"{each.name}: {each.type}" for each in types]


def _show(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:8]))
    return f"[{shown}]" if len(names) <= 8 else f"[{shown}, ... ({len(names):,})]"

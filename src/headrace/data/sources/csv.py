"""Read CSV files, plain or compressed."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyarrow import csv

from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, files_fingerprint
from headrace.data.sources.csv_types import ColumnSurvey
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.find_files import find_files
from headrace.errors import SchemaError, UsageError
from headrace.storage import READ_ERRORS, Paths, local_path, open_decompressed
from headrace.suggestions import suggest

__all__ = ["CsvSource"]

_BLOCK = 1 << 22  # bytes parsed at a time; a longer record is an error


@dataclass(frozen=True)
class CsvSource:
    """CSV files with a header line, UTF-8, comma-separated, fields quoted by `"`; `.gz`, `.bz2`, `.zst` too.

    With `declared`, only its columns are read, as its types. Otherwise the files are read once before the
    first batch to infer types that hold for every row (see `csv_types`), which takes about as long as reading
    them. An empty field is null in a numeric or boolean column, and the empty string in a string column.

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
    ) -> CsvSource:
        """Create a source from files, which must have the same header.

        Raises:
            UsageError: A file does not exist.
        """
        return cls(find_files(paths), schema, as_tuple(columns))

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns in the order of the header, or as declared.

        Raises:
            SchemaError: The headers of the files differ, a declared column is missing, or two columns have
                the same name.
        """
        names = self._names
        for name in self.declared.names if self.declared else []:
            if name not in names:
                raise SchemaError(
                    "the file lacks this column",
                    path=self.files[0],
                    feature=name,
                    hint=suggest(name, names),
                )
        if self.declared:
            return select_columns(self.declared, self.columns, self.files[0])
        return pa.schema([survey.to_field() for survey in self._surveys])

    @property
    def num_rows(self) -> int | None:
        """The number of rows, known if the files were read to infer their types."""
        return self._surveys[0].rows if self.declared is None and self._surveys else None

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read batches of about 4 MiB of text.

        Raises:
            SchemaError: A value does not match the type of its column, a record has more or fewer fields than
                the header, or a required column (`nullable=False`) has an empty field.
        """
        schema = self.schema
        types = dict(zip(schema.names, schema.types, strict=True))
        for file in self.files:
            for batch in _read_blocks(file, self._names, column_types=types, include_columns=schema.names):
                _check_required(batch, schema, file)
                yield batch.cast(schema) if batch.schema != schema else batch

    def select_columns(self, columns: Sequence[str]) -> CsvSource:
        """Return a source of these columns, without inferring their types again; see `Selectable`."""
        return CsvSource(self.files, self.schema, tuple(columns))

    def divide(self) -> list[CsvSource]:
        """Divide into one source per file, all with the schema of the whole."""
        return [CsvSource((file,), self.schema) for file in self.files]

    @property
    def fingerprint(self) -> str:
        """A digest of the contents of all files, wherever they lie; see `files_fingerprint`."""
        return files_fingerprint(self.files, "csv", *(self.columns or ()), schema=self.declared)

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever the files may have changed; see `files_cache_key`."""
        return files_cache_key(self.files, "csv", schema=self.schema)

    @cached_property
    def _names(self) -> list[str]:
        first, *others = [_read_header(file) for file in self.files]
        for file, names in zip(self.files[1:], others, strict=True):
            if names != first:
                raise SchemaError(
                    f"expected the columns of {self.files[0]}, {first}, got {names}",
                    path=file,
                    hint="read the files separately, or give them the same header",
                )
        return first

    @cached_property
    def _surveys(self) -> list[ColumnSurvey]:
        text = pa.schema([pa.field(name, pa.string()) for name in self._names])
        names = select_columns(text, self.columns, self.files[0]).names
        surveys = [ColumnSurvey(name) for name in names]
        types = dict.fromkeys(names, pa.string())
        for file in self.files:
            for batch in _read_blocks(
                file, self._names, column_types=types, include_columns=names, strings_can_be_null=True
            ):
                for survey, column in zip(surveys, batch.columns, strict=True):
                    survey.update(column)
        return surveys


def _read_header(file: str) -> list[str]:
    with _convert_errors(file, []), _open(file) as reader:
        names = reader.schema.names
    duplicate = next((name for name in names if names.count(name) > 1), None)
    if duplicate is not None:
        raise SchemaError("two columns have this name", path=file, feature=duplicate, hint="rename one")
    return names


def _open(file: str, **convert: Any) -> csv.CSVStreamingReader:
    return csv.open_csv(
        file if local_path(file) else open_decompressed(file),
        read_options=csv.ReadOptions(block_size=_BLOCK),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(**convert),
    )


def _read_blocks(file: str, names: list[str], **convert: Any) -> Iterator[pa.RecordBatch]:
    with _convert_errors(file, names), _open(file, **convert) as reader:
        yield from (batch for batch in reader if batch.num_rows)


@contextmanager
def _convert_errors(file: str, names: list[str]) -> Generator[None]:
    """Raise Arrow's errors as Headrace errors, with the name of the column that Arrow numbers."""
    try:
        yield
    except READ_ERRORS as error:
        raise UsageError(
            f"cannot read the file ({_shorten(str(error))})",
            path=file,
            hint="check the file and its compression",
        ) from error
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        found = re.search(r"In CSV column #(\d+): CSV conversion error to (.+?): (.*)", str(error), re.DOTALL)
        if found is None or not names:
            raise SchemaError(
                _shorten(str(error)), path=file, hint="fix the rows of the file or its header"
            ) from error
        column, type_, what = found.groups()
        raise SchemaError(
            f"expected values of type {type_} ({_shorten(what)})",
            path=file,
            feature=names[int(column)],
            hint="save the file as UTF-8"
            if "UTF8" in what
            else "declare the column float64 or string in `schema`",
        ) from error


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:160] + "..."


def _check_required(batch: pa.RecordBatch, schema: pa.Schema, file: str) -> None:
    for field in schema:
        nulls = batch.column(field.name).null_count
        if nulls and not field.nullable:
            raise SchemaError(
                f"a required column has {nulls:,} empty fields",
                path=file,
                feature=field.name,
                hint="declare it nullable, or fill the fields",
            )

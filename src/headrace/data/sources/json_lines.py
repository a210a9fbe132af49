"""Read JSON lines: one object per line; and JSON documents: arrays of objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, files_fingerprint
from headrace.data.json_values import JsonLineParser, JsonLineSurvey
from headrace.data.plan.steps import Cursor, Steps
from headrace.data.read_rows import read_source
from headrace.data.sources.files.inference import (
    INFERENCE_BYTES,
    INFERENCE_TEXT,
    Types,
    check_rows,
    check_schema,
    parse_types,
)
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.files.text_places import can_seek, count_rows, stream_text
from headrace.data.sources.find_files import find_files
from headrace.data.sources.json_blocks import JsonBlock, is_document, name_rows, place_blocks, read_blocks
from headrace.data.sources.json_rows import read_lines
from headrace.errors import SchemaError
from headrace.storage import Paths
from headrace.suggestions import suggest

__all__ = ["JsonLinesSource"]


@dataclass(frozen=True)
class JsonLinesSource:
    """Files of one JSON object per line, UTF-8; `.gz`, `.bz2` and `.zst` too.

    A file whose name ends in `.json` may be an array of objects, and its objects may have several lines.

    `headrace.data.json_values` describes how JSON maps to columns, and `infer_types` there how types are
    inferred: from the first 64 MiB of all files. A later value that would have been inferred otherwise, or a
    key that did not occur before, is an error. With `declared`, only its columns are read, as its types; an
    absent key is null.

    Attributes:
        files: The files, in reading order.
        declared: The schema to read by; None infers one.
        columns: The columns to read; None is all.
        types: The types of some columns; None infers all.
        inferred: The columns of `declared` whose types were inferred.
        closed: Whether a key that `declared` lacks is an error.
    """

    files: tuple[str, ...]
    declared: pa.Schema | None = None
    columns: tuple[str, ...] | None = None
    types: pa.Schema | None = None
    inferred: frozenset[str] = frozenset()
    closed: bool = False

    @classmethod
    def from_paths(
        cls,
        paths: Paths,
        schema: pa.Schema | None = None,
        columns: Sequence[str] | None = None,
        types: Types | None = None,
    ) -> JsonLinesSource:
        """Create a source from files.

        Raises:
            UsageError: A file does not exist, or both `schema` and `types` are passed.
        """
        files = find_files(paths, r"\.(jsonl|ndjson|json)(\.(gz|bz2|zst))?")
        check_schema(schema, types)
        return cls(files, schema, as_tuple(columns), parse_types(types))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the survey of the lines, which is native and is made again where it is needed."""
        return {name: value for name, value in vars(self).items() if name != "_surveyed"}

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns in the order of their first appearance, or as declared.

        Raises:
            SchemaError: Invalid JSON, a key whose values have no common type, or a chosen column that no line
                has.
        """
        return select_columns(self._whole, self.columns, self.files[0])

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the first 64 MiB of all lines; see `Declarable`.

        Raises:
            SchemaError: A line is not a JSON object.
        """
        return self._surveyed[0].names

    @property
    def num_rows(self) -> int | None:
        """The number of rows, known if the files were read whole to infer their types."""
        return None if self.declared is not None else self._inference[1]

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read batches of about 512 KiB of text, or less if there are many columns.

        Raises:
            UsageError: The files were cut since their types were inferred.
            SchemaError: A line is not a JSON object, or a value does not match its type.
        """
        with closing(self._stream_lines(None)) as steps:
            for step in steps:
                yield step.batch

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Read the rows from a cursor on; compressed files and documents are read from the start."""
        if isinstance(cursor, int) or not self.can_seek_lines:
            yield from read_source(self, epoch, count_rows(cursor))
        else:
            yield from self._stream_lines(cursor)

    def _stream_lines(self, cursor: Cursor) -> Steps:
        parser = self._create_parser()

        def parse(file: str, block: JsonBlock) -> Iterator[pa.RecordBatch]:
            with name_rows():
                yield from parser.parse(block.text, file, block.line)

        rows = count_rows(cursor)
        for step in stream_text(self.files, cursor, place_blocks, parse):
            yield step
            rows = step.cursor[0]
        check_rows(rows, self.num_rows, self.files[-1])

    def read_some(self, cursor: Cursor, rows: NDArray[np.int64]) -> list[pa.RecordBatch] | None:
        """Read some rows after a cursor without parsing those between them; see `Sparse`.

        Returns None for rows with errors, too: reading all rows names the line.
        """
        if isinstance(cursor, int) or not self.can_seek_lines:
            return None
        parser = self._create_parser()
        texts = read_lines(self.files, cursor, rows, parser.batch_rows)
        try:
            batches = [batch for text in texts for batch in parser.parse(text)]
        except SchemaError:
            return None
        return batches if sum(batch.num_rows for batch in batches) == len(rows) else None

    def _create_parser(self) -> JsonLineParser:
        return JsonLineParser(
            self.schema,
            self._inferred_names,
            closed=self.columns is None and (self.closed or self.declared is None),
            inferred_from=INFERENCE_TEXT,
        )

    def select_columns(self, columns: Sequence[str]) -> JsonLinesSource:
        """Return a source of these columns, without inferring their types again; see `Selectable`."""
        return JsonLinesSource(self.files, self.schema, tuple(columns), inferred=self._inferred_names)

    def declare(self, columns: Mapping[str, pa.DataType | None]) -> JsonLinesSource:
        """Return a source of these columns, and of these types where they are not None; see `Declarable`.

        Raises:
            SchemaError: A key whose values have no common type, and no type here.
        """
        known = {name: type_ for name, type_ in columns.items() if type_ is not None}
        with name_rows():
            found = self._surveyed[0].infer_schema(known, columns)
        schema = select_columns(found, tuple(columns), self.files[0])
        return JsonLinesSource(self.files, schema, inferred=frozenset(columns) - frozenset(known))

    def divide(self) -> list[JsonLinesSource]:
        """Divide into one source per file, all with the schema of the whole."""
        closed = self.columns is None and (self.closed or self.declared is None)
        return [
            JsonLinesSource((file,), self.schema, inferred=self._inferred_names, closed=closed)
            for file in self.files
        ]

    @property
    def fingerprint(self) -> str:
        """A digest of the contents of all files, wherever they lie; see `files_fingerprint`."""
        options = [*(self.columns or ()), *(f"{each.name}: {each.type}" for each in self.types or ())]
        return files_fingerprint(self.files, "json_lines", *options, schema=self.declared)

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever the files may have changed; see `files_cache_key`."""
        return files_cache_key(self.files, "json_lines", schema=self.schema)

    @property
    def can_seek_lines(self) -> bool:
        """Whether reading can start at any line of the files."""
        return all(can_seek(file) and not is_document(file) for file in self.files)

    @property
    def _inferred_names(self) -> frozenset[str]:
        if self.declared is not None:
            return self.inferred
        return frozenset(self._whole.names) - frozenset(self.types.names if self.types else ())

    @property
    def _whole(self) -> pa.Schema:
        """The schema of all columns; the types of columns that are not read do not matter."""
        return self._inference[0] if self.declared is None else self.declared

    @cached_property
    def _inference(self) -> tuple[pa.Schema, int | None]:
        """The schema by what the first 64 MiB hold, and the number of rows if that is everything."""
        survey, is_whole = self._surveyed
        declared = dict(zip(self.types.names, self.types.types, strict=True)) if self.types else {}
        with name_rows():
            found = survey.infer_schema(declared, self.columns)
        missing = [name for name in declared if found.get_field_index(name) < 0]
        if missing and is_whole:
            hint = suggest(missing[0], found.names)
            raise SchemaError("no line has this key", path=self.files[0], feature=missing[0], hint=hint)
        whole = pa.schema([*found, *(pa.field(name, declared[name]) for name in missing)])
        return whole, survey.rows if is_whole else None

    @cached_property
    def _surveyed(self) -> tuple[JsonLineSurvey, bool]:
        """Read the first 64 MiB; say whether that is everything."""
        survey, size = JsonLineSurvey(), 0
        for file in self.files:
            with name_rows():
                for block in read_blocks(file):
                    if size >= INFERENCE_BYTES:
                        return survey, False
                    survey.add(block.text, file, block.line)
                    size += len(block.text)
        return survey, True

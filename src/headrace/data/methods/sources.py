"""Class methods of a dataset that create it, one per source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING, Self

import pyarrow as pa

from headrace.data import sources
from headrace.data.methods.memory_sources import MemorySourceMethods
from headrace.storage import Paths, directory_exists, expand_home

if TYPE_CHECKING:
    from headrace.data.sources import Types
    from headrace.records.schema import RecordSchema
    from headrace.records.tfrecord import OnCorrupt

__all__ = ["SourceMethods"]


class SourceMethods(MemorySourceMethods):
    """Class methods that create a dataset from a source.

    Files are named by a path, a URL that fsspec knows, a pattern, or several of these; a leading `~` is the
    home folder.
    """

    @classmethod
    def from_array_record(
        cls, paths: Paths, schema: RecordSchema | None = None, columns: Sequence[str] | None = None
    ) -> Self:
        """Read ArrayRecord files of Examples: a path, a glob, or a list.

        A `SequenceSchema` reads SequenceExamples. Fields of `records.serialized` are serialised tensors in
        their features. Without `schema`, the only column is `record`, the bytes of the records; see
        `ArrayRecordSource`.

        Raises:
            UsageError: A file does not exist, or columns are named without a schema.
            RecordError: On reading: a truncated or corrupt file, or a record that does not match the schema.
        """
        return cls(sources.ArrayRecordSource.from_paths(paths, schema, columns))

    @classmethod
    def from_records(
        cls,
        paths: Paths,
        schema: RecordSchema | None = None,
        on_corrupt: OnCorrupt = "raise",
        columns: Sequence[str] | None = None,
    ) -> Self:
        """Read TFRecord files of Examples: a path, a glob, the base name of their shards, or a list.

        A `SequenceSchema` reads SequenceExamples. Without `schema`, the schema file next to the files is
        used, or the schema is inferred from all records. Corrupt records raise an error unless `on_corrupt`
        is "skip" or "quarantine"; see `records.read`. Of the features, those in `columns` are read.

        Raises:
            UsageError: A file does not exist.
            RecordError: On reading: a corrupt file, or a record that does not match the schema.
        """
        return cls(sources.RecordSource.from_paths(paths, schema, on_corrupt, columns))

    @classmethod
    def from_csv(
        cls,
        paths: Paths,
        schema: pa.Schema | None = None,
        columns: Sequence[str] | None = None,
        *,
        types: Types | None = None,
        delimiter: str | None = None,
        header: bool | Sequence[str] | None = None,
        encoding: str | None = None,
    ) -> Self:
        """Read CSV files (a path, a glob, or a list), `.gz`, `.bz2` and `.zst` too; see `CsvSource`.

        Delimiter, header and encoding are found in the first file, where they are not passed; a warning says
        what was found, unless it is a comma, a header line and UTF-8.

            ds = hr.Dataset.from_csv("cities.csv", types={"zip": "string"}, delimiter=";", encoding="latin-1")

        Args:
            paths: The files.
            schema: The columns to read, and their types; None infers types from the first 64 MiB.
            columns: The columns to read; None is all.
            types: The types of some columns, such as `{"zip": "string"}`; the others are inferred.
            delimiter: The character between fields.
            header: Whether the first line names the columns; the names, if it does not.
            encoding: A codec of Python, such as "latin-1"; None is UTF-8, or what a byte order mark says.

        Raises:
            UsageError: A file does not exist, or an argument is invalid.
            SchemaError: On reading: a missing column, malformed text, or a value of another type; it names
                file, line and column.
        """
        dialect = sources.CsvDialect.create(delimiter, header, encoding)
        return cls(sources.CsvSource.from_paths(paths, schema, columns, dialect, types))

    @classmethod
    def from_parquet(cls, paths: Paths, columns: Sequence[str] | None = None) -> Self:
        """Read Parquet files (a path, a glob, or a list), all columns or those chosen.

        Of a folder, all Parquet files in it and below are read, and folders named `column=value`, as Hive and
        Spark write them, become columns; see `HiveParquetSource`.

        Raises:
            UsageError: A file does not exist, or a folder holds no Parquet file.
            SchemaError: On reading: a file of another format, files with different schemas, or a missing
                column.
        """
        if isinstance(paths, str | PathLike) and directory_exists(expand_home(paths)):
            return cls(sources.HiveParquetSource.from_folder(fspath(paths), columns))
        return cls(sources.ParquetSource.from_paths(paths, columns))

    @classmethod
    def from_json_lines(
        cls,
        paths: Paths,
        schema: pa.Schema | None = None,
        columns: Sequence[str] | None = None,
        *,
        types: Types | None = None,
    ) -> Self:
        """Read files of one JSON object per line (a path, a glob, or a list), `.gz`, `.bz2` and `.zst` too.

        `headrace.data.json_values` describes how JSON maps to columns.

            ds = hr.Dataset.from_json_lines("events.jsonl", types={"id": "string"})

        Args:
            paths: The files.
            schema: The keys to read, and their types; None infers types from the first 64 MiB.
            columns: The keys to read; None is all.
            types: The types of some keys, such as `{"id": "string"}`, which takes values of any type as they
                are written; the others are inferred.

        Raises:
            UsageError: A file does not exist, or an argument is invalid.
            SchemaError: On reading: invalid JSON, or a value of another type; it names file, line and key.
        """
        return cls(sources.JsonLinesSource.from_paths(paths, schema, columns, types))

    @classmethod
    def from_arrow_ipc(cls, paths: Paths, columns: Sequence[str] | None = None) -> Self:
        """Read Arrow IPC files or streams (`.arrow`, `.feather`): a path, a glob, or a list.

        Rows of uncompressed local files are read by number; see `ArrowIpcSource`.

        Raises:
            UsageError: A file does not exist.
            SchemaError: On reading: a file of another format, files with different schemas, or a missing
                column.
            RecordError: On reading: a truncated or corrupt file.
        """
        return cls(sources.ArrowIpcSource.from_paths(paths, columns))

    @classmethod
    def from_images(
        cls,
        folder: str | PathLike[str],
        columns: Sequence[str] | None = None,
        *,
        skip: Iterable[str] = (),
    ) -> Self:
        """Read a folder with one folder per class: columns `image` (encoded bytes), `label` and `filename`.

        A warning counts and names the files that are left out; see `ImageSource`.

        Args:
            folder: The folder.
            columns: The columns to read; None is all. Without `image`, no file is read.
            skip: Files to leave out: their paths in the folder, such as "cat/1.jpg".

        Raises:
            UsageError: `folder` is not a folder; on reading: a file to skip does not exist.
            SchemaError: A column does not exist; on reading: no class folder contains an image, or a file is
                not an image.
        """
        return cls(sources.ImageSource.from_folder(folder, columns, skip))

    @classmethod
    def from_text(cls, path: str | PathLike[str], columns: Sequence[str] | None = None) -> Self:
        """Read a folder, or a .zip, with one folder of text files per class: columns `text` and `label`.

        A warning counts and names the files that are left out; see `TextSource`.

        Args:
            path: The folder or .zip.
            columns: The columns to read; None is all. Without `text`, no file is read.

        Raises:
            UsageError: `path` is neither a folder nor a .zip.
            SchemaError: A column does not exist; on reading: no class folder contains a text, or a file
                is not a text.
        """
        return cls(sources.TextSource.from_folder(path, columns))

    @classmethod
    def from_webdataset(
        cls, paths: Paths, schema: pa.Schema | None = None, columns: Sequence[str] | None = None
    ) -> Self:
        """Read tar archives of samples: a path, a glob, braces such as `train-{0000..0011}.tar`, or a list.

        A file `0007.jpg` is column `jpg` of the row whose `__key__` is `0007`: `.cls` becomes an integer,
        `.txt` and `.json` strings, everything else bytes; see `WebDatasetSource`. Without `schema`, the
        columns are those of the first 256 samples. A field of `records.serialized` is a serialised tensor.

        Raises:
            UsageError: An archive does not exist.
            RecordError: On reading: a truncated or corrupt archive, a link in it, or two files of one name.
            SchemaError: On reading: a file that does not match its column's type, or has a new extension.
        """
        return cls(sources.WebDatasetSource.from_paths(paths, schema, columns))

"""Class methods of a dataset that create it, one per source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from headrace.data.sources import (
    ArrayRecordSource,
    ArrowIpcSource,
    ArrowSource,
    CsvDialect,
    CsvSource,
    GeneratorSource,
    HiveParquetSource,
    HuggingFaceSource,
    ImageSource,
    JsonLinesSource,
    ParquetSource,
    RecordSource,
    TextSource,
    Types,
    WebDatasetSource,
)
from headrace.records.schema import RecordSchema
from headrace.records.tfrecord import OnCorrupt
from headrace.storage import Paths, directory_exists, expand_home
from headrace.tables import check_index

if TYPE_CHECKING:
    from headrace.data.pipeline import Source

__all__ = ["SourceMethods"]


class SourceMethods:
    """Class methods that create a dataset from a source.

    Files are named by a path, a URL that fsspec knows, a pattern, or several of these; a leading `~` is the
    home folder.
    """

    if TYPE_CHECKING:

        def __init__(self, source: Source) -> None: ...

    @classmethod
    def from_array_record(
        cls, paths: Paths, schema: RecordSchema | None = None, columns: Sequence[str] | None = None
    ) -> Self:
        """Read ArrayRecord files of Examples: a path, a glob, or a list.

        A `SequenceSchema` reads SequenceExamples. Without `schema`, the only column is `record`, the bytes of
        the records; see `ArrayRecordSource`.

        Raises:
            UsageError: A file does not exist, or columns are named without a schema.
            RecordError: On reading: a truncated or corrupt file, or a record that does not match the schema.
        """
        return cls(ArrayRecordSource.from_paths(paths, schema, columns))

    @classmethod
    def from_arrow(cls, data: Any) -> Self:
        """Read Arrow data from memory: a table, a batch, a reader, or batches of one schema, without a copy.

        Anything with Arrow's PyCapsule interface, such as a DataFrame of Polars, and all that `from_pandas`
        and `from_arrays` accept, is converted. A reader or an iterator is read now, into memory.

        Raises:
            UsageError: `data` is not a table, or names of columns are not distinct strings.
            SchemaError: The batches differ in their schemas, or a column cannot be converted.
        """
        return cls(ArrowSource.from_data(data))

    @classmethod
    def from_arrays(cls, arrays: Any) -> Self:
        """Read columns by name: NumPy arrays [rows, ...], `columns.Ragged`, Arrow arrays, tensors, or lists.

        Masked values and None are missing, NaN is a number. A structured array has a column per field.

        Raises:
            UsageError: There are no columns, or names are not distinct strings.
            SchemaError: The columns differ in length, or one cannot be converted to an Arrow array.
        """
        return cls(ArrowSource.from_data(arrays))

    @classmethod
    def from_pandas(cls, frame: Any) -> Self:
        """Read a DataFrame of pandas, or several of one schema; see also `to_pandas`.

        NaN, None, NA and NaT are missing. Nullable integers, strings, categories, dates and times with time
        zones, decimals, dicts and lists keep their values and types. Named levels of the index become the
        first columns; an index of integers without a name is left out.

            >>> import pandas as pd
            >>> frame = pd.DataFrame({"id": pd.array([1, None], "Int64"), "city": ["Oslo", None]})
            >>> [batch.to_pydict() for batch in Dataset.from_pandas(frame)]
            [{'id': [1, None], 'city': ['Oslo', None]}]

        Raises:
            UsageError: Names of columns that are not distinct strings (rename them), or an index of other
                values without a name.
            SchemaError: A column of several types, or of one that Arrow does not have; it names the row.
        """
        for each in frame if isinstance(frame, list | tuple) else [frame]:
            check_index(each)
        return cls(ArrowSource.from_data(frame))

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
        return cls(RecordSource.from_paths(paths, schema, on_corrupt, columns))

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
        dialect = CsvDialect.create(delimiter, header, encoding)
        return cls(CsvSource.from_paths(paths, schema, columns, dialect, types))

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
            return cls(HiveParquetSource.from_folder(fspath(paths), columns))
        return cls(ParquetSource.from_paths(paths, columns))

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
        return cls(JsonLinesSource.from_paths(paths, schema, columns, types))

    @classmethod
    def from_arrow_ipc(cls, paths: Paths, columns: Sequence[str] | None = None) -> Self:
        """Read Arrow IPC files or streams (`.arrow`, `.feather`): a path, a glob, or a list.

        Uncompressed local files are mapped into memory, and their rows read by number; see `ArrowIpcSource`.

        Raises:
            UsageError: A file does not exist.
            SchemaError: On reading: a file of another format, files with different schemas, or a missing
                column.
            RecordError: On reading: a truncated or corrupt file.
        """
        return cls(ArrowIpcSource.from_paths(paths, columns))

    @classmethod
    def from_generator(
        cls,
        function: Callable[[], Iterable[Any]],
        schema: pa.Schema | None = None,
        columns: Sequence[str] | None = None,
    ) -> Self:
        """Read the rows that `function()` returns or yields: dicts, tuples or record batches.

        The function is called anew for each epoch. Without `schema`, one is inferred from the first 256 rows;
        see `GeneratorSource`. Rows cannot be read by number, so that resuming replays the epoch.

            >>> from headrace.data import Dataset
            >>> ds = Dataset.from_generator(lambda: ({"n": n, "square": n * n} for n in range(5)))
            >>> [batch["square"].to_pylist() for batch in ds.batch(3)]
            [[0, 1, 4], [9, 16]]

        Raises:
            UsageError: `function` is not callable, or returns something else.
            SchemaError: On reading: no row to infer from, or a row that does not match the schema; it names
                the row and the column.
        """
        return cls(GeneratorSource.from_function(function, schema, columns))

    @classmethod
    def from_huggingface(
        cls,
        dataset: Any,
        split: str | None = None,
        columns: Sequence[str] | None = None,
        config: str | None = None,
    ) -> Self:
        """Read a `datasets.Dataset` or `IterableDataset`, a folder of a saved one, or a name on the hub.

        Images and audio are encoded bytes, class labels integers; see `HuggingFaceSource`. Needs the extra
        `huggingface`.

        Args:
            dataset: The data set, a dict of splits, the folder that `save_to_disk` wrote, or a name.
            split: The split to read, such as "train"; required if there are several.
            columns: The columns to read; None is all.
            config: With a name, the configuration of the data set.

        Raises:
            DependencyError: `datasets` is not installed.
            UsageError: An unknown split or name, or an object of another type.
            SchemaError: On reading: the data set lacks a chosen column.
        """
        return cls(HuggingFaceSource.from_dataset(dataset, split, columns, config))

    @classmethod
    def from_images(cls, folder: str | PathLike[str], columns: Sequence[str] | None = None) -> Self:
        """Read a folder with one folder per class: columns `image` (encoded bytes), `label` and `filename`.

        Args:
            folder: The folder.
            columns: The columns to read; None is all. Without `image`, no file is read.

        Raises:
            UsageError: `folder` is not a folder.
            SchemaError: A column does not exist; on reading: no class folder contains an image, or a file is
                not an image.
        """
        return cls(ImageSource.from_folder(folder, columns))

    @classmethod
    def from_text(cls, path: str | PathLike[str], columns: Sequence[str] | None = None) -> Self:
        """Read a folder, or a .zip, with one folder of text files per class: columns `text` and `label`.

        Args:
            path: The folder or .zip.
            columns: The columns to read; None is all. Without `text`, no file is read.

        Raises:
            UsageError: `path` is neither a folder nor a .zip.
            SchemaError: A column does not exist; on reading: a class folder does not exist.
        """
        return cls(TextSource.from_folder(path, columns))

    @classmethod
    def from_webdataset(
        cls, paths: Paths, schema: pa.Schema | None = None, columns: Sequence[str] | None = None
    ) -> Self:
        """Read tar archives of samples: a path, a glob, braces such as `train-{0000..0011}.tar`, or a list.

        A file `0007.jpg` is column `jpg` of the row whose `__key__` is `0007`: `.cls` becomes an integer,
        `.txt` and `.json` strings, everything else bytes; see `WebDatasetSource`. Without `schema`, the
        columns are those of the first 256 samples.

        Raises:
            UsageError: An archive does not exist.
            RecordError: On reading: a truncated or corrupt archive, a link in it, or two files of one name.
            SchemaError: On reading: a file that does not match its column's type, or has a new extension.
        """
        return cls(WebDatasetSource.from_paths(paths, schema, columns))

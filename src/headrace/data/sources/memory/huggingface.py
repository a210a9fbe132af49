"""Read data sets of Hugging Face's `datasets`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, fingerprint
from headrace.data.identity import content_digest, table_digest
from headrace.data.rows import split_rows
from headrace.data.sources.files.batch_rows import BatchRows
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.memory.huggingface_columns import convert_batch, convert_schema
from headrace.errors import DependencyError, SchemaError, UsageError
from headrace.extras import require
from headrace.source_line import warn_user
from headrace.storage import expand_home
from headrace.suggestions import list_names, suggest

__all__ = ["HuggingFaceRows", "HuggingFaceSource"]

_BATCH_ROWS = 1024
_DECLARE = "pass features=datasets.Features(...) to the stream, or the rows to Dataset.from_generator"
_SAVED = ("dataset_info.json", "dataset_dict.json", "state.json")  # in folders that save_to_disk writes


@dataclass(frozen=True)
class HuggingFaceSource:
    """A `datasets.Dataset`, whose rows are read by number, or a `datasets.IterableDataset`, a stream.

    The rows are those of the data set: selected, filtered and shuffled ones in its order, without a copy of
    its Arrow table. Formats and transforms set on it are ignored, a transform
    with a warning. Images and audio become their encoded bytes
    (those stored as paths are read), class labels integers, and arrays of fixed shape tensors.

    Attributes:
        dataset: The data set.
        columns: The columns to read; None is all.
    """

    dataset: Any
    columns: tuple[str, ...] | None = None

    @classmethod
    def from_dataset(
        cls,
        dataset: Any,
        split: str | None = None,
        columns: Sequence[str] | None = None,
        config: str | None = None,
    ) -> HuggingFaceSource:
        """Create a source from a data set, from the folder of a saved one, or from its name on the hub.

        Raises:
            DependencyError: `datasets` is not installed.
            UsageError: An unknown split or name, or an object of another type.
        """
        require("datasets", extra="huggingface", purpose="Dataset.from_huggingface")
        if isinstance(dataset, str | Path):
            dataset = _load(expand_home(dataset), split, config)
        elif config is not None:
            raise UsageError("expected a name with `config`, got a data set", hint="omit `config`")
        chosen = _choose_split(dataset, split)
        if (getattr(chosen, "format", None) or {}).get("type") == "custom":
            warn_user("the transform set on the data set is not applied; apply it by Dataset.map")
        return cls(chosen, as_tuple(columns))

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns of the data set, images and audio as bytes.

        Raises:
            UsageError: A stream does not know its columns and has no rows.
            SchemaError: The data set lacks a chosen column.
        """
        return convert_schema(select_columns(self._stored_schema, self.columns, "the data set"))

    @property
    def num_rows(self) -> int | None:
        """The number of rows; None for a stream."""
        return self.dataset.num_rows if self._is_table else None

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the rows in the order of the data set, in batches of at most 1,024.

        Raises:
            UsageError: An image or audio file cannot be read.
        """
        rows = self.open_rows()
        return self._read_stream() if rows is None else rows.scan(0)

    def open_rows(self) -> HuggingFaceRows | None:
        """Open the rows by number; None for a stream."""
        return self._rows

    @cached_property
    def _rows(self) -> HuggingFaceRows | None:
        if not self._is_table:
            return None
        names = self.schema.names
        table: pa.Table = self.dataset.data.table.select(names).replace_schema_metadata(None)
        rows = BatchRows(table.to_batches(), table.schema, _BATCH_ROWS)
        return HuggingFaceRows(rows, self._indices, self.schema)

    def select_columns(self, columns: Sequence[str]) -> HuggingFaceSource:
        """Return a source of these columns; see `Selectable`."""
        return replace(self, columns=tuple(columns))

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the files of the data set, or of its rows in memory; of a stream, of its name only."""
        if not self._is_table:
            info = self.dataset.info
            names = (info.builder_name, info.config_name, info.dataset_name, self.dataset.split)
            return fingerprint("huggingface stream", *map(str, names), *self._stored_schema.names)
        table: pa.Table = self.dataset.data.table
        files = sorted({each["filename"] for each in self.dataset.cache_files})
        ends = (table.slice(0, 1), table.slice(max(len(table) - 1, 0)))
        parts = [content_digest(files), *map(table_digest, ends)] if files else [table_digest(table)]
        indices = self._indices
        chosen = b"" if indices is None else table_digest(pa.table({"row": indices}))
        return fingerprint("huggingface", *parts, str(len(table)), chosen, *(self.columns or ()))

    @property
    def cache_key(self) -> str | None:
        """A digest that changes whenever the rows may have changed; None for a stream."""
        if not self._is_table:
            return None
        files = sorted({each["filename"] for each in self.dataset.cache_files})
        return fingerprint(self.fingerprint, files_cache_key(files))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the data set, which pickles the paths of its files, without the rows that were opened."""
        return HuggingFaceSource, (self.dataset, self.columns)

    @property
    def _is_table(self) -> bool:
        return hasattr(self.dataset, "cache_files")

    @cached_property
    def _indices(self) -> NDArray[np.int64] | None:
        indices = getattr(self.dataset, "_indices", None)
        return None if indices is None else indices.column(0).to_numpy().astype(np.int64)

    @cached_property
    def _stored_schema(self) -> pa.Schema:
        if self._is_table:
            return self.dataset.data.table.schema.remove_metadata()
        if self.dataset.features is not None:
            return self.dataset.features.arrow_schema.remove_metadata()
        first = next(self._iterate(), None)
        if first is None:
            raise UsageError("the stream has neither columns nor rows", hint="pass a data set with features")
        return first.schema.remove_metadata()

    def _iterate(self) -> Iterator[pa.Table]:
        done = 0
        try:
            for table in self.dataset.with_format("arrow").iter(batch_size=_BATCH_ROWS):
                yield table
                done += len(table)
        except pa.ArrowInvalid as error:
            what = f"the rows from here on differ ({' '.join(str(error).split())[:160]})"
            raise SchemaError(what, path="the stream", record=done, hint=_DECLARE) from error

    def _read_stream(self) -> Iterator[pa.RecordBatch]:
        names = self.schema.names
        stored = pa.schema([self._stored_schema.field(name) for name in names])
        done = 0
        for table in self._iterate():
            for batch in _conform(table, stored, self._stored_schema, done).combine_chunks().to_batches():
                yield convert_batch(batch, self.schema)
            done += len(table)


def _conform(table: pa.Table, chosen: pa.Schema, stored: pa.Schema, row: int) -> pa.Table:
    """Select and cast the columns of a part of a stream, whose first row has the number `row`.

    Raises:
        SchemaError: The columns differ from those of the first rows, or a value does not fit their types.
    """
    if set(table.schema.names) != set(stored.names):
        what = f"expected the columns {list_names(stored.names)}, got {list_names(table.schema.names)}"
        raise SchemaError(what, path="the stream", record=row, hint=_DECLARE)
    columns: list[pa.ChunkedArray] = []
    for field in chosen:
        column = table[field.name]
        try:
            if _is_text(column.type) not in (None, _is_text(field.type)):
                raise pa.ArrowInvalid(f"got {column.type}")
            columns.append(column.cast(field.type) if column.type != field.type else column)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            what = f"expected {field.type} as in the first rows ({str(error).splitlines()[0][:160]})"
            raise SchemaError(
                what, path="the stream", record=row, feature=field.name, hint=_DECLARE
            ) from error
    return pa.Table.from_arrays(columns, schema=chosen)


def _is_text(type_: pa.DataType) -> bool | None:
    """Return whether a type is text; None if it holds nothing."""
    if pa.types.is_null(type_):
        return None
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


class HuggingFaceRows:
    """The rows of a data set by number; see `RowReader`.

    Args:
        rows: The rows of its table.
        indices: The row of the table that is each row of the data set, int64 [rows]; None if they are equal.
        schema: The columns after conversion.
    """

    blocks: NDArray[np.int64] | None = None

    def __init__(self, rows: BatchRows, indices: NDArray[np.int64] | None, schema: pa.Schema) -> None:
        self._rows = rows
        self._indices = indices
        self._schema = schema

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        return self._rows.num_rows if self._indices is None else len(self._indices)

    @property
    def row_bytes(self) -> float:
        """The average size of a row."""
        return self._rows.row_bytes

    @property
    def in_memory(self) -> bool:
        """False: a data set on disk is mapped into memory."""
        return False

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Gather rows."""
        rows = np.asarray(rows, np.int64)
        places = rows if self._indices is None else self._indices[rows]
        return convert_batch(self._rows.take(places), self._schema)

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        """Read the rows from number `start` on, in order."""
        if self._indices is None:
            for batch in self._rows.scan(start):
                yield convert_batch(batch, self._schema)
            return
        for first in range(start, len(self._indices), _BATCH_ROWS):
            batch = self._rows.take(self._indices[first : first + _BATCH_ROWS])
            for part in split_rows(batch, _BATCH_ROWS):
                yield convert_batch(part, self._schema)


def _load(name: str, split: str | None, config: str | None) -> Any:
    import datasets  # takes a second to import

    try:
        if any(Path(name, each).is_file() for each in _SAVED):
            return datasets.load_from_disk(name)
        return cast("Any", datasets).load_dataset(name, config, split=split)
    except DependencyError:
        raise
    except Exception as error:  # of `datasets`, the hub, and the file systems below
        what = f"cannot be loaded ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        hint = "check the name and the split, or load it with `datasets` and pass the data set"
        raise UsageError(what, path=name, hint=hint) from error


def _choose_split(dataset: Any, split: str | None) -> Any:
    if isinstance(dataset, dict):  # a DatasetDict, by split
        names = [str(name) for name in cast("dict[Any, Any]", dataset)]
        if split is None and len(names) == 1:
            split = names[0]
        if split not in names:
            what = "the data set has several splits" if split is None else f"unknown split {split!r}"
            raise UsageError(what, hint=suggest(split or "", names) if split else f"pass split={names[0]!r}")
        return dataset[split]
    if not hasattr(dataset, "with_format") or not hasattr(dataset, "features"):
        expected = "a datasets.Dataset, an IterableDataset, a folder or a name"
        what = f"expected {expected}, got a {type(dataset).__name__}"
        raise UsageError(what, hint="pass the result of datasets.load_dataset")
    known = getattr(dataset, "split", None)
    if split is not None and known is not None and str(known) not in (split, split.partition("[")[0]):
        raise UsageError(f"expected the split {split!r}, got {known!s}", hint="omit `split`")
    return dataset

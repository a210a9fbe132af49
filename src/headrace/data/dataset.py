"""A lazy pipeline over record batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from headrace.data.iterator import DatasetIterator
from headrace.data.part import Part
from headrace.data.pipeline import Divisible, Narrowable, Source, Stage, upstream
from headrace.data.sources import (
    ArrowSource,
    CsvSource,
    ImageSource,
    JsonLinesSource,
    ParquetSource,
    RecordSource,
    TextSource,
)
from headrace.data.sources.find_files import Paths
from headrace.data.sources.records import OnCorrupt
from headrace.data.sources.records import Paths as RecordPaths
from headrace.data.stages import Batch, Cache, Filter, Map, Prefetch, Repeat, Shard, Shuffle, Skip, Take
from headrace.errors import UsageError
from headrace.records.schema import RecordSchema

if TYPE_CHECKING:
    import torch

    from headrace.data.torch import TorchBatches

__all__ = ["Dataset"]


@dataclass(frozen=True)
class Dataset:
    """Rows from a source, through stages, as a stream of `pyarrow.RecordBatch`; lazy until it is iterated.

    A dataset is a value: every method gives a new one. Iterating it twice gives the same batches;
    `epoch(k)` gives the same rows in their k-th order.

        >>> import numpy as np
        >>> ds = Dataset.from_arrays({"x": np.arange(6)}).shuffle(seed=1).batch(4)
        >>> [batch.num_rows for batch in ds]
        [4, 2]
        >>> ds.num_rows
        6

    Attributes:
        source: Where rows come from.
        stages: What happens to them, in order.
        epoch_number: Which of its orders this is, from 0.
    """

    source: Source
    stages: tuple[Stage, ...] = ()
    epoch_number: int = 0

    @classmethod
    def from_arrow(cls, data: pa.Table | pa.RecordBatch | Iterable[pa.RecordBatch]) -> Dataset:
        """Rows of a table, a batch or several batches of one schema, held in memory without a copy.

        Raises:
            SchemaError: The batches differ in their schemas.
        """
        return cls(ArrowSource.of(data))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Dataset:
        """Rows of columns by name: NumPy arrays [rows, ...], `columns.Ragged`, Arrow arrays, or lists.

        Raises:
            SchemaError: The columns differ in length, or one cannot become an Arrow array.
        """
        return cls(ArrowSource.of_arrays(arrays))

    @classmethod
    def from_records(
        cls, paths: RecordPaths, schema: RecordSchema | None = None, on_corrupt: OnCorrupt = "raise"
    ) -> Dataset:
        """Rows of TFRecord files of Examples: a path, a glob, the base name they were written by, or a list.

        A `SequenceSchema` reads SequenceExamples. Without `schema`, the schema file beside them tells what
        is read, or all records are surveyed once. Damaged records are an error, or passed over by
        `on_corrupt` "skip" or "quarantine"; see `records.read`.

        Raises:
            UsageError: There is no such file.
            RecordError: On reading: a damaged file, or a record that does not fit the schema.
        """
        return cls(RecordSource.of(paths, schema, on_corrupt))

    @classmethod
    def from_csv(cls, paths: Paths, schema: pa.Schema | None = None) -> Dataset:
        """Rows of CSV files (a path, a glob, or a list), `.csv.gz` too; see `sources.csv`.

        Without `schema`, the files are read through once for types that hold for every row.

        Raises:
            UsageError: There is no such file.
            SchemaError: On reading: a missing column, or a value that does not fit; it names file and column.
        """
        return cls(CsvSource.of(paths, schema))

    @classmethod
    def from_parquet(cls, paths: Paths, columns: Sequence[str] | None = None) -> Dataset:
        """Rows of Parquet files (a path, a glob, or a list), of all or of the chosen columns.

        Raises:
            UsageError: There is no such file.
            SchemaError: On reading: no Parquet, differing schemas, or a missing column.
        """
        return cls(ParquetSource.of(paths, columns))

    @classmethod
    def from_json_lines(cls, paths: Paths, schema: pa.Schema | None = None) -> Dataset:
        """Rows of files of one JSON object a line (a path, a glob, or a list), `.gz` too.

        How JSON lies in columns is told in `data.json_text`. Without `schema`, the files are read through
        once for types that hold for every row.

        Raises:
            UsageError: There is no such file.
            SchemaError: On reading: no JSON lines, or a value that does not fit; it names file and key.
        """
        return cls(JsonLinesSource.of(paths, schema))

    @classmethod
    def from_images(cls, folder: str | PathLike[str]) -> Dataset:
        """Columns `image` (a file's bytes), `label` and `filename` from a folder with one folder a class.

        Raises:
            UsageError: `folder` is no folder.
            SchemaError: On reading: there is no class folder with an image, or a file is no image.
        """
        return cls(ImageSource.of(folder))

    @classmethod
    def from_text(cls, path: str | PathLike[str]) -> Dataset:
        """Columns `text` and `label` from a folder, or a .zip, with one folder of text files a class.

        Raises:
            UsageError: `path` is neither a folder nor a .zip.
            SchemaError: On reading: there is no class folder.
        """
        return cls(TextSource.of(path))

    def shuffle(self, seed: int, window: int = 65536) -> Dataset:
        """Rows in random order, another one each epoch, mixed through a pool of `window` rows in memory.

        Data of at most `window` rows is permuted uniformly. Lower `window` where rows are large.
        """
        return self._then(Shuffle(_at_least(0, seed, "seed"), _at_least(1, window, "window")))

    def map(self, function: Callable[[pa.RecordBatch], pa.RecordBatch], threads: int = 1) -> Dataset:
        """Every batch put through `function`, which keeps the number of rows, in order, `threads` at once."""
        return self._then(Map(function, _at_least(1, threads, "threads")))

    def filter(self, keep: Callable[[pa.RecordBatch], Any]) -> Dataset:
        """The rows for which `keep(batch)`, an array of one boolean a row, is true."""
        return self._then(Filter(keep))

    def batch(self, size: int, drop_remainder: bool = False) -> Dataset:
        """The rows in batches of exactly `size`; the last is shorter, or left out by `drop_remainder`."""
        return self._then(Batch(_at_least(1, size, "batch size"), drop_remainder))

    def take(self, rows: int) -> Dataset:
        """The first `rows` rows."""
        return self._then(Take(_at_least(0, rows, "rows to take")))

    def skip(self, rows: int) -> Dataset:
        """All but the first `rows` rows."""
        return self._then(Skip(_at_least(0, rows, "rows to skip")))

    def prefetch(self, batches: int = 2) -> Dataset:
        """The same, computed up to `batches` batches ahead in a background thread."""
        return self._then(Prefetch(_at_least(1, batches, "batches to prefetch")))

    def shard(self, index: int, shards: int) -> Dataset:
        """Rows `index`, `index + shards`, ...: one of `shards` disjoint parts.

        Raises:
            UsageError: `index` is not in [0, shards).
        """
        if not 0 <= index < shards:
            raise UsageError(f"shard {index} of {shards}", hint="number the shards from 0 to shards - 1")
        return self._then(Shard(index, shards))

    def repeat(self, times: int) -> Dataset:
        """The rows `times` times over, each time in another order if shuffled."""
        return self._then(Repeat(_at_least(1, times, "repeats")))

    def cache(self) -> Dataset:
        """The same, kept in memory after the first complete reading; shuffle after it, not before."""
        return self._then(Cache())

    def epoch(self, number: int) -> Dataset:
        """The same rows in their order of number `number`."""
        return replace(self, epoch_number=_at_least(0, number, "epoch"))

    @property
    def schema(self) -> pa.Schema:
        """The schema of every batch.

        Where a stage may change it (`map`), the stage's function is called on the first row, or on an empty
        batch if there is no row.
        """
        if all(type(stage).probe is Stage.probe for stage in self.stages):
            return self.source.schema
        first = next((b for b in self.source.read() if b.num_rows), None)
        sample = self.source.schema.empty_table().to_batches() if first is None else [first.slice(0, 1)]
        batch = sample[0] if sample else pa.RecordBatch.from_pylist([], schema=self.source.schema)
        for stage in self.stages:
            batch = stage.probe(batch)
        return batch.schema

    @property
    def num_rows(self) -> int | None:
        """How many rows one epoch gives, or None where only reading can tell (after `filter`)."""
        rows = self.source.num_rows
        for stage in self.stages:
            rows = stage.count(rows)
        return rows

    @property
    def spec(self) -> str:
        """What the stages do to the rows: `shuffle(seed=1, window=65536) | batch(32)`."""
        return " | ".join(stage.spec for stage in self.stages if stage.spec)

    @property
    def parts(self) -> tuple[Part, ...] | None:
        """The same rows as parts that can be read alone: a file each, or 65,536 rows of memory.

        A Parquet file of more than 128 MB is several parts, of row groups that hold as much.

        Together they have the dataset's rows, in the source's order. None where a stage looks at more rows
        than those of a batch (`take`, `skip`, `shard`, `repeat`, `cache`, and `batch` that drops some), and
        for sources that lie in folders.
        """
        on_parts = [stage.on_parts for stage in self.stages]
        if not isinstance(self.source, Divisible) or any(each is None for each in on_parts):
            return None
        stages = tuple(stage for each in on_parts if each is not None for stage in each)
        return tuple(Part(source, stages) for source in self.source.divide())

    def narrowed(self, columns: Sequence[str]) -> Dataset:
        """The same rows for a reader of these columns alone, who takes strings in dictionaries as well.

        Itself where there are stages, which may look at others.
        """
        if self.stages or not isinstance(self.source, Narrowable):
            return self
        return replace(self, source=self.source.narrowed(columns))

    def __iter__(self) -> DatasetIterator:
        return DatasetIterator(upstream(self.source, self.stages), self.epoch_number, self.spec)

    def to_torch(self, device: torch.device | str | None = None) -> TorchBatches:
        """The batches as dicts of tensors (see `headrace.data.torch`), on `device`."""
        from headrace.data.torch import (
            TorchBatches,
        )  # torch takes seconds to import, and Arrow users never need it

        return TorchBatches(self, device)

    def _then(self, stage: Stage) -> Dataset:
        return replace(self, stages=(*self.stages, stage))


def _at_least(least: int, value: int, name: str) -> int:
    if value < least:
        raise UsageError(f"{name} is {value}", hint=f"give {least} or more")
    return value

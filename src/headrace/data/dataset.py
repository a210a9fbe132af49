"""A lazy pipeline over record batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import pyarrow as pa

from headrace.arguments import check_integer, check_name, show_value
from headrace.cached_property import cached_property
from headrace.data.combinations import DatasetCombinations
from headrace.data.iterator import DatasetIterator
from headrace.data.methods import (
    DatasetStages,
    PresentationMethods,
    ProfilingMethods,
    SourceMethods,
    TensorMethods,
)
from headrace.data.part import DatasetPart
from headrace.data.pipeline import Divisible, Prunable, Source, Stage
from headrace.data.plan import without_readers
from headrace.data.planner import Pipeline, find_schema
from headrace.data.random_access import PipelineRows, open_pipeline_rows
from headrace.data.split import assign_parts, check_sizes, compute_fractions
from headrace.data.stages import Choose, Drop, Map, Select, Skip, Take, divide_batches
from headrace.data.writing import DatasetWriting
from headrace.errors import SchemaError, UsageError
from headrace.source_line import warn_user
from headrace.suggestions import suggest

__all__ = ["Dataset"]

_MOST_STAGES = 200


@dataclass(frozen=True, repr=False)
class Dataset(
    SourceMethods,
    DatasetCombinations,
    DatasetStages,
    DatasetWriting,
    PresentationMethods,
    ProfilingMethods,
    TensorMethods,
):
    """A lazy stream of `pyarrow.RecordBatch`: rows from a source, transformed by stages.

    A dataset is a value: every method returns a new one. Every iteration yields the same batches; `epoch(k)`
    yields the same rows in their k-th order.

        >>> import numpy as np
        >>> ds = Dataset.from_arrays({"x": np.arange(6)}).shuffle(seed=1).batch(4)
        >>> [batch.num_rows for batch in ds]
        [4, 2]
        >>> ds.num_rows
        6

    A custom source needs no method here, `Dataset(source)` reads it; nor does a custom stage, see `apply`.

    Attributes:
        source: Where the rows come from.
        stages: The stages applied to them, in order.
        epoch_number: The epoch to iterate, from 0; it selects the order of shuffled rows.
        label: The column to predict, if batches of tensors are pairs; see `as_supervised`.
    """

    source: Source
    stages: tuple[Stage, ...] = ()
    epoch_number: int = 0
    label: str | None = None

    def apply(self, stage: Stage) -> Dataset:
        """Append a stage; `shuffle`, `map`, `batch` and the others are shorthands for it.

        Raises:
            UsageError: `stage` is not a stage, or there are 200: rows pass through them by nested calls.
        """
        if not isinstance(getattr(stage, "identity", None), str):
            what = f"stage: expected a stage, got {show_value(stage)}"
            raise UsageError(what, hint="call a method such as map, or pass an instance of Stage")
        if len(self.stages) >= _MOST_STAGES:
            what = f"expected at most {_MOST_STAGES} stages, got one more"
            raise UsageError(what, hint="do several steps in the function of one map")
        sorted_by = getattr(self.source, "sorted_by", None)
        if sorted_by and isinstance(stage, Take | Skip) and not any(each.reorders for each in self.stages):
            warn_user(
                f"the rows are sorted by '{sorted_by}', so {stage.spec} may keep a single one; "
                "use split, or shuffle first"
            )
        return replace(self, stages=(*self.stages, stage))

    def epoch(self, number: int) -> Dataset:
        """Select an epoch: the same rows in the order numbered `number`."""
        return replace(self, epoch_number=check_integer(number, "epoch"))

    def split(
        self,
        *sizes: float,
        seed: int = 0,
        stratify: str | None = None,
        group: str | None = None,
        by: str | None = None,
    ) -> tuple[Dataset, ...]:
        """Divide the rows into parts that share no row in any epoch, such as training and test rows.

        Each part keeps the order of the rows; shuffle the one to train on. With a column, and where the
        number of rows is unknown, the rows are read once, now.

            >>> import numpy as np
            >>> train, test = Dataset.from_arrays({"x": np.arange(10)}).split(0.8, 0.2, seed=0)
            >>> train.num_rows, test.num_rows
            (8, 2)

        Args:
            sizes: The share of each part, above 0, together 1; or the rows of each part, as integers,
                together all rows. A single size is that of the first of two parts: `split(55_000)`.
            seed: Selects the random choice.
            stratify: A column whose values have the same shares in each part, to within one row.
            group: A column whose values stay together in one part; sizes are as close as that allows.
            by: A column to sort by, such as a time; the last part has the last rows.

        Raises:
            UsageError: Sizes that do not add up to 1 or to the rows, several columns, nulls in a column, or a
                part without rows.
            SchemaError: The column does not exist.
        """
        sizes, seed = check_sizes(sizes), check_integer(seed, "seed")
        for name, column in (("stratify", stratify), ("group", group), ("by", by)):
            if column is not None:
                check_name(column, name)
        rows = self.num_rows
        if rows is None:
            rows = sum(batch.num_rows for batch in self.epoch(0))
        parts = assign_parts(
            rows,
            compute_fractions(sizes, rows),
            self._read_column,
            seed=seed,
            stratify=stratify,
            group=group,
            by=by,
        )
        return tuple(self.apply(Choose.from_rows(part)) for part in parts)

    def _read_column(self, name: str) -> pa.ChunkedArray:
        if name not in self.schema.names:
            hint = suggest(name, self.schema.names)
            raise SchemaError("the dataset lacks this column", feature=name, hint=hint)
        batches = self.prune_columns([name]).epoch(0)
        return pa.chunked_array([batch.column(name) for batch in batches], self.schema.field(name).type)

    @property
    def schema(self) -> pa.Schema:
        """The schema of every batch.

        If a stage may change it (`map`), the stage's function is called on the first row, or on an empty
        batch if the source is empty.
        """
        return find_schema(self.source, self.stages)

    @property
    def mapped_by(self) -> Callable[[pa.RecordBatch], pa.RecordBatch] | None:
        """The function of `map` that computes the columns; None if another stage may change them."""
        for stage in reversed(self.stages):
            if isinstance(stage, Map):
                return stage.function
            if type(stage).probe is not Stage.probe and not isinstance(stage, Select | Drop):
                return None
        return None

    @property
    def num_rows(self) -> int | None:
        """The number of rows in an epoch, or None if it is unknown before reading (after `filter`)."""
        rows = self.source.num_rows
        for stage in self.stages:
            rows = stage.count_rows(rows)
        return rows

    @property
    def num_batches(self) -> int | None:
        """The number of batches in an epoch, or None if it is unknown before reading.

        It is known after `batch` where the number of rows is known. Finding it may open the files.
        """
        plan = self._pipeline.plan
        rows = plan.source.num_rows if plan.order is None else plan.order.num_rows
        batches: int | None = None
        for stage in plan.stages:
            batches = stage.count_batches(rows, batches)
            rows = stage.count_rows(rows)
        return batches

    @property
    def spec(self) -> str:
        """A description of what the stages do to the rows: `shuffle(seed=1) | batch(32)`."""
        return " | ".join(stage.spec for stage in self.stages if stage.spec)

    def explain(self) -> str:
        """Describe how rows are read and ordered, and what resuming costs; this may open the files.

        >>> import numpy as np
        >>> print(Dataset.from_arrays({"x": np.arange(6)}).shuffle(seed=1).batch(4).explain())
        ArrowSource: rows are read by number
        on row numbers: shuffle(seed=1); a uniform permutation of 6 rows
        on rows: batch(4)
        resume: reads only what is needed
        """
        return self._pipeline.plan.describe()

    @property
    def parts(self) -> tuple[DatasetPart, ...] | None:
        """The same rows in parts that can be read independently: one per file, or per 65,536 rows in memory.

        A Parquet file of more than 128 MB has several parts, each of row groups of at least that size.
        Concatenated, the parts have the rows of the dataset in the order of the source. None if a stage needs
        rows of other batches (`take`, `skip`, `shard`, `repeat`, `cache`, `window`, `pack`, `resample`,
        balanced `weights`, and `batch` with `drop_remainder`), or if the source is a folder.
        """
        per_part = [stage.per_part for stage in self.stages]
        if not isinstance(self.source, Divisible) or any(each is None for each in per_part):
            return None
        stages = tuple(stage for each in per_part if each is not None for stage in each)
        return tuple(DatasetPart(source, stages) for source in self.source.divide())

    def divide_batches(self, index: int, workers: int) -> Dataset:
        """Return the share of worker `index` of `workers`, which together yield each row of an epoch once.

        After `batch`, these are batches `index`, `index + workers`, ...; where rows are read in blocks
        (Parquet), they are one of equal runs. The worker reads and computes only its share where the rows can
        be read by number; else it reads all rows.

        Raises:
            UsageError: `index` is not in [0, workers).
        """
        return replace(self, stages=divide_batches(self.stages, index, workers))

    def prune_columns(self, columns: Sequence[str]) -> Dataset:
        """Return a dataset of the same rows that reads these columns only, if the source can skip others.

        String columns may be dictionary-encoded. A dataset with stages is returned unchanged: they may need
        other columns.
        """
        if self.stages or not isinstance(self.source, Prunable):
            return self
        return replace(self, source=self.source.prune_columns(columns))

    def __iter__(self) -> DatasetIterator:
        return DatasetIterator(self._pipeline, self.epoch_number)

    def open_random_access(self) -> PipelineRows:
        """Open the rows of this epoch by number, as the dataset orders and computes them.

        Raises:
            UsageError: The rows cannot be read by number: the source cannot seek, or a stage does not keep
                rows at their places (`filter`). `cache()` as the last stage keeps any rows in memory.
        """
        return open_pipeline_rows(self.source, self.stages, self.epoch_number)

    @cached_property
    def _pipeline(self) -> Pipeline:
        return Pipeline(self.source, self.stages)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the fields: a plan is made, and files are opened, in the process that reads."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**values, "source": without_readers(self.source)}

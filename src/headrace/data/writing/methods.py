"""The method of a dataset that writes it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from os import PathLike
from typing import Self

from headrace.arguments import check_function, check_integer, check_names, show_value
from headrace.data.part import DatasetPart
from headrace.data.pipeline import Source, Stage
from headrace.data.writing.destination import Destination
from headrace.data.writing.row_ranges import TaskEngine
from headrace.data.writing.task import Transformation
from headrace.data.writing.write import WriteOptions, write_rows
from headrace.errors import UsageError

__all__ = ["DatasetWriting"]


class DatasetWriting:
    """The method that writes all rows."""

    source: Source
    stages: tuple[Stage, ...]

    @property
    @abstractmethod
    def parts(self) -> tuple[DatasetPart, ...] | None:
        """The same rows in parts that can be read independently."""

    @abstractmethod
    def prune_columns(self, columns: Sequence[str]) -> Self:
        """Return a dataset of the same rows that reads these columns only."""

    def write(
        self,
        path: str | PathLike[str],
        format: str | None = None,  # noqa: A002 - the word of the command line
        shards: int = 1,
        *,
        shuffle: int | None = None,
        compression: str | None = None,
        serialized: Sequence[str] = (),
        transformation: Transformation | None = None,
        engine: TaskEngine | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> list[str]:
        """Write all rows once, as one set of shards with a manifest, which replaces an earlier set.

        Each shard holds a range of the rows, in order. Shards are written independently and wait in a hidden
        folder, `.NAME.unfinished`, until all are complete: after a run that was killed, the same call writes
        the missing ones only. It starts over if the data, a stage, a function or an argument is another, or
        if what a function does cannot be known. Rows are those of epoch 0.

        Args:
            path: The folder and base name, local or a URL: "out/train" for "out/train-00000-of-00008.parquet"
                and so on. With the extension of the format and one shard, it is the name of the file. A
                missing folder is created.
            format: "tfrecord", "parquet", "arrow", "csv" or "jsonl"; None goes by the extension of `path`,
                and is else "tfrecord".
            shards: The number of files; their numbers of rows differ by at most one.
            shuffle: A seed to write the rows in random order, as `shuffle` orders them.
            compression: Of record files: "gzip" or "zlib".
            serialized: Of record files: columns to store as serialised tensors; see `records.write`.
            transformation: A function to apply to batches of up to 65,536 rows and about 16 MiB. Their bounds
                depend on the shard alone, so that the bytes do not depend on where they are written.
            engine: Where the tasks run, such as a `SparkEngine`; None for the threads of this process. If the
                source can neither seek nor be read in parts, this process reads it in one pass, but each task
                of an engine from the start.
            progress: Called with the number of rows of each complete shard, if this process writes them.

        Returns:
            The paths of the shards.

        Raises:
            UsageError: The files cannot be written, another run is writing them, or an argument is invalid.
            SchemaError: A value that the format cannot hold.
        """
        if shuffle is not None:
            shuffle = check_integer(shuffle, "shuffle")
        if transformation is not None:
            check_function(transformation, "transformation")
        if engine is not None and not hasattr(engine, "run_tasks"):
            hint = "pass an engine, such as SparkEngine(), or call transform.write with its name"
            raise UsageError(f"engine: expected an engine, got {show_value(engine)}", hint=hint)
        to = Destination.create(path, format, shards, compression)
        names = tuple(check_names(serialized, "serialized")) if serialized else ()
        reads = getattr(transformation, "reads", None)
        data = self if reads is None else self.prune_columns(reads)
        if names and to.format != "tfrecord":
            what = "serialized applies to TFRecord only"
            raise UsageError(what, path=to.base, hint="leave it out: other formats hold tensors")
        options = WriteOptions(shuffle, transformation, engine, progress, names)
        write_rows(data.source, data.stages, data.parts, to, options)
        return to.paths

"""A file format, where data in it is read and written, and the parts of a loss report that formats share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from headrace.data.shard_names import shard_names
from headrace.errors import UsageError

if TYPE_CHECKING:
    from headrace.data.dataset import Dataset
    from headrace.data.pipeline import Source
    from headrace.data.sinks import ImageColumns
    from headrace.data.sources import CsvDialect, Types
    from headrace.records.schema import RecordSchema

__all__ = [
    "NAN_BECOMES_NULL",
    "Destination",
    "Format",
    "Origin",
    "describe_loss",
    "is_float",
    "leaf_type",
    "list_names",
]

NAN_BECOMES_NULL = "any NaN becomes null in JSON"


@dataclass(frozen=True)
class Origin:
    """Where a dataset is read from, and how.

    Attributes:
        path: The path or glob.
        schema: The schema to read by; None finds or infers one.
        dialect: For CSV files: how they are written.
        types: For CSV files and JSON lines: the types of some columns.
    """

    path: str
    schema: RecordSchema | None = None
    dialect: CsvDialect | None = None
    types: Types | None = None

    @property
    def columns(self) -> pa.Schema | None:
        """The schema of the batches, if one is set."""
        return None if self.schema is None else _columns(self.schema)

    def list_options(self) -> dict[str, str]:
        """Return the names of the options that are set and that some formats lack, with what they are."""
        options = {"dialect": "a delimiter, header or encoding", "types": "types that can be declared"}
        return {name: what for name, what in options.items() if getattr(self, name) is not None}


@dataclass(frozen=True)
class Destination:
    """Where batches are written, and how.

    Attributes:
        path: The file, base name or folder.
        schema: The schema of the batches.
        shards: The number of files.
        compression: For record files: None, "gzip" or "zlib"; None goes by the extension of `path`.
        images: For a folder of images, the columns to write.
    """

    path: str
    schema: RecordSchema
    shards: int = 1
    compression: str | None = None
    images: ImageColumns | None = None

    @property
    def columns(self) -> pa.Schema:
        """The schema of the batches."""
        return _columns(self.schema)


def _columns(schema: RecordSchema) -> pa.Schema:
    return schema if isinstance(schema, pa.Schema) else schema.arrow


def _shard_paths(to: Destination) -> list[str]:
    return shard_names(to.path, to.shards)


def _lossless(to: Destination) -> list[str]:  # noqa: ARG001
    return []


def _refuse_to_write(batches: Iterable[pa.RecordBatch], to: Destination) -> list[str]:  # noqa: ARG001
    raise UsageError("this format is read only", path=to.path, hint="write .tfrecord or .parquet")


def _as_read(rows: Dataset, origin: Origin) -> Dataset:  # noqa: ARG001
    return rows


@dataclass(frozen=True)
class Format:
    """A file format that datasets are read from and written to.

    The module of a format loads readers and writers on use, so that finding a format stays light.

    Attributes:
        name: The name on the command line.
        extensions: The extensions of its files, the usual one first; empty for a format of folders.
        source_extensions: Further extensions of files that it reads, but does not write.
        open_source: Opens the files as a source.
        write: Writes batches and returns the paths that it wrote; refuses in a format that is read only.
        output_paths: Lists the files that `write` will create.
        list_losses: Says what `write` cannot store unchanged, one sentence each.
        decode: Decodes what the source reads as the schema of the origin says.
        read_options: The options of an origin that `open_source` goes by: "dialect", "types".
    """

    name: str
    extensions: tuple[str, ...]
    open_source: Callable[[Origin], Source]
    write: Callable[[Iterable[pa.RecordBatch], Destination], list[str]] = _refuse_to_write
    output_paths: Callable[[Destination], list[str]] = _shard_paths
    list_losses: Callable[[Destination], list[str]] = _lossless
    decode: Callable[[Dataset, Origin], Dataset] = _as_read
    source_extensions: tuple[str, ...] = ()
    read_options: frozenset[str] = frozenset()

    @property
    def is_written(self) -> bool:
        """Whether files of this format can be written."""
        return self.write is not _refuse_to_write

    def open(self, origin: Origin) -> Dataset:
        """Open a dataset.

        Raises:
            UsageError: Options that the format does not have, or what `open_source` raises.
        """
        from headrace.data.dataset import Dataset

        self.check_options(origin)
        return self.decode(Dataset(self.open_source(origin)), origin)

    def check_options(self, origin: Origin) -> None:
        """Check that the format has the options of an origin.

        Raises:
            UsageError: It lacks one.
        """
        for option, what in origin.list_options().items():
            if option not in self.read_options:
                what = f"{self.name} files do not have {what}"
                raise UsageError(what, path=origin.path, hint="omit the option")


def list_names(names: list[str]) -> str:
    """Join names for a message, at most five of them.

    >>> list_names(["a", "b"])
    'a, b'
    """
    shown = ", ".join(names[:5])
    return shown + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")


def describe_loss(schema: pa.Schema, is_affected: Callable[[pa.Field], bool], what: str) -> list[str]:
    """Describe a loss in one sentence that names the affected fields; none if no field is affected."""
    affected = [field.name for field in schema if is_affected(field)]
    return [f"{what}: {list_names(affected)}"] if affected else []


def leaf_type(type_: pa.DataType) -> pa.DataType:
    """Return the type of the values inside lists and tensors; any other type is returned unchanged."""
    nested = isinstance(type_, pa.FixedShapeTensorType) or pa.types.is_nested(type_)
    return leaf_type(type_.value_type) if nested and not pa.types.is_struct(type_) else type_


def is_float(field: pa.Field) -> bool:
    """Return whether a field holds floats, in lists and tensors too."""
    return pa.types.is_floating(leaf_type(field.type))

"""A folder of image files with one folder per class."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from headrace.data import sinks, sources
from headrace.data.formats.format import Destination, Format, Origin, list_names
from headrace.errors import UsageError

__all__ = ["IMAGES"]


def _open(origin: Origin) -> sources.ImageSource:
    if origin.schema is not None:
        raise UsageError(
            "the schema of a folder of images is fixed", path=origin.path, hint="omit the schema"
        )
    return sources.ImageSource.from_folder(origin.path)


def _columns(to: Destination) -> sinks.ImageColumns:
    if to.images is None:
        raise UsageError("no image column is named", path=to.path, hint="name the column of images")
    if to.shards != 1:
        raise UsageError("a folder of images cannot be sharded", path=to.path, hint="omit the shards")
    return to.images


def _write(batches: Iterable[pa.RecordBatch], to: Destination) -> list[str]:
    return sinks.write_images(to.path, batches, _columns(to))


def _output_paths(to: Destination) -> list[str]:  # noqa: ARG001
    """List nothing: a folder that holds anything is never written to."""
    return []


def _list_losses(to: Destination) -> list[str]:
    dropped = _columns(to).list_dropped(to.columns)
    return [f"dropped, as a folder of images cannot hold it: {list_names(dropped)}"] if dropped else []


IMAGES = Format(
    name="images",
    extensions=(),
    open_source=_open,
    write=_write,
    output_paths=_output_paths,
    list_losses=_list_losses,
)

"""Folders of images and a table, `metadata.csv` or `metadata.jsonl`, whose `file_name` names an image.

    train/metadata.jsonl          {"file_name": "0001.png", "text": "a red barn"}
    train/0001.png

The names are relative to the table. A table belongs to the split that its folder names; one above the folders
of several splits is divided by the first folder of each name.

Source: https://huggingface.co/docs/datasets/image_dataset, which has the same names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.folders.card import Card
from headrace.datasets.folders.folder_builder import OpenSplits, make_builder
from headrace.datasets.folders.split_names import find_split, sort_splits
from headrace.errors import RecordError, SchemaError, UsageError
from headrace.images import has_image_extension
from headrace.storage import read_bytes

__all__ = ["open_image_tables"]

_TABLES = {"metadata.csv": Dataset.from_csv, "metadata.jsonl": Dataset.from_json_lines}
_KEY, _IMAGE = "file_name", "image"


@dataclass(frozen=True)
class _Table:
    """A table, and the folder whose images belong to the split; "" is all of them."""

    path: PurePosixPath
    inner: str = ""


def open_image_tables(folder: Path, card: Card, names: Sequence[str]) -> DatasetBuilder | None:
    """Open a folder of images with tables of them; None if it has no images or no table.

    Args:
        folder: The folder.
        card: Its card.
        names: The files in it, with "/".

    Raises:
        UsageError: A folder beside another that names a split names none, or the words of two.
        SchemaError: A table lacks the column `file_name`, or has a column `image`.
    """
    tables = [PurePosixPath(name) for name in names if PurePosixPath(name).name in _TABLES]
    images = [PurePosixPath(name) for name in names if has_image_extension(name)]
    if not tables or not images:
        return None
    splits: dict[str, list[_Table]] = {}
    for table in tables:
        for split, each in _divide(table, images, str(folder)):
            splits.setdefault(split, []).append(each)
    openers = {split: partial(_open, folder, each) for split, each in sort_splits(splits).items()}
    return make_builder(folder.name, str(folder), OpenSplits(openers), card=card)


def _divide(table: PurePosixPath, images: Sequence[PurePosixPath], path: str) -> list[tuple[str, _Table]]:
    """Return the splits that the rows of a table belong to."""
    place = table.parent
    named = next(filter(None, map(find_split, reversed(place.parts))), None)
    if named is not None:
        return [(named, _Table(table))]
    below = [image.relative_to(place).parts for image in images if image.is_relative_to(place)]
    inner = {parts[0]: find_split(parts[0]) for parts in below if len(parts) > 1}
    if not any(inner.values()):
        return [("train", _Table(table))]
    if None in inner.values() or any(len(parts) == 1 for parts in below):
        what = f"some of the images of '{table}' are in folders that name a split, and some are not"
        raise UsageError(what, path=path, hint="move all images into folders such as train and test")
    return [(split, _Table(table, name)) for name, split in sorted(inner.items()) if split is not None]


def _open(folder: Path, tables: Sequence[_Table]) -> Dataset:
    parts = [_open_table(folder, each) for each in tables]
    return parts[0] if len(parts) == 1 else Dataset.concatenate(parts)


def _open_table(folder: Path, table: _Table) -> Dataset:
    path = folder / table.path
    ds = _TABLES[table.path.name](str(path))
    if _KEY not in ds.schema.names or not pa.types.is_string(ds.schema.field(_KEY).type):
        hint = "add one with the names of the images"
        raise SchemaError(f"expected a column '{_KEY}' of strings", path=str(path), hint=hint)
    if _IMAGE in ds.schema.names:
        what = f"the table has a column '{_IMAGE}', the name of the column of the images"
        raise SchemaError(what, path=str(path), hint="rename it")
    chosen = ds.filter(_IsInside(f"{table.inner}/")) if table.inner else ds
    return chosen.map(_ReadImages(str(path)))


@dataclass(frozen=True)
class _IsInside:
    """Chooses the rows of one folder."""

    start: str

    def __call__(self, batch: pa.RecordBatch) -> pa.Array:
        return pc.starts_with(batch.column(_KEY), self.start)  # pyright: ignore[reportAttributeAccessIssue]


@dataclass(frozen=True)
class _ReadImages:
    """Adds the bytes of the images as the first column.

    Attributes:
        table: The table, beside which the names are.
    """

    table: str

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        files = [self._read(name) for name in batch.column(_KEY).to_pylist()]
        field = pa.field(_IMAGE, pa.binary(), nullable=False)
        schema = pa.schema([field, *batch.schema])
        return pa.RecordBatch.from_arrays([pa.array(files, pa.binary()), *batch.columns], schema=schema)

    def _read(self, name: str | None) -> bytes:
        parts = PurePosixPath(name or "/").parts
        if not parts or parts[0] == "/" or ".." in parts or "\\" in str(name):
            what = f"expected the name of an image below the table, got {name and name[:80]!r}"
            raise RecordError(what, path=self.table, feature=_KEY, hint="use relative names")
        return read_bytes(str(Path(self.table).parent.joinpath(*parts)))

"""Folders of images or texts, one folder for each class: `train/CLASS/FILE`, or `CLASS/FILE`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.folders.card import Card
from headrace.datasets.folders.folder_builder import OpenSplits, make_builder
from headrace.datasets.folders.split_names import find_split, sort_splits
from headrace.errors import UsageError
from headrace.images import has_image_extension

__all__ = ["open_class_folders"]

_SEED = 0  # of the order of rows
_MOST_LOOKED_AT = 1_000  # files of a class, until one is an image or a text


def open_class_folders(folder: Path, card: Card) -> DatasetBuilder | None:
    """Open a folder of images or texts; None if it holds neither.

    Rows have a random order, always the same: files are sorted by class.

    Raises:
        UsageError: The splits have other classes than the training data, or images and texts.
    """
    inner = _list_folders(folder)
    named = {split: each for each in inner if (split := find_split(each.name)) is not None}
    places = sort_splits(named) or {"train": folder}
    if not named and len(inner) == 1 and _find_kind(inner) is None:
        places = {"train": inner[0]}
    kinds = {kind for place in places.values() if (kind := _find_kind(_list_folders(place))) is not None}
    if not kinds:
        return None
    if len(kinds) > 1:
        raise UsageError("found images and texts", path=str(folder), hint="keep those of one kind")
    (kind,) = kinds
    names = _list_classes(places, folder)
    openers = {split: partial(_open, kind, place, names) for split, place in places.items()}
    source = OpenSplits(openers)
    return make_builder(folder.name, str(folder), source, card=card, class_names={"label": names})


def _list_classes(places: Mapping[str, Path], folder: Path) -> tuple[str, ...]:
    """List the classes of the training data, which the other splits have, too."""
    first, *others = places
    names = {each.name for each in _list_folders(places[first])}
    for split in others:
        more = sorted({each.name for each in _list_folders(places[split])} - names)
        if more:
            what = f"'{split}' has classes that '{first}' lacks: {', '.join(more[:5])}"
            raise UsageError(what, path=str(folder), hint="add their folders, empty ones too")
    return tuple(sorted(names))


@dataclass(frozen=True)
class ClassNumbers:
    """Replaces the names of classes in `label` by their numbers.

    Attributes:
        names: The names, in order.
    """

    names: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Replace the names in a batch."""
        place = batch.schema.get_field_index("label")
        numbers = {name: number for number, name in enumerate(self.names)}
        labels = np.array([numbers[str(name)] for name in batch.column(place).to_pylist()], np.int64)
        return batch.set_column(place, pa.field("label", pa.int64(), nullable=False), pa.array(labels))


def _open(kind: str, place: Path, names: tuple[str, ...]) -> Dataset:
    read = Dataset.from_images if kind == "images" else Dataset.from_text
    return read(place).shuffle(_SEED).map(ClassNumbers(names))


def _list_folders(folder: Path) -> list[Path]:
    """List the folders in a folder, without hidden ones and what macOS puts into its archives."""
    found = (each for each in folder.iterdir() if not each.name.startswith(".") and each.name != "__MACOSX")
    return sorted(each for each in found if each.is_dir())


def _find_kind(classes: Sequence[Path]) -> str | None:
    """Return what folders of classes hold, by the names of the first files."""
    for each in classes:
        for _, file in zip(range(_MOST_LOOKED_AT), each.iterdir(), strict=False):
            if has_image_extension(file.name):
                return "images"
            if file.suffix == ".txt":
                return "texts"
    return None

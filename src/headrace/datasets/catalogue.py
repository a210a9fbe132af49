"""Datasets by name.

Every `DatasetBuilder` at the top level of a module of this package is in the catalogue: a new dataset is one
new file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from headrace.arguments import check_string
from headrace.data import Dataset
from headrace.datasets.builder import DatasetBuilder
from headrace.datasets.download import fetch
from headrace.datasets.find_builder import builders, find_builder, find_folder_or_builder
from headrace.datasets.info import DatasetInfo
from headrace.datasets.splits import Size, Split
from headrace.errors import UsageError
from headrace.storage import local_target

__all__ = ["info", "load", "names", "prepare"]

SplitChoice = str | Split | Sequence[str | Split] | Mapping[Any, str | Split] | None


def names() -> list[str]:
    """List the names of all datasets, sorted."""
    return list(builders())


def info(name: str | PathLike[str], data_dir: str | PathLike[str] | None = None) -> DatasetInfo:
    """Return a dataset's card: columns, classes, sizes, licence, source, citation.

    Args:
        name: As for `load`.
        data_dir: As for `load`.

    Raises:
        UsageError: Unknown dataset.
    """
    return find_folder_or_builder(name, None if data_dir is None else local_target(data_dir)).info


def load(
    name: str | PathLike[str],
    split: SplitChoice = None,
    *,
    batch_size: int | None = None,
    columns: Sequence[str] | None = None,
    data_dir: str | PathLike[str] | None = None,
) -> Any:
    """Load a data set, a split of it, or a slice.

    Args:
        name: One of `names()`, or a folder that TensorFlow Datasets has prepared, `NAME` or `NAME/VERSION`
            (see `headrace.datasets.prepared`); with the version if it matters: "housing:1.0.0".
        split: The notation of a split, such as "train[:80%]" or "train+test" (see
            `headrace.datasets.splits`), or a part that `even_splits` or `k_fold` returned. None loads all
            splits; a list, a tuple or a dict of splits loads each of them. Rows are stored in random order,
            so a slice is a random sample, always the same.
        batch_size: Rows per batch; None leaves the batches of the source.
        columns: The columns to read, in this order; None reads all.
        data_dir: The folder with the files of the full data, or with a folder `NAME` that TensorFlow Datasets
            has prepared; None loads the sample that ships with the package.

    Returns:
        A `Dataset`; a list, tuple or dict of them, as `split` is one; without `split`, a dict by name.

    Raises:
        UsageError: Unknown name, version or split, an empty slice, or a file missing in `data_dir`.
        RecordError: A file in `data_dir` is damaged.
        SchemaError: A file in `data_dir` holds other data, or a column does not exist.

    Example:
        >>> import headrace as hr
        >>> train, valid = hr.datasets.load("housing", ["train[:90%]", "train[90%:]"])
        >>> train.num_rows, valid.num_rows
        (14861, 1651)
    """
    folder = None if data_dir is None else local_target(data_dir)
    builder = find_folder_or_builder(name, folder)

    def load_one(chosen: object) -> Dataset:
        named = chosen if isinstance(chosen, Split) else Split(check_string(chosen, "split"))
        ds = _read(builder, named, folder)
        ds = ds if columns is None else ds.select(columns)
        return ds if batch_size is None else ds.batch(batch_size)

    if split is None:
        return {each: load_one(each) for each in builder.info.sample_rows}
    if isinstance(split, Mapping):
        return {key: load_one(each) for key, each in split.items()}
    if isinstance(split, list | tuple):
        loaded = [load_one(each) for each in split]
        return tuple(loaded) if isinstance(split, tuple) else loaded
    return load_one(split)


def _read(builder: DatasetBuilder, split: Split, folder: Path | None) -> Dataset:
    """Read rows of the splits that are named only: the sizes of others are those of the card."""
    card = builder.info.sample_rows if folder is None else builder.info.full_rows
    wholes = {name: builder.read(name, folder) for name in dict.fromkeys(split.list_names(card))}
    if builder.sizes is None:
        rows = {**card, **{name: whole.num_rows or 0 for name, whole in wholes.items()}}
        sizes = {name: Size(count) for name, count in rows.items()}
    else:
        sizes = dict(builder.sizes)
    pieces = [
        wholes[name] if len(rows) == sizes[name].rows else wholes[name].skip(rows.start).take(len(rows))
        for name, rows in split.choose(sizes)
    ]
    return pieces[0] if len(pieces) == 1 else Dataset.concatenate(pieces)


def prepare(name: str, data_dir: str | PathLike[str] | None = None) -> Path:
    """Download the files of the full data and check them against their published checksums.

    Files that are already present are checked and kept.

    Args:
        name: One of `names()`.
        data_dir: Where to store them; None is `~/.cache/headrace/NAME`.

    Returns:
        The folder, to pass to `load` as `data_dir`.

    Raises:
        UsageError: The network fails, a checksum is wrong, or the package holds all of the dataset.
    """
    builder = find_builder(name)
    if not builder.downloads:
        raise UsageError(f"all of '{name}' ships with the package", hint="load it without preparing it")
    folder = Path.home() / ".cache" / "headrace" / name if data_dir is None else local_target(data_dir)
    for download in builder.downloads:
        fetch(download, folder)
    return folder

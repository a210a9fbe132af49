"""Datasets by name.

A new dataset is one new file: see `headrace.datasets.builders`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from headrace.arguments import check_flag, check_string
from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.find_builder import builders, find_folder_or_builder
from headrace.datasets.info import DatasetInfo
from headrace.datasets.loaded_form import LoadedForm
from headrace.datasets.named_folders import add_folder, check_dataset_name, named_folders
from headrace.datasets.splits import Size, Split
from headrace.datasets.user_builders import user_builders
from headrace.errors import UsageError
from headrace.storage import local_target

__all__ = ["add", "info", "load", "names"]

SplitChoice = str | Split | Sequence[str | Split] | Mapping[Any, str | Split] | None


def names() -> list[str]:
    """List the names of all data sets, sorted: of the catalogue, of the user's builders and folders."""
    return sorted({*builders(), *user_builders(), *named_folders()})


def info(name: str | PathLike[str], data_dir: str | PathLike[str] | None = None) -> DatasetInfo:
    """Return a dataset's card: columns, classes, sizes, licence, source, citation.

    Args:
        name: As for `load`.
        data_dir: As for `load`.

    Raises:
        UsageError: Unknown dataset.
    """
    return find_folder_or_builder(name, None if data_dir is None else local_target(data_dir)).info


def add(name: str, folder: str | PathLike[str]) -> DatasetInfo:
    """Give a folder a name, by which `load` finds it from now on, in every process of this user.

    The name is noted in `folders.json` in the folder of `prepare`; the data stay where they are.

    Args:
        name: Letters, digits, _ and -; of no data set of the catalogue.
        folder: A folder that `load` reads.

    Returns:
        The card of the data in the folder.

    Raises:
        UsageError: Another name, or a folder that `load` does not read.

    Example:
        >>> import headrace as hr
        >>> hr.datasets.add("my_mnist", "~/tensorflow_datasets/mnist")  # doctest: +SKIP
    """
    if check_dataset_name(check_string(name, "name")) in builders():
        raise UsageError(f"the catalogue has a data set '{name}'", hint="choose another name")
    path = local_target(folder).absolute()
    if not path.is_dir():
        raise UsageError("expected a folder", path=str(path), hint="check the path")
    card = find_folder_or_builder(path, None).info
    add_folder(name, path)
    return card


def load(
    name: str | PathLike[str],
    split: SplitChoice = None,
    *,
    as_supervised: bool = False,
    batch_size: int | None = None,
    shuffle_files: bool = False,
    with_info: bool = False,
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
        as_supervised: Whether to load the columns to predict from, then the label, and to have `to_torch`
            yield pairs: `for x, y in load(..., as_supervised=True).to_torch()`. Of several inputs, x is a
            dict.
        batch_size: Rows per batch; -1 loads all rows as one batch, None leaves the batches of the source.
        shuffle_files: Whether each epoch has the rows in another random order; as `shuffle(seed=0)`.
        with_info: Whether to return the card beside the data: `ds, info = load(..., with_info=True)`.
        columns: The columns to read, in this order; None reads all. With `as_supervised`, the columns to
            predict from.
        data_dir: The folder with the publisher's files, or with a folder `NAME` that `prepare` or TensorFlow
            Datasets has written. None loads what `prepare` has stored on this machine, or else the sample
            that ships with the package.

    Returns:
        A `Dataset`; a list, tuple or dict of them, as `split` is one; without `split`, a dict by name. With
        `with_info`, this and a `DatasetInfo`.

    Raises:
        UsageError: Unknown name, version or split, an empty slice, a file missing in `data_dir`, or
            `as_supervised` of data without a label.
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
    form = LoadedForm.create(
        builder.info,
        as_supervised=as_supervised,
        batch_size=batch_size,
        shuffle_files=shuffle_files,
        columns=columns,
    )
    with_info = check_flag(with_info, "with_info")

    def load_one(chosen: object) -> Dataset:
        named = chosen if isinstance(chosen, Split) else Split(check_string(chosen, "split"))
        return form.apply(_read(builder, named, folder), keeps_rows=builder.keeps_rows)

    loaded = _load_each(split, builder.rows(folder), load_one)
    return (loaded, builder.info) if with_info else loaded


def _load_each(split: SplitChoice, names: Iterable[str], load_one: Callable[[object], Dataset]) -> Any:
    """Load what `split` names, in the form of `split`."""
    if split is None:
        return {each: load_one(each) for each in names}
    if isinstance(split, Mapping):
        return {key: load_one(each) for key, each in split.items()}
    if isinstance(split, list | tuple):
        loaded = [load_one(each) for each in split]
        return tuple(loaded) if isinstance(split, tuple) else loaded
    return load_one(split)


def _read(builder: DatasetBuilder, split: Split, folder: Path | None) -> Dataset:
    """Read rows of the splits that are named only: the sizes of others are those of the card."""
    card = builder.rows(folder)
    if split.is_whole:
        each = [builder.read(name, folder) for name in split.list_names(card)]
        return each[0] if len(each) == 1 else Dataset.concatenate(each)
    wholes = {name: builder.read(name, folder) for name in dict.fromkeys(split.list_names(card))}
    if builder.sizes is None:
        rows = {**card, **{name: _count(whole) for name, whole in wholes.items()}}
        sizes = {name: Size(count) for name, count in rows.items()}
    else:
        sizes = dict(builder.sizes)
    pieces = [
        wholes[name] if len(rows) == sizes[name].rows else wholes[name].skip(rows.start).take(len(rows))
        for name, rows in split.choose(sizes)
    ]
    return pieces[0] if len(pieces) == 1 else Dataset.concatenate(pieces)


def _count(ds: Dataset) -> int:
    """Count the rows, by reading them where the source does not know."""
    rows = ds.num_rows
    return sum(batch.num_rows for batch in ds) if rows is None else rows

"""Datasets by name.

Every `DatasetBuilder` at the top level of a module of this package is in the catalogue: a new dataset is one
new file.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from headrace.arguments import check_string
from headrace.data import Dataset
from headrace.datasets.builder import DatasetBuilder
from headrace.datasets.download import fetch
from headrace.datasets.info import DatasetInfo
from headrace.datasets.split import Split
from headrace.discovery import find_instances
from headrace.errors import UsageError
from headrace.storage import local_target
from headrace.suggestions import suggest

__all__ = ["builders", "info", "load", "names", "prepare"]


def builders() -> dict[str, DatasetBuilder]:
    """Return the builders of all datasets, by name."""
    found = find_instances("headrace.datasets", DatasetBuilder)
    return {each.info.name: each for each in sorted(found, key=lambda each: each.info.name)}


def names() -> list[str]:
    """List the names of all datasets, sorted."""
    return list(builders())


def info(name: str) -> DatasetInfo:
    """Return a dataset's card: columns, classes, sizes, licence, source, citation.

    Raises:
        UsageError: Unknown dataset.
    """
    return _builder(name).info


def load(name: str, split: str = "train", data_dir: str | PathLike[str] | None = None) -> Dataset:
    """Load a split, or a slice of one: "train", "test", "train[:80%]", "train[1000:2000]".

    Args:
        name: One of `names()`.
        split: The split. Rows are stored in random order, so a slice is a random sample, always the same.
        data_dir: The folder with the files of the full data; None loads the sample that ships with the
            package.

    Raises:
        UsageError: Unknown name or split, an empty slice, or a file missing in `data_dir`.
        RecordError: A file in `data_dir` is damaged.
        SchemaError: A file in `data_dir` holds other data.
    """
    builder = _builder(name)
    chosen = Split.parse(check_string(split, "split"), builder.info.sample_rows)
    whole = builder.read(chosen.name, None if data_dir is None else local_target(data_dir))
    rows = chosen.rows(whole.num_rows or 0)
    return whole if len(rows) == whole.num_rows else whole.skip(rows.start).take(len(rows))


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
    builder = _builder(name)
    if not builder.downloads:
        raise UsageError(f"all of '{name}' ships with the package", hint="load it without preparing it")
    folder = Path.home() / ".cache" / "headrace" / name if data_dir is None else local_target(data_dir)
    for download in builder.downloads:
        fetch(download, folder)
    return folder


def _builder(name: str) -> DatasetBuilder:
    known = builders()
    if name not in known:
        raise UsageError(f"unknown dataset '{name}'", hint=suggest(name, known))
    return known[name]

"""Datasets by name. A new one is a file with a `Builder`, and a line in `BUILDERS`."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.builder import Builder
from headrace.datasets.download import fetch
from headrace.datasets.fashion_mnist import FASHION_MNIST
from headrace.datasets.housing import HOUSING
from headrace.datasets.info import DatasetInfo
from headrace.datasets.movie_reviews import MOVIE_REVIEWS
from headrace.datasets.split import Split
from headrace.errors import UsageError
from headrace.suggestions import nearest

__all__ = ["BUILDERS", "info", "load", "names", "prepare"]

BUILDERS: dict[str, Builder] = {b.info.name: b for b in (FASHION_MNIST, HOUSING, MOVIE_REVIEWS)}


def names() -> list[str]:
    """The names of all datasets, sorted."""
    return sorted(BUILDERS)


def info(name: str) -> DatasetInfo:
    """A dataset's card: columns, classes, sizes, licence, source, citation.

    Raises:
        UsageError: There is no dataset of this name.
    """
    return _builder(name).info


def load(name: str, split: str = "train", data_dir: str | PathLike[str] | None = None) -> Dataset:
    """A split, or a slice of one: "train", "test", "train[:80%]", "train[1000:2000]".

    Args:
        name: One of `names()`.
        split: Rows are stored in random order, so a slice is a random sample, the same one every time.
        data_dir: The folder of the full data's files; None is the sample that ships with the package.

    Raises:
        UsageError: An unknown name or split, an empty slice, or a file missing in `data_dir`.
        RecordError: A file in `data_dir` is damaged.
        SchemaError: A file in `data_dir` holds something else.
    """
    builder = _builder(name)
    chosen = Split.parse(split, builder.info.sample_rows)
    whole = builder.read(chosen.name, None if data_dir is None else Path(data_dir))
    rows = chosen.rows(whole.num_rows or 0)
    return whole if len(rows) == whole.num_rows else whole.skip(rows.start).take(len(rows))


def prepare(name: str, data_dir: str | PathLike[str] | None = None) -> Path:
    """Fetch the full data's files, each checked against its published checksum; those present are kept.

    Args:
        name: One of `names()`.
        data_dir: Where to put them; None is `~/.cache/headrace/NAME`.

    Returns:
        The folder, to be given to `load` as `data_dir`.

    Raises:
        UsageError: No network, a wrong checksum, or a dataset that the package holds in full.
    """
    builder = _builder(name)
    if not builder.downloads:
        raise UsageError(f"'{name}' ships with the package in full", hint="load it without preparing it")
    folder = Path.home() / ".cache" / "headrace" / name if data_dir is None else Path(data_dir)
    for download in builder.downloads:
        fetch(download, folder)
    return folder


def _builder(name: str) -> Builder:
    if name not in BUILDERS:
        raise UsageError(f"there is no dataset '{name}'", hint=nearest(name, BUILDERS))
    return BUILDERS[name]

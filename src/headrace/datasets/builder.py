"""The definition of a dataset in the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.download import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.splits import Size
from headrace.errors import UsageError

__all__ = ["DatasetBuilder", "find_file", "sample_path"]


@dataclass(frozen=True)
class DatasetBuilder:
    """A dataset's card, the function that reads one of its splits, and the downloads of its full data.

    Attributes:
        info: The card.
        read: Reads a whole split: `read(split, data_dir)` reads the files in the folder `data_dir`, or the
            embedded sample if that is None. The result must know its `num_rows`, and its rows must already
            be in random order, so that a slice of a split is a random sample of the split.
        downloads: The files of the full data; empty if the package holds all of it.
        sizes: The rows of each split and of its shards, where they are known beforehand.
    """

    info: DatasetInfo
    read: Callable[[str, Path | None], Dataset]
    downloads: tuple[Download, ...] = ()
    sizes: Mapping[str, Size] | None = None


def sample_path(name: str) -> Path:
    """Return the path of a file in `samples/`, which ships with the package."""
    return Path(str(files("headrace.datasets") / "samples" / name))


def find_file(folder: Path, *names: str) -> Path:
    """Return the path of the first of `names` that exists in `folder`.

    Raises:
        UsageError: `folder` has none of them.
    """
    for name in names:
        if (folder / name).exists():
            return folder / name
    raise UsageError(
        f"expected one of the files {', '.join(names)} in this folder",
        path=str(folder),
        hint="put one there, or fetch it with `headrace datasets prepare`",
    )

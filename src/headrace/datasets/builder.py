"""What makes a dataset of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.download import Download
from headrace.datasets.info import DatasetInfo
from headrace.errors import UsageError

__all__ = ["Builder", "locate", "sample"]


@dataclass(frozen=True)
class Builder:
    """A dataset's card, how to read one of its splits, and where its files are to be had.

    Attributes:
        info: The card.
        read: Gives a whole split by name, of the files in a folder, or of the embedded sample if that is
            None. Its `num_rows` is known, and its rows are in random order already, so that a slice of a
            split is a random sample of it.
        downloads: The files of the full data; empty where the package holds it all.
    """

    info: DatasetInfo
    read: Callable[[str, Path | None], Dataset]
    downloads: tuple[Download, ...] = ()


def sample(name: str) -> Path:
    """The path of a file in `samples/`, which ships with the package."""
    return Path(str(files("headrace.datasets") / "samples" / name))


def locate(folder: Path, *names: str) -> Path:
    """The first of `names` that is in `folder`.

    Raises:
        UsageError: None of them is.
    """
    for name in names:
        if (folder / name).exists():
            return folder / name
    raise UsageError(
        f"none of the files {', '.join(names)} is here",
        path=str(folder),
        hint="put one there, or fetch it with `headrace datasets prepare`",
    )

"""The definition of a dataset in the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from headrace.data import Dataset
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.splits import Size
from headrace.errors import UsageError

__all__ = ["DatasetBuilder", "find_file", "sample_path"]


@dataclass(frozen=True)
class DatasetBuilder:
    """A dataset's card, its downloads, and the functions that read its splits.

    `parse` and `sample` return a `Dataset` with the columns of `info.schema`. Give it in random order, always
    the same, where the files are sorted (by class, for example): `prepare` keeps the order, and a slice of a
    split should be a random sample of it. Where the data are large, return a dataset that reads as it goes,
    such as `Dataset.from_generator`.

    Attributes:
        info: The card.
        parse: Reads a split of the full data: `parse(split, folder)`, where `folder` holds all `downloads`
            by their file names, unchanged: archives are not unpacked. It may hold other files, too, and
            may be read-only. None if `sample` is all of the data.
        downloads: The files of the full data; empty if the package holds all of it.
        sample: Reads a split of what needs no download: `sample(split)`; None if the package holds nothing.
            The rows are those of `info.sample_rows`, which is then empty.
        parser_ran_on: What `parse` has read: the publisher's own files, with the checksums of `downloads`, or
            an archive that the tests generate with the names, layout and oddities of his; "" for none.
        sizes: The rows of each split and of its shards, where they are known beforehand.
        keeps_rows: Whether `load` keeps rows in memory after the first pass: few, and slow to decode.
    """

    info: DatasetInfo
    parse: Callable[[str, Path], Dataset] | None = None
    downloads: tuple[Download, ...] = ()
    sample: Callable[[str], Dataset] | None = None
    parser_ran_on: Literal["real file", "generated archive", ""] = ""
    sizes: Mapping[str, Size] | None = None
    keeps_rows: bool = False

    def rows(self, folder: Path | None) -> Mapping[str, int]:
        """Return the rows per split that the card promises of what `read` reads."""
        return self.info.full_rows if folder is not None or self.sample is None else self.info.sample_rows

    def read(self, split: str, folder: Path | None) -> Dataset:
        """Read a whole split from a folder with the downloads, or for None what the package holds.

        Raises:
            UsageError: The package holds nothing, or a file is missing in `folder`.
        """
        if folder is not None and self.parse is not None:
            return self.parse(split, folder)
        if self.sample is None:
            name = self.info.name
            raise UsageError(
                f"no data of '{name}' on this machine",
                hint=f"fetch them with `headrace datasets prepare {name}` or hr.datasets.prepare('{name}')",
            )
        return self.sample(split)


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

"""What there is of a data set on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from headrace.datasets.data_folder import data_folder
from headrace.datasets.downloads import Download
from headrace.datasets.find_builder import find_builder
from headrace.datasets.info import DatasetInfo
from headrace.datasets.named_folders import named_folders
from headrace.datasets.prepared import find_prepared

__all__ = ["DatasetStatus", "list_statuses", "status"]


@dataclass(frozen=True)
class DatasetStatus:
    """What there is of a data set, and what the tests know of its parser.

    Attributes:
        info: The card.
        downloads: The files of the publisher.
        prepared: The folder that `prepare` has written; else None.
        has_sample: Whether `load` reads something without a download.
        parser_ran_on: What the tests parse: "real file", "generated archive", or "" for nothing.
    """

    info: DatasetInfo
    downloads: tuple[Download, ...]
    prepared: Path | None
    has_sample: bool
    parser_ran_on: str


def status(name: str, data_dir: str | PathLike[str] | None = None) -> DatasetStatus:
    """Say what there is of a data set of the catalogue, or of the user's own, on this machine.

    Args:
        name: One of `names()`, with a version or without.
        data_dir: The folder of all data sets, as for `prepare`.

    Raises:
        UsageError: Unknown name or version.

    Example:
        >>> import headrace as hr
        >>> hr.datasets.status("housing").parser_ran_on
        'real file'
    """
    builder = find_builder(name)
    prepared = find_prepared(data_folder(data_dir) / builder.info.name)
    has_sample = builder.sample is not None
    return DatasetStatus(builder.info, builder.downloads, prepared, has_sample, builder.parser_ran_on)


def list_statuses(names: Sequence[str], data_dir: str | PathLike[str] | None = None) -> list[DatasetStatus]:
    """Say what there is of several data sets; folders that `add` has named are left out."""
    folders = named_folders()
    return [status(name, data_dir) for name in names if name not in folders]

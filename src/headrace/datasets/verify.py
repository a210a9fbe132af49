"""Verify a data set: its files, checksums, rows, columns and classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headrace.datasets.data_folder import data_folder
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.downloads import check_file
from headrace.datasets.find_builder import builders, find_folder_or_builder
from headrace.datasets.info import DatasetInfo
from headrace.datasets.shared_rows import InputDigests, SharedRows, find_shared_rows
from headrace.errors import HeadraceError
from headrace.storage import local_target

__all__ = ["SplitReport", "VerificationReport", "verify"]

_SHOWN = 5  # labels in a message


@dataclass(frozen=True)
class SplitReport:
    """What `verify` found in a split.

    Attributes:
        name: The name of the split.
        rows: The rows read.
        expected_rows: The rows that the card promises; 0 if it does not say.
        class_rows: The rows of each class, by its name, also of classes without rows; empty where the label
            is a number to predict.
        problems: What is wrong, a line each.
    """

    name: str
    rows: int
    expected_rows: int
    class_rows: Mapping[str, int]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class VerificationReport:
    """What `verify` found.

    Attributes:
        info: The card.
        splits: A report on each split.
        downloads: A line on each downloaded file of the publisher on this machine: "" if it is intact.
        shared: The splits that share rows. A publisher's data may have some, so they do not count in `ok`.
    """

    info: DatasetInfo
    splits: tuple[SplitReport, ...]
    downloads: Mapping[str, str]
    shared: tuple[SharedRows, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything is as it should be."""
        return not any(each.problems for each in self.splits) and not any(self.downloads.values())


def verify(
    name: str | PathLike[str],
    data_dir: str | PathLike[str] | None = None,
    *,
    progress: Callable[[int], None] | None = None,
) -> VerificationReport:
    """Read all rows of a data set, and compare them with its card.

    Every record's checksum is verified, the rows of each split are counted, the columns and their types
    compared, and the labels counted by class. Rows whose inputs are in two splits are found. Files that
    `prepare` has downloaded are compared with their published checksums.

    Args:
        name: As for `load`.
        data_dir: As for `load`.
        progress: Called with the number of rows of each batch.

    Returns:
        The report; problems of the data are in it, not raised.

    Raises:
        UsageError: Unknown data set, or nothing of it on this machine.

    Example:
        >>> import headrace as hr
        >>> report = hr.datasets.verify("movie_reviews")
        >>> report.ok, report.splits[0].class_rows
        (True, {'neg': 320, 'pos': 320})
    """
    folder = None if data_dir is None else local_target(data_dir)
    builder = find_folder_or_builder(name, folder)
    rows = builder.rows(folder)
    inputs = {split: InputDigests(builder.info.label) for split in rows}
    splits = tuple(
        _verify_split(builder, split, expected, folder, inputs[split], progress)
        for split, expected in rows.items()
    )
    downloads = _verify_downloads(builder.info.name, data_dir)
    return VerificationReport(builder.info, splits, downloads, find_shared_rows(inputs))


def _verify_split(
    builder: DatasetBuilder,
    split: str,
    expected: int,
    folder: Path | None,
    inputs: InputDigests,
    progress: Callable[[int], None] | None,
) -> SplitReport:
    info, labels, rows, problems = builder.info, Counter[Any](), 0, list[str]()
    ds = builder.read(split, folder)
    try:
        problems += _compare_schemas(info.schema, ds.schema)
        for batch in ds:
            rows += batch.num_rows
            labels.update(_count_labels(batch, info))
            inputs.add(batch)
            if progress is not None:
                progress(batch.num_rows)
    except HeadraceError as error:
        problems.append(str(error))
    else:
        if expected and rows != expected:
            problems.append(f"expected {expected:,} rows, got {rows:,}")
    classes, others = _name_classes(labels, info.class_names)
    if others:
        shown = ", ".join(f"{value!r} ({count:,} rows)" for value, count in others[:_SHOWN])
        problems.append(f"labels that are not classes of the card: {shown}")
    return SplitReport(split, rows, expected, classes, tuple(problems))


def _compare_schemas(expected: pa.Schema, found: pa.Schema) -> list[str]:
    """Say where columns differ; a card without columns promises none."""
    if not expected.names or expected.equals(found):
        return []
    problems = [f"the column '{name}' is missing" for name in expected.names if name not in found.names]
    problems += [f"unexpected column '{name}'" for name in found.names if name not in expected.names]
    problems += [
        f"expected {expected.field(name).type} in the column '{name}', got {found.field(name).type}"
        for name in expected.names
        if name in found.names and expected.field(name).type != found.field(name).type
    ]
    return problems


def _count_labels(batch: pa.RecordBatch, info: DatasetInfo) -> dict[Any, int]:
    """Count each label, None for missing ones; a row may have several."""
    if not info.class_names or info.label not in batch.schema.names:
        return {}
    labels = batch.column(info.label)
    while isinstance(labels, pa.ListArray | pa.LargeListArray | pa.FixedSizeListArray):
        labels = labels.flatten()
    counted = pc.call_function("value_counts", [labels])
    return {each["values"]: each["counts"] for each in counted.to_pylist()}


def _name_classes(
    labels: Mapping[Any, int], names: tuple[str, ...]
) -> tuple[dict[str, int], list[tuple[Any, int]]]:
    """Return the rows by class, and the labels that are not a class."""
    if not names or not labels:
        return {}, []
    are_names = any(isinstance(each, str) for each in labels)
    known = dict(zip(names if are_names else range(len(names)), names, strict=True))
    classes = {name: labels.get(value, 0) for value, name in known.items()}
    return classes, [(value, count) for value, count in labels.items() if value not in known]


def _verify_downloads(name: str, data_dir: str | PathLike[str] | None) -> dict[str, str]:
    """Check the downloaded files that are on this machine."""
    found: dict[str, str] = {}
    folder = data_folder(data_dir) / "downloads" / name.partition("/")[0]
    known = builders().get(name)
    for download in () if known is None else known.downloads:
        path = folder / download.file_name
        if path.is_file():
            try:
                check_file(download, path)
                found[str(path)] = ""
            except HeadraceError as error:
                found[str(path)] = str(error)
    return found

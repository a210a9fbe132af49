"""The binary version of CIFAR: records of label bytes and a 32 x 32 image, one channel after the other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.parsers.archive import TarFiles
from headrace.datasets.parsers.byte_range import ByteRange
from headrace.datasets.parsers.parsed_source import ParsedRows, parsed_dataset
from headrace.datasets.parsers.records import FixedRecords, check_labels, labelled_images

__all__ = ["read_cifar"]

_PIXELS = 3 * 32 * 32
_Labels = Mapping[str, tuple[int, int]]


def read_cifar(path: Path, files: tuple[str, ...], schema: pa.Schema, labels: _Labels) -> Dataset:
    """Read files of the archive in their order.

    Args:
        path: The archive.
        files: The names of the files in it.
        schema: `image` uint8 [32, 32, 3], then labels.
        labels: The number of each label's byte in a record, and of its classes, by column.

    Raises:
        RecordError: Raised on reading: the archive is damaged or lacks a file, or a label is out of range.
    """
    return parsed_dataset(schema, (path,), partial(_open, path, files, schema, dict(labels)))


def _open(path: Path, files: tuple[str, ...], schema: pa.Schema, labels: _Labels) -> ParsedRows:
    archive = TarFiles(path, "|".join(files).replace(".", r"\."))
    ranges: list[ByteRange] = [archive.find(name) for name in files]
    records = FixedRecords(ranges, len(labels) + _PIXELS)
    return ParsedRows(len(records), records.size, partial(_take, records, str(path), schema, labels))


def _take(
    records: FixedRecords, path: str, schema: pa.Schema, labels: _Labels, rows: np.ndarray
) -> pa.RecordBatch:
    found = records.read(rows)
    images = found[:, -_PIXELS:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    columns: list[np.ndarray] = []
    for name in schema.names[1:]:
        place, classes = labels[name]
        columns.append(found[:, place])
        check_labels(columns[-1], classes, path)
    return labelled_images(schema, images, *columns)

"""Records of one size in a row: images as their bytes, as CIFAR, STL-10 and SVHN store them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.columns import to_arrow
from headrace.datasets.parsers.byte_range import ByteRange, bad_file

__all__ = ["FixedRecords", "check_labels", "image_schema", "labelled_images"]


@dataclass(frozen=True)
class FixedRecords:
    """Records of `size` bytes in several files, numbered from 0; any thread may read them.

    Attributes:
        ranges: The bytes of the files.
        size: The bytes of a record.

    Raises:
        RecordError: A file does not hold whole records.
    """

    ranges: Sequence[ByteRange]
    size: int

    def __post_init__(self) -> None:
        """Check that the files hold whole records."""
        for each in self.ranges:
            if each.size % self.size or not each.size:
                what = f"expected records of {self.size:,} bytes each, got {each.size:,} bytes"
                raise bad_file(what, each.path)

    def __len__(self) -> int:
        return sum(each.size for each in self.ranges) // self.size

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Read records: uint8 [n, size]."""
        ends = np.cumsum([each.size // self.size for each in self.ranges])
        found = np.empty((len(rows), self.size), np.uint8)
        files = np.searchsorted(ends, rows, "right")
        breaks = np.flatnonzero((np.diff(rows) != 1) | (np.diff(files) != 0)) + 1
        for run in np.split(np.arange(len(rows)), breaks) if len(rows) else ():
            file = int(files[run[0]])
            source = self.ranges[file]
            first = int(rows[run[0]] - ends[file]) * self.size + source.size
            data = source.read(first, len(run) * self.size)
            found[run] = np.frombuffer(data, np.uint8).reshape(len(run), self.size)
        return found


def image_schema(height: int, width: int, channels: int, *labels: str) -> pa.Schema:
    """Return the schema of `image`, uint8 [height, width, channels], and labels, int64."""
    image = pa.field("image", pa.fixed_shape_tensor(pa.uint8(), (height, width, channels)), nullable=False)
    return pa.schema([image, *(pa.field(name, pa.int64(), nullable=False) for name in labels or ("label",))])


def labelled_images(
    schema: pa.Schema, images: NDArray[np.uint8], *labels: NDArray[np.integer]
) -> pa.RecordBatch:
    """Make the batch of images, uint8 [n, height, width, channels], and labels, [n]."""
    arrays = [to_arrow(np.ascontiguousarray(images)), *(to_arrow(each.astype(np.int64)) for each in labels)]
    return pa.record_batch(arrays, schema=schema)


def check_labels(labels: NDArray[np.integer], classes: int, path: str, first: int = 0) -> None:
    """Check that labels lie from `first` to `first + classes - 1`.

    Raises:
        RecordError: One does not.
    """
    wrong = np.flatnonzero((labels < first) | (labels >= first + classes))
    if len(wrong):
        what = f"expected labels from {first} to {first + classes - 1}, got {int(labels[wrong[0]])}"
        raise bad_file(f"{what} in row {int(wrong[0]):,}", path)

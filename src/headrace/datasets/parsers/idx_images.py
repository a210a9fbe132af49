"""Images and labels in two idx files, the layout of MNIST."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import find_file
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.idx import read_idx
from headrace.datasets.parsers.parsed_source import ParsedRows, parsed_dataset
from headrace.datasets.parsers.records import check_labels, image_schema, labelled_images

__all__ = ["IDX_SCHEMA", "idx_rows", "read_idx_images"]

IDX_SCHEMA = image_schema(28, 28, 1)
_PARTS = {"train": "train", "test": "t10k"}


def read_idx_images(split: str, folder: Path, classes: int = 10) -> Dataset:
    """Read `train-images-idx3-ubyte.gz` and `train-labels-idx1-ubyte.gz`, or those of `t10k`, in their order.

    Args:
        split: "train" or "test".
        folder: The folder with the four files of the publisher.
        classes: The number of classes.

    Returns:
        `image` uint8 [28, 28, 1] and `label` int64.

    Raises:
        UsageError: A file is missing.
        RecordError: Raised on reading: a file is damaged, or the two do not belong together.
    """
    part = _PARTS[split]
    images = find_file(folder, f"{part}-images-idx3-ubyte.gz")
    labels = find_file(folder, f"{part}-labels-idx1-ubyte.gz")
    return parsed_dataset(IDX_SCHEMA, (images, labels), partial(_open, images, labels, classes))


def _open(images: Path, labels: Path, classes: int) -> ParsedRows:
    pixels, numbers = read_idx(images, 3), read_idx(labels, 1)
    return idx_rows(pixels, numbers, classes, str(images), str(labels))


def idx_rows(
    images: np.ndarray, labels: np.ndarray, classes: int, images_path: str, labels_path: str
) -> ParsedRows:
    """Make rows of images, uint8 [n, 28, 28], and labels, uint8 [n].

    Raises:
        RecordError: Other shapes, or a label beyond the classes.
    """
    if images.shape != (len(labels), 28, 28):
        what = (
            f"expected images of shape {[len(labels), 28, 28]}, as many as labels, got {list(images.shape)}"
        )
        raise bad_file(what, images_path)
    check_labels(labels, classes, labels_path)
    return ParsedRows(len(labels), 28 * 28 + 8, partial(_take, images, labels))


def _take(images: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> pa.RecordBatch:
    return labelled_images(IDX_SCHEMA, images[rows][..., None], labels[rows])

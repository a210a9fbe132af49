"""CIFAR-10: 32 x 32 colour images of ten classes of objects and animals."""

from __future__ import annotations

from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.cifar import read_cifar
from headrace.datasets.parsers.records import image_schema

__all__ = ["CIFAR10"]

_SCHEMA = image_schema(32, 32, 3)
_ARCHIVE = "cifar-10-binary.tar.gz"
_FILES = {"train": tuple(f"data_batch_{number}.bin" for number in range(1, 6)), "test": ("test_batch.bin",)}
_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


def _read(split: str, folder: Path) -> Dataset:
    names = tuple(f"cifar-10-batches-bin/{name}" for name in _FILES[split])
    return read_cifar(find_file(folder, _ARCHIVE), names, _SCHEMA, {"label": (0, 10)})


CIFAR10 = DatasetBuilder(
    info=DatasetInfo(
        name="cifar10",
        description="Colour images of objects and animals, 32 x 32, in the publisher's order.",
        schema=_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 50_000, "test": 10_000},
        licence="not stated by the publisher; research and teaching",
        source="https://www.cs.toronto.edu/~kriz/cifar.html",
        citation="A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, technical report, "
        "University of Toronto, 2009",
        version="3.0.2",
    ),
    parse=_read,
    downloads=(  # the binary version: no pickles. Size and sha256: tensorflow_datasets 4.9.10, cifar10.txt
        Download(
            f"https://www.cs.toronto.edu/~kriz/{_ARCHIVE}",
            _ARCHIVE,
            "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            170_052_171,
        ),
    ),
    parser_ran_on="generated archive",
)

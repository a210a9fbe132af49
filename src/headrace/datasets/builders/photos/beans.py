"""Beans: photos of leaves of bean plants, healthy or with one of two diseases."""

from __future__ import annotations

from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, find_classes, read_labelled_files

__all__ = ["BEANS"]

_CLASSES = ("angular_leaf_spot", "bean_rust", "healthy")
_FILES = {  # sizes and sha256: tensorflow_datasets 4.9.10, datasets/beans/checksums.tsv
    "train.zip": (143_812_152, "284fe8456ce20687f4367ae7ad94a64577e7f9fde2c2c6b1c74340ab5dc82715"),
    "validation.zip": (18_504_213, "90b7aa1c26d91d9afff07a30bbc67a5ea34f1f1397f068d8675be09d7d0c602d"),
    "test.zip": (17_708_541, "ca67b15d960d1e2fd9d23fd8498ce86818ead90755c630a43baf19ec4af09312"),
}


def _read(split: str, folder: Path) -> Dataset:
    images = rf"{split}/(?P<label>\w+)/[^/]+\.jpg"
    return read_labelled_files(find_file(folder, f"{split}.zip"), images, find_classes(images, _CLASSES))


BEANS = DatasetBuilder(
    info=DatasetInfo(
        name="beans",
        description="Photos of leaves of bean plants in Uganda, JPEG files of 500 x 500, in one fixed "
        "random order: healthy, or with angular leaf spot or bean rust, as experts of the national "
        "institute saw it.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 1_034, "validation": 133, "test": 128},
        licence="MIT",
        source="https://github.com/AI-Lab-Makerere/ibean/",
        citation="Makerere AI Lab: Bean Disease Dataset, 2020",
        version="0.1.0",
    ),
    parse=_read,
    downloads=tuple(
        Download(f"https://storage.googleapis.com/ibeans/{name}", name, f"sha256:{digest}", size)
        for name, (size, digest) in _FILES.items()
    ),
    parser_ran_on="generated archive",
)

"""Horses or humans: rendered images of horses and people."""

from __future__ import annotations

from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, find_classes, read_labelled_files

__all__ = ["HORSES_OR_HUMANS"]

_ARCHIVES = {"train": "horse-or-human.zip", "test": "validation-horse-or-human.zip"}
_CLASSES = ("horses", "humans")
_IMAGES = r"(?P<label>horses|humans)/[\w-]+\.png"


def _read(split: str, folder: Path) -> Dataset:
    return read_labelled_files(find_file(folder, _ARCHIVES[split]), _IMAGES, find_classes(_IMAGES, _CLASSES))


HORSES_OR_HUMANS = DatasetBuilder(
    info=DatasetInfo(
        name="horses_or_humans",
        description="Rendered images of horses and people, PNG files of 300 x 300, in one fixed random "
        "order.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 1_027, "test": 256},
        licence="CC BY 2.0",
        source="https://laurencemoroney.com/datasets.html",
        citation="L. Moroney: Horses or Humans Dataset, 2019",
        version="3.0.0",
    ),
    parse=_read,
    downloads=(  # sizes and sha256: tensorflow_datasets 4.9.10, url_checksums/horses_or_humans.txt
        Download(
            "https://storage.googleapis.com/download.tensorflow.org/data/horse-or-human.zip",
            "horse-or-human.zip",
            "sha256:e2e6f70d3d549c5dd10a57165e55af253ee66ad750403f95c0fb76bb943633a9",
            149_574_867,
        ),
        Download(
            "https://storage.googleapis.com/download.tensorflow.org/data/validation-horse-or-human.zip",
            "validation-horse-or-human.zip",
            "sha256:ae5fff2f4f5554791f05358108e2e05d9801b191f1896ea101402f0e7f6c32c0",
            11_480_187,
        ),
    ),
    parser_ran_on="generated archive",
)

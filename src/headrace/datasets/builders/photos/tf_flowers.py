"""TensorFlow's flowers: photos of five kinds of flowers."""

from __future__ import annotations

from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, find_classes, read_labelled_files

__all__ = ["TF_FLOWERS"]

_ARCHIVE = "flower_photos.tgz"
_CLASSES = ("dandelion", "daisy", "tulips", "sunflowers", "roses")
_IMAGES = r"flower_photos/(?P<label>[a-z]+)/[^/]+\.jpg"


def _read(split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    return read_labelled_files(find_file(folder, _ARCHIVE), _IMAGES, find_classes(_IMAGES, _CLASSES))


TF_FLOWERS = DatasetBuilder(
    info=DatasetInfo(
        name="tf_flowers",
        description="Photos of five kinds of flowers, as JPEG files of all sizes, in one fixed random order.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 3_670},
        licence="CC BY 2.0; LICENSE.txt in the archive names the authors",
        source="https://www.tensorflow.org/tutorials/load_data/images",
        citation="The TensorFlow Team: Flowers, 2019",
        version="3.0.1",
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, datasets/tf_flowers/checksums.tsv
        Download(
            f"https://storage.googleapis.com/download.tensorflow.org/example_images/{_ARCHIVE}",
            _ARCHIVE,
            "sha256:4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
            228_813_984,
        ),
    ),
    parser_ran_on="generated archive",
)

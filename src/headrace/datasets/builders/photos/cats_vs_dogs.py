"""Cats and dogs: photos of pets from a test for telling people from machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.archive import Archive
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, find_classes, read_labelled_files

__all__ = ["CATS_VS_DOGS"]

_ARCHIVE = "kagglecatsanddogs_5340.zip"
_IMAGES = r"PetImages/(?P<label>Cat|Dog)/\d+\.jpg"


def _read(split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    return read_labelled_files(find_file(folder, _ARCHIVE), _IMAGES, _list_rows)


def _list_rows(archive: Archive) -> Sequence[tuple[str, int]]:
    """List the files with the header of a JFIF file; others are empty, damaged, or of another format."""
    rows = find_classes(_IMAGES, ("Cat", "Dog"))(archive)
    return [row for row in rows if archive.read_start(row[0], 10)[6:10] == b"JFIF"]


CATS_VS_DOGS = DatasetBuilder(
    info=DatasetInfo(
        name="cats_vs_dogs",
        description="Photos of cats and dogs, JPEG files of all sizes, in one fixed random order. 1,738 of "
        "the 25,000 files, which lack the header of a JFIF file, are left out.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=("cat", "dog"),
        sample_rows={},
        full_rows={"train": 23_262},
        licence="Microsoft Research data licence",
        source="https://www.microsoft.com/en-us/download/details.aspx?id=54765",
        citation="J. Elson, J. R. Douceur, J. Howell, J. Saul: Asirra: A CAPTCHA that Exploits "
        "Interest-Aligned Manual Image Categorization, ACM CCS, 2007",
        version="4.0.1",
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, url_checksums/cats_vs_dogs.txt
        Download(
            f"https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/{_ARCHIVE}",
            _ARCHIVE,
            "sha256:b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9",
            824_887_076,
        ),
    ),
    parser_ran_on="generated archive",
)

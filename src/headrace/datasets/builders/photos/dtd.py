"""DTD: photos of textures, described by forty-seven words."""

from __future__ import annotations

from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, find_listed, read_labelled_files

__all__ = ["DTD"]

_ARCHIVE = "dtd-r1.0.1.tar.gz"  # in truth a tar that is not compressed
_LISTS = {"train": "train1", "validation": "val1", "test": "test1"}  # the first of ten folds
_NAMES = (
    "banded blotchy braided bubbly bumpy chequered cobwebbed cracked crosshatched crystalline dotted "
    "fibrous flecked freckled frilly gauzy grid grooved honeycombed interlaced knitted lacelike lined "
    "marbled matted meshed paisley perforated pitted pleated polka-dotted porous potholed scaly smeared "
    "spiralled sprinkled stained stratified striped studded swirly veined waffled woven wrinkled zigzagged"
)
_CLASSES = tuple(_NAMES.split())


def _read(split: str, folder: Path) -> Dataset:
    names = f"dtd/labels/{_LISTS[split]}.txt"
    wanted = rf"{names.replace('.', '[.]')}|dtd/images/[a-z-]+/[^/]+\.jpg"
    rows = find_listed([names], "dtd/images", "", _CLASSES)
    return read_labelled_files(find_file(folder, _ARCHIVE), wanted, rows)


DTD = DatasetBuilder(
    info=DatasetInfo(
        name="dtd",
        description="Describable Textures: photos, JPEG files of all sizes, in one fixed random order; the "
        "first of the publisher's ten folds.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 1_880, "validation": 1_880, "test": 1_880},
        licence="research only",
        source="https://www.robots.ox.ac.uk/~vgg/data/dtd/",
        citation="M. Cimpoi, S. Maji, I. Kokkinos, S. Mohamed, A. Vedaldi: Describing Textures in the Wild, "
        "CVPR, 2014",
        version="3.0.1",
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, url_checksums/dtd.txt
        Download(
            f"https://www.robots.ox.ac.uk/~vgg/data/dtd/download/{_ARCHIVE}",
            _ARCHIVE,
            "sha256:e42855a52a4950a3b59612834602aa253914755c95b0cff9ead6d07395f8e205",
            625_239_812,
        ),
    ),
    parser_ran_on="generated archive",
)

"""Oxford pets: photos of thirty-seven breeds of cats and dogs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.archive import Archive, open_archive
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, read_labelled_files

__all__ = ["OXFORD_IIIT_PET"]

_IMAGES, _ANNOTATIONS = "images.tar.gz", "annotations.tar.gz"  # in truth tars that are not compressed
_LISTS = {"train": "trainval", "test": "test"}
_NAMES = (
    "Abyssinian american_bulldog american_pit_bull_terrier basset_hound beagle Bengal Birman Bombay boxer "
    "British_Shorthair chihuahua Egyptian_Mau english_cocker_spaniel english_setter german_shorthaired "
    "great_pyrenees havanese japanese_chin keeshond leonberger Maine_Coon miniature_pinscher newfoundland "
    "Persian pomeranian pug Ragdoll Russian_Blue saint_bernard samoyed scottish_terrier shiba_inu Siamese "
    "Sphynx staffordshire_bull_terrier wheaten_terrier yorkshire_terrier"
)
_CLASSES = tuple(_NAMES.split())


def _read(split: str, folder: Path) -> Dataset:
    rows = partial(_list_rows, find_file(folder, _ANNOTATIONS), f"annotations/{_LISTS[split]}.txt")
    return read_labelled_files(find_file(folder, _IMAGES), r"images/\w+\.jpg", rows)


def _list_rows(annotations: Path, name: str, archive: Archive) -> Sequence[tuple[str, int]]:
    """Read lines of an image's name, and the numbers of its class, from 1, its species, and its breed."""
    place = f"{annotations}/{name}"
    found = frozenset(archive.names)
    rows: list[tuple[str, int]] = []
    for line in open_archive(annotations, name.replace(".", "[.]")).read(name).decode().splitlines():
        image, label, *_ = [*line.split(), "", ""]
        if not label.isdigit() or not 0 < int(label) <= len(_CLASSES):
            raise bad_file(
                f"expected an image and a class from 1 to {len(_CLASSES)}, got {line[:80]!r}", place
            )
        rows.append((f"images/{image}.jpg", int(label) - 1))
        if rows[-1][0] not in found:
            raise bad_file(f"the archive lacks the file {rows[-1][0]!r}", archive.path)
    return rows


OXFORD_IIIT_PET = DatasetBuilder(
    info=DatasetInfo(
        name="oxford_iiit_pet",
        description="Photos of 12 breeds of cats and 25 of dogs, JPEG files of all sizes (a few are of "
        "another format), in one fixed random order.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 3_680, "test": 3_669},
        licence="CC BY-SA 4.0",
        source="https://www.robots.ox.ac.uk/~vgg/data/pets/",
        citation="O. M. Parkhi, A. Vedaldi, A. Zisserman, C. V. Jawahar: Cats and Dogs, CVPR, 2012",
        version="4.0.0",
    ),
    parse=_read,
    downloads=(  # sizes and sha256: tensorflow_datasets 4.9.10, datasets/oxford_iiit_pet/checksums.tsv
        Download(
            f"https://thor.robots.ox.ac.uk/~vgg/data/pets/{_IMAGES}",
            _IMAGES,
            "sha256:67195c5e1c01f1ab5f9b6a5d22b8c27a580d896ece458917e61d459337fa318d",
            791_918_971,
        ),
        Download(
            f"https://thor.robots.ox.ac.uk/~vgg/data/pets/{_ANNOTATIONS}",
            _ANNOTATIONS,
            "sha256:52425fb6de5c424942b7626b428656fcbd798db970a937df61750c0f1d358e91",
            19_173_078,
        ),
    ),
    parser_ran_on="generated archive",
)

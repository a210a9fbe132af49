"""ImageNet, as in the challenge of 2012: photos of a thousand classes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.archive import Archive, TarFiles
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, find_classes, read_labelled_files
from headrace.datasets.parsers.matlab_struct import read_matlab_struct
from headrace.datasets.parsers.nested_tars import NestedTars

__all__ = ["IMAGENET2012"]

_TRAIN, _VALIDATION = "ILSVRC2012_img_train.tar", "ILSVRC2012_img_val.tar"
_DEVKIT, _DATA = "ILSVRC2012_devkit_t12.tar.gz", "ILSVRC2012_devkit_t12/data"
_CLASSES = tuple((Path(__file__).parent / "imagenet2012_classes.txt").read_text(encoding="ascii").split())
_FILES = {  # sizes and sha256: tensorflow_datasets 4.9.10, datasets/imagenet2012/checksums.tsv
    _TRAIN: (
        147_897_477_120,
        "sha256:b08200a27a8e34218a0e58fde36b0fe8f73bc377f4acea2d91602057c3ca45bb",
    ),
    _VALIDATION: (6_744_924_160, "sha256:c7e06a6c0baccf06d8dbeb6577d71efff84673a5dbdd50633ab44f8ea0456ae0"),
    _DEVKIT: (
        2_568_145,
        "md5:fa75699e90414af021442c21a62c3abf",
    ),  # as torchvision/datasets/imagenet.py has it
}


def _read(split: str, folder: Path) -> Dataset:
    if split == "train":
        images = r"(?P<label>n\d{8})/[^/]+"
        rows = find_classes(images, _CLASSES)
        return read_labelled_files(find_file(folder, _TRAIN), r"n\d{8}\.tar", rows, open_=NestedTars)
    rows = partial(_list_validation, find_file(folder, _DEVKIT))
    return read_labelled_files(find_file(folder, _VALIDATION), r"ILSVRC2012_val_\d{8}\.JPEG", rows)


def _list_validation(devkit: Path, archive: Archive) -> Sequence[tuple[str, int]]:
    """List the images by number, with labels from the kit: a number per line, and their table."""
    kit = TarFiles(devkit, rf"{_DATA}/(meta\.mat|ILSVRC2012_validation_ground_truth\.txt)")
    table = read_matlab_struct(
        Path(kit.path), "synsets", ("ILSVRC2012_ID", "WNID"), kit.find(f"{_DATA}/meta.mat")
    )
    labels = {name: label for label, name in enumerate(_CLASSES)}
    by_number = {
        int(number): labels[str(name)]
        for number, name in zip(table["ILSVRC2012_ID"], table["WNID"], strict=True)
        if name in labels
    }
    lines = kit.read(f"{_DATA}/ILSVRC2012_validation_ground_truth.txt").split()
    names = sorted(archive.names)
    if len(lines) != len(names):
        raise bad_file(f"expected {len(names):,} labels, as many as images, got {len(lines):,}", kit.path)
    if not all(line.isdigit() and int(line) in by_number for line in lines):
        raise bad_file("expected numbers of the classes of the challenge", kit.path)
    return [(name, by_number[int(line)]) for name, line in zip(names, lines, strict=True)]


IMAGENET2012 = DatasetBuilder(
    info=DatasetInfo(
        name="imagenet2012",
        description="Photos of a thousand classes, JPEG files of all sizes (one is PNG, some have four "
        "channels), in one fixed random order. A class is named by its number in WordNet.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 1_281_167, "validation": 50_000},
        licence="the terms of ImageNet: non-commercial research and teaching",
        source="https://image-net.org/challenges/LSVRC/2012/",
        citation="O. Russakovsky et al.: ImageNet Large Scale Visual Recognition Challenge, IJCV 115, 2015",
        version="5.1.0",
    ),
    parse=_read,
    downloads=tuple(
        Download("", name, checksum, size, f"register at https://image-net.org, download {name} from there")
        for name, (size, checksum) in _FILES.items()
    ),
    parser_ran_on="generated archive",
)

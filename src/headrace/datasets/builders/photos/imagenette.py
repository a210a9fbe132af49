"""Imagenette: photos of ten classes of ImageNet that are easy to tell apart, in three sizes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, find_classes, read_labelled_files

__all__ = ["IMAGENETTE", "IMAGENETTE_160PX", "IMAGENETTE_320PX", "IMAGENETTE_FULL_SIZE"]

_CLASSES = {  # by their number in WordNet
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}
_FOLDERS = {"train": "train", "validation": "val"}


def _read(archive: str, split: str, folder: Path) -> Dataset:
    root = archive.removesuffix(".tgz")
    images = rf"{root}/{_FOLDERS[split]}/(?P<label>n\d{{8}})/[^/]+\.JPEG"
    return read_labelled_files(find_file(folder, archive), images, find_classes(images, tuple(_CLASSES)))


def _make_builder(variant: str, archive: str, size: int, sha256: str) -> DatasetBuilder:
    return DatasetBuilder(
        info=DatasetInfo(
            name=f"imagenette/{variant}",
            description="Photos of ten classes of ImageNet, as JPEG files, in one fixed random order; "
            "version 2 of the split. The smaller side of an image has 160 or 320 pixels, or that of "
            "ImageNet (full-size).",
            schema=IMAGE_SCHEMA,
            label="label",
            class_names=tuple(_CLASSES.values()),
            sample_rows={},
            full_rows={"train": 9_469, "validation": 3_925},
            licence="Apache-2.0; the photos: the terms of ImageNet",
            source="https://github.com/fastai/imagenette",
            citation="J. Howard: Imagenette, https://github.com/fastai/imagenette, 2019",
        ),
        parse=partial(_read, archive),
        downloads=(  # size and sha256: tensorflow_datasets 4.9.10, datasets/imagenette/checksums.tsv
            Download(
                f"https://s3.amazonaws.com/fast-ai-imageclas/{archive}", archive, f"sha256:{sha256}", size
            ),
        ),
        parser_ran_on="generated archive",
    )


IMAGENETTE_FULL_SIZE = _make_builder(
    "full-size-v2",
    "imagenette2.tgz",
    1_557_161_267,
    "6cbfac238434d89fe99e651496f0812ebc7a10fa62bd42d6874042bf01de4efd",
)
IMAGENETTE = replace(IMAGENETTE_FULL_SIZE, info=replace(IMAGENETTE_FULL_SIZE.info, name="imagenette"))
IMAGENETTE_320PX = _make_builder(
    "320px-v2",
    "imagenette2-320.tgz",
    341_663_724,
    "569b4497c98db6dd29f335d1f109cf315fe127053cedf69010d047f0188e158c",
)
IMAGENETTE_160PX = _make_builder(
    "160px-v2",
    "imagenette2-160.tgz",
    99_003_388,
    "64d0c4859f35a461889e0147755a999a48b49bf38a7e0f9bd27003f10db02fe5",
)

"""EuroSAT: satellite images of ten kinds of land use."""

from __future__ import annotations

from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, find_classes, read_labelled_files

__all__ = ["EUROSAT"]

_ARCHIVE = "EuroSAT.zip"
_CLASSES = (
    "AnnualCrop",
    "Forest",
    "HerbaceousVegetation",
    "Highway",
    "Industrial",
    "Pasture",
    "PermanentCrop",
    "Residential",
    "River",
    "SeaLake",
)
_IMAGES = r"2750/(?P<label>[A-Za-z]+)/[^/]+\.jpg"


def _read(split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    return read_labelled_files(find_file(folder, _ARCHIVE), _IMAGES, find_classes(_IMAGES, _CLASSES))


EUROSAT = DatasetBuilder(
    info=DatasetInfo(
        name="eurosat",
        description="Images of Sentinel-2 in three visible bands, JPEG files of 64 x 64, in one fixed "
        "random order.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 27_000},
        licence="MIT; contains modified Copernicus Sentinel data",
        source="https://github.com/phelber/EuroSAT",
        citation="P. Helber, B. Bischke, A. Dengel, D. Borth: EuroSAT: A Novel Dataset and Deep Learning "
        "Benchmark for Land Use and Land Cover Classification, IEEE JSTARS 12(7), 2019",
        version="2.0.0",
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, url_checksums/eurosat.txt, which lists http
        Download(
            f"https://madm.dfki.de/files/sentinel/{_ARCHIVE}",
            _ARCHIVE,
            "sha256:8ebea626349354c5328b142b96d0430e647051f26efc2dc974c843f25ecf70bd",
            94_280_567,
        ),
    ),
    parser_ran_on="generated archive",
)

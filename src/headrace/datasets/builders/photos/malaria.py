"""Malaria: images of blood cells, parasitised or not."""

from __future__ import annotations

from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, find_classes, read_labelled_files

__all__ = ["MALARIA"]

_ARCHIVE = "cell_images.zip"
_IMAGES = r"cell_images/(?P<label>Parasitized|Uninfected)/[^/]+\.png"


def _read(split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    rows = find_classes(_IMAGES, ("Parasitized", "Uninfected"))
    return read_labelled_files(find_file(folder, _ARCHIVE), _IMAGES, rows)


MALARIA = DatasetBuilder(
    info=DatasetInfo(
        name="malaria",
        description="Red blood cells cut out of microscope images, PNG files of all sizes, in one fixed "
        "random order; half of them hold a parasite.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=("parasitized", "uninfected"),
        sample_rows={},
        full_rows={"train": 27_558},
        licence="public domain (National Library of Medicine)",
        source="https://lhncbc.nlm.nih.gov/LHC-research/LHC-projects/image-processing/malaria-datasheet.html",
        citation="S. Rajaraman et al.: Pre-trained Convolutional Neural Networks as Feature Extractors "
        "toward Improved Malaria Parasite Detection in Thin Blood Smear Images, PeerJ 6:e4568, 2018",
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, datasets/malaria/checksums.tsv
        Download(
            f"https://data.lhncbc.nlm.nih.gov/public/Malaria/{_ARCHIVE}",
            _ARCHIVE,
            "sha256:0a949556b2414159b5100192609805376654c4266d8d187be9b1922fad43c668",
            353_452_851,
        ),
    ),
    parser_ran_on="generated archive",
)

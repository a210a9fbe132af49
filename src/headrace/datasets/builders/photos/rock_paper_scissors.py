"""Rock, paper, scissors: rendered images of hands."""

from __future__ import annotations

from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, find_classes, read_labelled_files

__all__ = ["ROCK_PAPER_SCISSORS"]

_ARCHIVES = {"train": "rps", "test": "rps-test-set"}
_CLASSES = ("rock", "paper", "scissors")


def _read(split: str, folder: Path) -> Dataset:
    name = _ARCHIVES[split]
    images = rf"{name}/(?P<label>rock|paper|scissors)/[\w-]+\.png"
    return read_labelled_files(find_file(folder, f"{name}.zip"), images, find_classes(images, _CLASSES))


ROCK_PAPER_SCISSORS = DatasetBuilder(
    info=DatasetInfo(
        name="rock_paper_scissors",
        description="Rendered images of hands that play rock, paper, scissors, PNG files of 300 x 300, in "
        "one fixed random order.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 2_520, "test": 372},
        licence="CC BY 2.0",
        source="https://laurencemoroney.com/datasets.html",
        citation="L. Moroney: Rock, Paper, Scissors Dataset, 2019",
        version="3.0.0",
    ),
    parse=_read,
    downloads=(  # sizes and sha256: tensorflow_datasets 4.9.10, datasets/rock_paper_scissors/checksums.tsv
        Download(
            "https://storage.googleapis.com/download.tensorflow.org/data/rps.zip",
            "rps.zip",
            "sha256:c2403444395842ad04c53612bad54b574443eae17a0723117a2ff87b9d72194f",
            200_682_221,
        ),
        Download(
            "https://storage.googleapis.com/download.tensorflow.org/data/rps-test-set.zip",
            "rps-test-set.zip",
            "sha256:c27ab9fa43ce40b2e453de711365b477f4424586edf0388116674fd320f07503",
            29_516_758,
        ),
    ),
    parser_ran_on="generated archive",
)

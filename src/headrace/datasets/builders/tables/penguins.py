"""Palmer penguins: the size of penguins of three species."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.delimited import number_classes, parse_delimited, shuffle_rows

__all__ = ["PENGUINS"]

_FILE = "penguins_size.csv"
_FIELDS = pa.schema(
    [
        pa.field("species", pa.string(), nullable=False),
        pa.field("island", pa.string(), nullable=False),
        pa.field("culmen_length_mm", pa.float32()),
        pa.field("culmen_depth_mm", pa.float32()),
        pa.field("flipper_length_mm", pa.float32()),
        pa.field("body_mass_g", pa.float32()),
        pa.field("sex", pa.string()),
    ]
)
_SCHEMA = _FIELDS.set(0, pa.field("species", pa.int64(), nullable=False))
_CLASSES = ("Adelie", "Chinstrap", "Gentoo")


def _read(split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    path = find_file(folder, _FILE)
    table = parse_delimited(
        path.read_bytes(), str(path), _FIELDS, header=_FIELDS.names, missing=("NA", "NaN", ".")
    )
    return shuffle_rows(number_classes(table, "species", _CLASSES, str(path)), seed=2007)


PENGUINS = DatasetBuilder(
    info=DatasetInfo(
        name="penguins",
        description="344 penguins of three species, from three islands: bill (culmen), flippers, mass, sex. "
        "Missing values are null. In one fixed random order; the file is sorted by species.",
        schema=_SCHEMA,
        label="species",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 344},
        licence="CC0",
        source="https://allisonhorst.github.io/palmerpenguins/",
        citation="A. M. Horst, A. P. Hill, K. B. Gorman: palmerpenguins: Palmer Archipelago (Antarctica) "
        "Penguin Data, 2020",
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, datasets/penguins/checksums.tsv
        Download(
            f"https://storage.googleapis.com/download.tensorflow.org/data/palmer_penguins/{_FILE}",
            _FILE,
            "sha256:aa728597b2228a2637e39c6f08e40a80971f4cdac7faf7bc21ff4481ee3e3ae9",
            13_519,
        ),
    ),
    parser_ran_on="real file",
)

"""AG news: titles and descriptions of news in four classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.archive import open_archive
from headrace.datasets.parsers.delimited import parse_delimited
from headrace.datasets.parsers.records import check_labels

__all__ = ["AG_NEWS"]

_ARCHIVE = "ag_news_csv.tar.gz"
_FIELDS = pa.schema(
    [
        pa.field("label", pa.int64(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("description", pa.string(), nullable=False),
    ]
)
_SCHEMA = pa.schema([_FIELDS.field(name) for name in ("title", "description", "label")])


def _read(split: str, folder: Path) -> Dataset:
    name = f"ag_news_csv/{split}.csv"
    archive = open_archive(find_file(folder, _ARCHIVE), name.replace(".", "[.]"))
    path = f"{archive.path}/{name}"
    table = parse_delimited(archive.read(name), path, _FIELDS)
    labels = table["label"].to_numpy()
    check_labels(labels, 4, path, first=1)
    table = table.set_column(0, _FIELDS.field("label"), pa.array(labels - np.int64(1)))
    return Dataset.from_arrow(table.select(_SCHEMA.names))


AG_NEWS = DatasetBuilder(
    info=DatasetInfo(
        name="ag_news",
        description="Titles and descriptions of news articles in four classes, in the publisher's order. The "
        "texts are unchanged: a backslash stands for a line end, and some HTML entities have lost their &.",
        schema=_SCHEMA,
        label="label",
        class_names=("World", "Sports", "Business", "Sci/Tech"),
        sample_rows={},
        full_rows={"train": 120_000, "test": 7_600},
        licence="non-commercial use",
        source="http://groups.di.unipi.it/~gulli/AG_corpus_of_news_articles.html, the part that X. Zhang "
        "chose",
        citation="X. Zhang, J. Zhao, Y. LeCun: Character-level Convolutional Networks for Text "
        "Classification, NIPS, 2015",
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, datasets/ag_news_subset/checksums.tsv
        Download(
            "https://drive.google.com/uc?export=download&id=0Bz8a_Dbh9QhbUDNpeUdjb0wxRms",
            _ARCHIVE,
            "sha256:4e2fc37d369e6e317a8b62d0d2f11d379f8c3dde60c07c35a46b069a246498ad",
            11_784_327,
        ),
    ),
    parser_ran_on="generated archive",
)

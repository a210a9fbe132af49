"""Sentence polarity: sentences of film reviews, positive or negative."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.archive import open_archive
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.labelled_files import TEXT_SCHEMA

__all__ = ["SENTENCE_POLARITY"]

_ARCHIVE = "sentence_polarity.zip"
_CLASSES = ("neg", "pos")


def _read(split: str, folder: Path) -> Dataset:
    """Read the sentences in the order of their digests; every fifth digest belongs to the test part."""
    archive = open_archive(find_file(folder, _ARCHIVE), r"sentence_polarity/rt-polarity\.(neg|pos)")
    rows: list[tuple[bytes, int, str]] = []
    for label, name in enumerate(_CLASSES):
        place = f"sentence_polarity/rt-polarity.{name}"
        try:
            text = archive.read(place).decode()
        except UnicodeDecodeError as error:
            raise bad_file(f"expected text in UTF-8 ({error.reason})", f"{archive.path}/{place}") from error
        lines = (line.strip() for line in text.split("\n"))
        rows.extend((hashlib.sha256(line.encode()).digest(), label, line) for line in lines if line)
    rows = sorted(row for row in rows if (int.from_bytes(row[0][-8:], "big") % 5 == 0) == (split == "test"))
    columns = [[text for _, _, text in rows], [label for _, label, _ in rows]]
    return Dataset.from_arrow(pa.table(columns, schema=TEXT_SCHEMA))


SENTENCE_POLARITY = DatasetBuilder(
    info=DatasetInfo(
        name="sentence_polarity",
        description="Sentences of film reviews, half of them positive. The publisher has no test part: a "
        "sentence belongs to it if its sha256, the last eight bytes as a number, can be divided by 5, so "
        "that the same sentence is never in both parts. Rows are in the order of their digests.",
        schema=TEXT_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 8_524, "test": 2_138},
        licence="CC BY 4.0",
        source="https://www.cs.cornell.edu/people/pabo/movie-review-data/, as NLTK packs it",
        citation="B. Pang, L. Lee: Seeing Stars: Exploiting Class Relationships for Sentiment "
        "Categorization with Respect to Rating Scales, ACL, 2005",
    ),
    parse=_read,
    downloads=(  # size and sha256 of the file itself
        Download(
            f"https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/corpora/{_ARCHIVE}",
            _ARCHIVE,
            "sha256:6e1ed4405b65c7eabf1d199a7f7c437091ac21da0ea7467b410a74062574566b",
            490_256,
        ),
    ),
    parser_ran_on="real file",
)

"""Adult, or census income: who earns more than 50,000 dollars a year."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.delimited import number_classes, parse_delimited

__all__ = ["ADULT"]

_URL = "https://archive.ics.uci.edu/ml/machine-learning-databases/adult"
_FIELDS = pa.schema(
    [
        pa.field("age", pa.int64(), nullable=False),
        pa.field("workclass", pa.string()),
        pa.field("fnlwgt", pa.int64(), nullable=False),
        pa.field("education", pa.string(), nullable=False),
        pa.field("education-num", pa.int64(), nullable=False),
        pa.field("marital-status", pa.string(), nullable=False),
        pa.field("occupation", pa.string()),
        pa.field("relationship", pa.string(), nullable=False),
        pa.field("race", pa.string(), nullable=False),
        pa.field("sex", pa.string(), nullable=False),
        pa.field("capital-gain", pa.int64(), nullable=False),
        pa.field("capital-loss", pa.int64(), nullable=False),
        pa.field("hours-per-week", pa.int64(), nullable=False),
        pa.field("native-country", pa.string()),
        pa.field("income", pa.string(), nullable=False),
    ]
)
_SCHEMA = _FIELDS.set(14, pa.field("income", pa.int64(), nullable=False))
_CLASSES = ("<=50K", ">50K")
_FIRST_LINE = b"|1x3 Cross validator"  # of adult.test; its classes end in a dot


def _read(split: str, folder: Path) -> Dataset:
    path = find_file(folder, "adult.data" if split == "train" else "adult.test")
    data, is_test = path.read_bytes(), split == "test"
    if data.startswith(_FIRST_LINE) != is_test:
        raise bad_file(
            f"expected a file that {'starts' if is_test else 'does not start'} with a comment", str(path)
        )
    table = parse_delimited(
        data, str(path), _FIELDS, missing=("?",), skip_lines=int(is_test), strip=" \r" + "." * is_test
    )
    return Dataset.from_arrow(number_classes(table, "income", _CLASSES, str(path)))


ADULT = DatasetBuilder(
    info=DatasetInfo(
        name="adult",
        description="48,842 people of the 1994 census of the USA: work, education, family, origin, and "
        "whether they earn more than 50,000 dollars a year (income: 1). Missing values are null; the "
        "publisher's parts and order.",
        schema=_SCHEMA,
        label="income",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 32_561, "test": 16_281},
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/2/adult",
        citation="B. Becker, R. Kohavi: Adult, UCI Machine Learning Repository, 1996",
    ),
    parse=_read,
    downloads=(  # sha256: as fairness libraries and Julia's PreprocessData pin them; sizes: UCI's listing
        Download(
            f"{_URL}/adult.data",
            "adult.data",
            "sha256:5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
            3_974_305,
        ),
        Download(
            f"{_URL}/adult.test",
            "adult.test",
            "sha256:a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05",
            2_003_153,
        ),
    ),
    parser_ran_on="real file",
)

"""Film reviews, positive or negative."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file, sample_path
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.random_order import random_order, random_source

__all__ = ["MOVIE_REVIEWS"]

_SEED = 2004  # for the row order within each class; its last fifth is the test split
_INFO = DatasetInfo(
    name="movie_reviews",
    description="Film reviews, half of them positive. THE EMBEDDED SAMPLE IS GENERATED: 800 short texts "
    "written by a seeded program (tools/make_samples.py), for trying things out; results on it say nothing "
    "about real reviews. For real reviews, pass a data_dir with the 2,000 of Pang and Lee (polarity dataset "
    "2.0). Four fifths of each class are `train`, one fifth is `test`, in one fixed random order.",
    schema=pa.schema([pa.field("text", pa.string(), False), pa.field("label", pa.string(), False)]),
    label="label",
    class_names=("neg", "pos"),
    sample_rows={"train": 640, "test": 160},
    full_rows={"train": 1_600, "test": 400},
    licence="the sample: Apache-2.0; the real reviews: for research, not to be redistributed",
    source="https://www.cs.cornell.edu/people/pabo/movie-review-data/",
    citation="B. Pang, L. Lee: A Sentimental Education: Sentiment Analysis Using Subjectivity Summarization "
    "Based on Minimum Cuts, ACL 2004",
)


def _read(split: str, data_dir: Path | None) -> Dataset:
    """Read a split: columns `text` and `label` ("neg" or "pos")."""
    table = pa.Table.from_batches(list(Dataset.from_text(_find_texts(data_dir))))
    labels = table["label"].to_numpy()
    random = random_source(_SEED)
    by_class = [_select_split(split, np.flatnonzero(labels == name), random) for name in np.unique(labels)]
    rows = np.concatenate(by_class)
    return Dataset.from_arrow(table.take(rows[random_order(len(rows), random)]))


def _find_texts(data_dir: Path | None) -> Path:
    if data_dir is None:
        return sample_path("movie_reviews.zip")
    if (data_dir / "pos").is_dir() and (data_dir / "neg").is_dir():
        return data_dir
    return find_file(data_dir, "movie_reviews.zip", "movie_reviews")


def _select_split(split: str, rows: np.ndarray, random: np.random.PCG64) -> np.ndarray:
    """Select the rows of one class that belong to a split."""
    order = rows[random_order(len(rows), random)]
    held_out = len(rows) // 5
    return order[:-held_out] if split == "train" else order[-held_out:]


MOVIE_REVIEWS = DatasetBuilder(
    info=_INFO,
    parse=_read,
    downloads=(
        Download(
            "https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/corpora/movie_reviews.zip",
            "movie_reviews.zip",
            "sha256:a41211ae685019137410268134db6a1a14428c89b671eb83056151a878539008",
            4_004_848,
        ),
    ),
    sample=partial(_read, data_dir=None),
    parser_ran_on="real file",
)

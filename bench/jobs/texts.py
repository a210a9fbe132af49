"""Texts in two classes, and the five folds that both sides train and test on."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["FOLDS", "LABEL", "TEXTS", "write_folds"]

FOLDS = 5
LABEL = "label"
_SEED = 0


def _read_sentences(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the sentences, a line each, with their class."""
    for name in ("neg", "pos"):
        text = archive.read(f"sentence_polarity/rt-polarity.{name}").decode("latin-1")
        yield from ((line.strip(), name) for line in text.split("\n") if line.strip())


def _read_reviews(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the reviews, a file each, with their class."""
    for path in sorted(archive.namelist()):
        if path.endswith(".txt") and Path(path).parent.name in ("neg", "pos"):
            yield archive.read(path).decode("latin-1"), Path(path).parent.name


TEXTS: dict[str, tuple[str, Callable[[zipfile.ZipFile], Iterator[tuple[str, str]]], float]] = {
    "sentence_polarity": ("sentence_polarity.zip", _read_sentences, 0.785),
    "movie_reviews": ("movie_reviews.zip", _read_reviews, 0.875),
}


def write_folds(name: str, data: Path, folder: Path) -> list[Path]:
    """Write a folder per fold: `test.parquet` is the fold, `train.parquet` the others, `data.parquet` all."""
    file, read, _ = TEXTS[name]
    with zipfile.ZipFile(data / file) as archive:
        texts, labels = zip(*read(archive), strict=True)
    table = pa.table({"text": texts, LABEL: labels})
    folds = np.random.default_rng(_SEED).permutation(len(table)) % FOLDS
    folders: list[Path] = []
    for fold in range(FOLDS):
        folders.append(folder / f"{name}-{fold}")
        folders[-1].mkdir(parents=True)
        pq.write_table(table, folders[-1] / "data.parquet")
        pq.write_table(table.filter(folds != fold), folders[-1] / "train.parquet")
        pq.write_table(table.filter(folds == fold), folders[-1] / "test.parquet")
    return folders

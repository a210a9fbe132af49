"""Kuzushiji-MNIST: 28 x 28 greyscale images of handwritten Japanese characters."""

from __future__ import annotations

from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.idx_images import IDX_SCHEMA, read_idx_images

__all__ = ["KMNIST"]

_URL = "https://codh.rois.ac.jp/kmnist/dataset/kmnist"
_FILES = {  # sizes and sha256: tensorflow_datasets 4.9.10, url_checksums/kmnist.txt, which lists http
    "train-images-idx3-ubyte.gz": (
        18_165_135,
        "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
    ),
    "train-labels-idx1-ubyte.gz": (
        29_497,
        "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
    ),
    "t10k-images-idx3-ubyte.gz": (
        3_041_136,
        "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
    ),
    "t10k-labels-idx1-ubyte.gz": (5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
}

KMNIST = DatasetBuilder(
    info=DatasetInfo(
        name="kmnist",
        description="Ten hiragana characters in cursive script from books of the Edo period, 28 x 28, in the "
        "publisher's order.",
        schema=IDX_SCHEMA,
        label="label",
        class_names=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        sample_rows={},
        full_rows={"train": 60_000, "test": 10_000},
        licence="CC BY-SA 4.0",
        source="http://codh.rois.ac.jp/kmnist/",
        citation="T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto, D. Ha: Deep Learning for "
        "Classical Japanese Literature, arXiv:1812.01718, 2018",
        version="3.0.1",
    ),
    parse=read_idx_images,
    downloads=tuple(
        Download(f"{_URL}/{name}", name, f"sha256:{digest}", size) for name, (size, digest) in _FILES.items()
    ),
    parser_ran_on="generated archive",
)

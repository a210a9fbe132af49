"""Fashion-MNIST: 28 x 28 greyscale images of clothes in ten classes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.columns import to_arrow
from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file, sample_path
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.idx import read_idx
from headrace.errors import SchemaError

__all__ = ["FASHION_MNIST"]

_SCHEMA = pa.schema(
    [
        pa.field("image", pa.fixed_shape_tensor(pa.uint8(), (28, 28)), nullable=False),
        pa.field("label", pa.int64(), nullable=False),
    ]
)
_INFO = DatasetInfo(
    name="fashion_mnist",
    description="Greyscale images of clothes, 28 x 28, from 0 (black) to 255 (white). The sample has "
    "12,000 training and 2,000 test images, the same number per class, no image in both; they are drawn from "
    "all 70,000 images and do not follow the split of the release.",
    schema=_SCHEMA,
    label="label",
    class_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    sample_rows={"train": 12_000, "test": 2_000},
    full_rows={"train": 60_000, "test": 10_000},
    licence="MIT",
    source="https://github.com/zalandoresearch/fashion-mnist",
    citation="H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine "
    "Learning Algorithms, arXiv:1708.07747, 2017",
)
_RELEASE = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion"
_FILES = {  # sizes and sha256 as published in tensorflow_datasets 4.9.10, url_checksums/fashion_mnist.txt
    "train-images-idx3-ubyte.gz": (
        26_421_880,
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    ),
    "train-labels-idx1-ubyte.gz": (
        29_515,
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    ),
    "t10k-images-idx3-ubyte.gz": (
        4_422_102,
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    ),
    "t10k-labels-idx1-ubyte.gz": (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
}
_FILE_PART = {"train": "train", "test": "t10k"}
_SAMPLE_FILES = {"train": ("train-0", "train-1"), "test": ("test",)}


def _read(split: str, data_dir: Path | None) -> Dataset:
    """Read a split: `image` fixed_shape_tensor<uint8>[28, 28] and `label` int64."""
    pairs = _sample_files(split) if data_dir is None else [_released_files(split, data_dir)]
    return Dataset.from_arrow(pa.Table.from_batches([_batch(*pair) for pair in pairs]))


def _sample_files(split: str) -> list[tuple[Path, Path]]:
    return [
        (
            sample_path(f"fashion_mnist-{part}-images.idx3.gz"),
            sample_path(f"fashion_mnist-{part}-labels.idx1.gz"),
        )
        for part in _SAMPLE_FILES[split]
    ]


def _released_files(split: str, folder: Path) -> tuple[Path, Path]:
    part = _FILE_PART[split]
    images, labels = f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz"
    return find_file(folder, images, f"fashion-mnist-{images}"), find_file(
        folder, labels, f"fashion-mnist-{labels}"
    )


def _batch(images_path: Path, labels_path: Path) -> pa.RecordBatch:
    images, labels = read_idx(images_path, 3), read_idx(labels_path, 1)
    if images.shape[1:] != (28, 28) or len(images) != len(labels):
        raise SchemaError(
            f"expected images of shape [{len(labels)}, 28, 28], as many as labels, got {list(images.shape)}",
            path=str(images_path),
            hint="download both files again",
        )
    if len(labels) and labels.max() > 9:
        raise SchemaError(
            f"expected labels from 0 to 9, got {labels.max()}",
            path=str(labels_path),
            hint="download the file again",
        )
    return pa.record_batch([to_arrow(images), to_arrow(labels.astype(np.int64))], schema=_SCHEMA)


FASHION_MNIST = DatasetBuilder(
    info=_INFO,
    parse=_read,
    downloads=tuple(
        Download(f"{_RELEASE}/{name}", name, f"sha256:{digest}", size)
        for name, (size, digest) in _FILES.items()
    ),
    sample=partial(_read, data_dir=None),
    parser_ran_on="real file",
)

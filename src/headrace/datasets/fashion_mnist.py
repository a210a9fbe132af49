"""Fashion-MNIST: 28 x 28 greyscale images of clothes in ten classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.columns import to_arrow
from headrace.data import Dataset
from headrace.datasets.builder import DatasetBuilder, find_file, sample_path
from headrace.datasets.download import Download
from headrace.datasets.idx import read_idx
from headrace.datasets.info import DatasetInfo
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
_RELEASE = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"  # md5 digests from its README
_MD5 = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
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
    read=_read,
    downloads=tuple(Download(f"{_RELEASE}/{name}", name, f"md5:{md5}") for name, md5 in _MD5.items()),
)

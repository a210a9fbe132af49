"""MNIST: 28 x 28 greyscale images of handwritten digits."""

from __future__ import annotations

from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.idx_images import IDX_SCHEMA, read_idx_images

__all__ = ["MNIST"]

_URL = "https://storage.googleapis.com/cvdf-datasets/mnist"  # a copy of the files of yann.lecun.com
_FILES = {  # sizes and sha256: tensorflow_datasets 4.9.10, url_checksums/mnist.txt
    "train-images-idx3-ubyte.gz": (
        9_912_422,
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    "train-labels-idx1-ubyte.gz": (
        28_881,
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    "t10k-images-idx3-ubyte.gz": (
        1_648_877,
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    "t10k-labels-idx1-ubyte.gz": (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
}

MNIST = DatasetBuilder(
    info=DatasetInfo(
        name="mnist",
        description="Handwritten digits, 28 x 28, from 0 (background) to 255 (ink), in the publisher's "
        "order.",
        schema=IDX_SCHEMA,
        label="label",
        class_names=tuple("0123456789"),
        sample_rows={},
        full_rows={"train": 60_000, "test": 10_000},
        licence="CC BY-SA 3.0",
        source="http://yann.lecun.com/exdb/mnist/",
        citation="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-Based Learning Applied to Document "
        "Recognition, Proceedings of the IEEE 86(11), 1998",
        version="3.0.1",
    ),
    parse=read_idx_images,
    downloads=tuple(
        Download(f"{_URL}/{name}", name, f"sha256:{digest}", size) for name, (size, digest) in _FILES.items()
    ),
    parser_ran_on="generated archive",
)

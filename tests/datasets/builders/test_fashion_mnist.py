import numpy as np
import pytest

from headrace import datasets
from headrace.columns import from_arrow
from headrace.datasets.parsers.idx import write_idx
from headrace.errors import RecordError, SchemaError, UsageError


@pytest.mark.parametrize("prefix", ["", "fashion-mnist-"])
def test_it_reads_released_files(tmp_path, prefix, table):
    images = np.arange(5 * 784).astype(np.uint8).reshape(5, 28, 28)
    write_idx(tmp_path / f"{prefix}t10k-images-idx3-ubyte.gz", images)
    write_idx(tmp_path / f"{prefix}t10k-labels-idx1-ubyte.gz", np.arange(5, dtype=np.uint8))
    found = table(datasets.load("fashion_mnist", "test", data_dir=tmp_path))
    np.testing.assert_array_equal(from_arrow(found["image"]), images)
    assert found["label"].to_pylist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("images", "labels", "error", "message"),
    [
        (
            np.zeros((2, 28, 28), np.uint8),
            np.zeros(3, np.uint8),
            SchemaError,
            r"expected images of shape \[3, 28, 28\], as many as labels, got \[2, 28,",
        ),
        (np.zeros((3, 27, 28), np.uint8), np.zeros(3, np.uint8), SchemaError, r"got \[3, 27, 28\]"),
        (
            np.zeros((1, 28, 28), np.uint8),
            np.full(1, 10, np.uint8),
            SchemaError,
            "expected labels from 0 to 9, got 10",
        ),
        (
            np.zeros(3, np.uint8),
            np.zeros(3, np.uint8),
            RecordError,
            "expected an idx file of unsigned bytes in 3 dimensions",
        ),
    ],
)
def test_it_refuses_files_that_do_not_match(tmp_path, images, labels, error, message):
    write_idx(tmp_path / "t10k-images-idx3-ubyte.gz", images)
    write_idx(tmp_path / "t10k-labels-idx1-ubyte.gz", labels)
    with pytest.raises(error, match=message):
        datasets.load("fashion_mnist", "test", data_dir=tmp_path)


def test_missing_files_are_named_with_a_hint(tmp_path):
    with pytest.raises(
        UsageError,
        match=r"expected one of the files t10k-images.* in this folder; put one there, or fetch it",
    ):
        datasets.load("fashion_mnist", "test", data_dir=tmp_path)

"""Files that do not hold what the card says are one error that names the file; the order of rows is fixed."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from headrace.datasets.find_builder import builders
from headrace.errors import HeadraceError

from .published import PUBLISHED
from .published.images import make_images
from .published.published import pack_tar, pack_zip, write_idx, write_jpeg, write_matlab

IMAGE = make_images(0, 32, 32, 3)


def read(name: str, folder: Path, split: str | None = None) -> None:
    builder = builders()[name]
    list(builder.parse(split or next(iter(builder.info.full_rows)), folder))


def write_mnist(folder, images, labels):
    (folder / "train-images-idx3-ubyte.gz").write_bytes(write_idx(images))
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(write_idx(np.array(labels, np.uint8)))


def write_svhn(folder, **arrays):
    (folder / "train_32x32.mat").write_bytes(write_matlab(arrays))


def write_cifar(folder, record, size=None):
    files = {f"cifar-10-batches-bin/data_batch_{number}.bin": record for number in range(1, 6)}
    if size is not None:
        files["cifar-10-batches-bin/data_batch_3.bin"] = record[:size]
    pack_tar(folder / "cifar-10-binary.tar.gz", files)


def write_texts(folder, name, data):
    pack_tar(folder / "aclImdb_v1.tar.gz", {name: data})


WRONG = {
    "more labels than images": (
        "mnist", lambda to: write_mnist(to, make_images(0, 2, 28, 28), [1, 2, 3]),
        r"train-images-idx3-ubyte\.gz: expected images of shape \[3, 28, 28\], as many as labels, got \[2",
    ),
    "a label beyond the classes": (
        "kmnist", lambda to: write_mnist(to, make_images(0, 2, 28, 28), [1, 10]),
        r"train-labels-idx1-ubyte\.gz: expected labels from 0 to 9, got 10 in row 1",
    ),
    "a label below the first": (
        "emnist/letters",
        lambda to: pack_zip(to / "gzip.zip", {
            "gzip/emnist-letters-train-images-idx3-ubyte.gz": write_idx(make_images(0, 1, 28, 28)),
            "gzip/emnist-letters-train-labels-idx1-ubyte.gz": write_idx(np.zeros(1, np.uint8)),
        }),
        r"gzip\.zip/gzip/emnist-letters-train-labels.*expected labels from 0 to 25, got 255",
    ),
    "a variant that is missing": (
        "emnist/digits",
        lambda to: pack_zip(to / "gzip.zip", {"gzip/emnist-mnist-train-images-idx3-ubyte.gz": b"x"}),
        r"gzip\.zip: the archive contains no file of the expected names",
    ),
    "half a record": (
        "cifar10", lambda to: write_cifar(to, bytes([1]) + IMAGE.tobytes(), 3000),
        r"data_batch_3\.bin: expected records of 3,073 bytes each, got 3,000 bytes",
    ),
    "a record with a label beyond the classes": (
        "cifar10", lambda to: write_cifar(to, bytes([10]) + IMAGE.tobytes()),
        r"cifar-10-binary\.tar\.gz: expected labels from 0 to 9, got 10",
    ),
    "an archive that lacks a file": (
        "cifar10",
        lambda to: pack_tar(to / "cifar-10-binary.tar.gz", {"cifar-10-batches-bin/data_batch_1.bin": b"x"}),
        r"cifar-10-binary\.tar\.gz: the archive lacks the file 'cifar-10-batches-bin/data_batch_2\.bin'",
    ),
    "the digit 0 as 0": (
        "svhn_cropped", lambda to: write_svhn(to, X=IMAGE[..., None], y=np.zeros((1, 1), np.uint8)),
        r"train_32x32\.mat: expected labels from 1 to 10, got 0",
    ),
    "fewer labels in MATLAB": (
        "svhn_cropped", lambda to: write_svhn(to, X=np.stack([IMAGE, IMAGE], 3), y=np.ones((1, 1), np.uint8)),
        r"train_32x32\.mat: expected 1 images, as many as labels, got 2",
    ),
    "images of another size": (
        "svhn_cropped", lambda to: write_svhn(to, X=IMAGE[:16, ..., None], y=np.ones((1, 1), np.uint8)),
        r"train_32x32\.mat: expected an array X, uint8 \[32, 32, 3, n\], and an array y",
    ),
    "more labels than records": (
        "stl10", lambda to: pack_tar(to / "stl10_binary.tar.gz", {
            "stl10_binary/train_X.bin": bytes(96 * 96 * 3), "stl10_binary/train_y.bin": bytes([1, 1]),
        }),
        r"train_y\.bin: expected 1 labels, as many as images, got 2",
    ),
    "a row of 64 fields": (
        "digits", lambda to: (to / "digits.csv.gz").write_bytes(gzip.compress(b",".join(64 * [b"1"]))),
        r"digits\.csv\.gz, line 1: expected 65 fields, got 64",
    ),
    "a table that is not gzip": (
        "digits", lambda to: (to / "digits.csv.gz").write_bytes(b"<html>"),
        r"digits\.csv\.gz: damaged gzip data",
    ),
    "a folder of an unknown class": (
        "tf_flowers",
        lambda to: pack_tar(to / "flower_photos.tgz", {"flower_photos/cactus/1.jpg": write_jpeg(0)}),
        r"flower_photos/cactus/1\.jpg: unknown class 'cactus'",
    ),
    "a page in place of an image": (
        "tf_flowers", lambda to: pack_tar(to / "flower_photos.tgz", {"flower_photos/roses/1.jpg": b"<html>"}),
        r"flower_photos/roses/1\.jpg: expected a JPEG, PNG or GIF image, got b'<html>'",
    ),
    "a list of images that are missing": (
        "food101", lambda to: pack_tar(to / "food-101.tar.gz", {"food-101/meta/train.txt": b"waffles/1\n"}),
        r"food-101\.tar\.gz: the archive lacks the file 'food-101/images/waffles/1\.jpg'",
    ),
    "a text that is not UTF-8": (
        "imdb_reviews", lambda to: write_texts(to, "aclImdb/train/neg/0_1.txt", b"caf\xe9"),
        r"aclImdb/train/neg/0_1\.txt: expected text in UTF-8 \(unexpected end of data at byte 3\)",
    ),
    "a class of news beyond the four": (
        "ag_news",
        lambda to: pack_tar(to / "ag_news_csv.tar.gz", {"ag_news_csv/train.csv": b'"5","a","b"\n'}),
        r"train\.csv: expected labels from 1 to 4, got 5",
    ),
    "the test part in place of the training part": (
        "adult", lambda to: (to / "adult.data").write_bytes(b"|1x3 Cross validator\n"),
        r"adult\.data: expected a file that does not start with a comment",
    ),
    "an income of no class": (
        "adult",
        lambda to: (to / "adult.data").write_bytes(b"1, a, 1, a, 1, a, a, a, a, a, 1, 1, 1, a, 50K\n"),
        r"adult\.data: feature 'income': expected one of <=50K, >50K, got '50K' in row 0",
    ),
    "a table of another wine": (
        "wine_quality", lambda to: (to / "winequality-white.csv").write_bytes(b"alcohol;quality\n1;2\n"),
        r"winequality-white\.csv, line 1: expected 12 fields, got 2",
    ),
    "sound in stereo": (
        "spoken_digit",
        lambda to: pack_tar(to / "free-spoken-digit-dataset-1.0.9.tar.gz", {
            "free-spoken-digit-dataset-1.0.9/recordings/1_a_1.wav":
            b"RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0@\x1f\0\0\0}\0\0\4\0\x10\0data\4\0\0\0\0\0\0\0",
        }),
        r"1_a_1\.wav: expected 1 channel of 16 bits at 8,000 Hz, got 2 of 16 at 8,000",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_files_are_one_line_that_names_the_file(case, tmp_path):
    name, write, message = WRONG[case]
    write(tmp_path)
    with pytest.raises(HeadraceError, match=message) as raised:
        read(name, tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_a_missing_download_is_named(name, tmp_path):
    with pytest.raises(HeadraceError, match=r"expected one of the files .* in this folder; put one there"):
        read(name, tmp_path)


DIGESTS = {
    "digits": "9f7bb92cd83f2ace",
    "iris": "756112e1c3c65fd7",
    "penguins": "7b042b7d7d418224",
    "breast_cancer": "56e18d18696d3cc1",
}


@pytest.mark.parametrize("name", DIGESTS)
def test_rows_and_their_order_never_change(name, tmp_path, table):
    """A slice of a data set is the same in every version of the package."""
    PUBLISHED[name].write(tmp_path)
    rows = table(builders()[name].parse("train", tmp_path))
    values = repr([column.to_pylist() for column in rows.columns]).encode()
    assert hashlib.sha256(values).hexdigest()[:16] == DIGESTS[name]

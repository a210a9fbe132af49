"""The files of images as arrays of pixels."""

from functools import partial
from pathlib import Path

import numpy as np

from .published import Published, Rows, copy_real, pack_tar, pack_zip, write_idx, write_matlab

CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
STL10 = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"]
EMNIST_CLASSES = {"byclass": 62, "bymerge": 47, "balanced": 47, "letters": 26, "digits": 10, "mnist": 10}


def make_images(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def make_rows(images: np.ndarray, labels: list[int], **others: list[int]) -> Rows:
    columns = {"image": list(images), "label": labels, **others}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def write_mnist(folder: Path) -> dict[str, Rows]:
    rows = {}
    for split, part, labels in (("train", "train", [9, 0, 3, 3]), ("test", "t10k", [7, 1])):
        images = make_images(len(labels), len(labels), 28, 28)
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(write_idx(images))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(write_idx(np.array(labels, np.uint8)))
        rows[split] = make_rows(images[..., None], labels)
    return rows


def write_emnist(variant: str, folder: Path) -> dict[str, Rows]:
    """All variants in one archive; images with rows and columns exchanged, letters numbered from 1."""
    files, rows = {}, {}
    for name, classes in EMNIST_CLASSES.items():
        first = 1 if name == "letters" else 0
        files[f"gzip/emnist-{name}-mapping.txt"] = b"0 48\n1 49\n"
        for split, labels in (("train", [classes - 1, 0, 5]), ("test", [1, classes - 2])):
            images = make_images(classes, len(labels), 28, 28)
            stored = np.array([image.T for image in images])
            files[f"gzip/emnist-{name}-{split}-images-idx3-ubyte.gz"] = write_idx(stored)
            numbers = np.array(labels, np.uint8) + np.uint8(first)
            files[f"gzip/emnist-{name}-{split}-labels-idx1-ubyte.gz"] = write_idx(numbers)
            if name == variant:
                rows[split] = make_rows(images[..., None], labels)
    pack_zip(folder / "gzip.zip", files)
    return rows


def write_cifar10(folder: Path) -> dict[str, Rows]:
    rows, files = {"train": [], "test": []}, {"cifar-10-batches-bin/readme.html": b"<html></html>"}
    for number, name in enumerate(
        [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]
    ):
        images, labels = make_images(number, 3, 32, 32, 3), [number, 9, 0]
        records = [
            bytes([label]) + image.transpose(2, 0, 1).tobytes()
            for image, label in zip(images, labels, strict=True)
        ]
        files[f"cifar-10-batches-bin/{name}"] = b"".join(records)
        rows["test" if "test" in name else "train"] += make_rows(images, labels)
    files["cifar-10-batches-bin/batches.meta.txt"] = "".join(f"{name}\n" for name in CIFAR10).encode() + b"\n"
    pack_tar(folder / "cifar-10-binary.tar.gz", files)
    return rows


def write_cifar100(folder: Path) -> dict[str, Rows]:
    """Two label bytes in a record: the coarse one, then the fine one."""
    rows, files = (
        {},
        {
            "cifar-100-binary/fine_label_names.txt": "".join(
                f"fine {label}\n" for label in range(100)
            ).encode(),
            "cifar-100-binary/coarse_label_names.txt": "".join(
                f"coarse {label}\n" for label in range(20)
            ).encode(),
        },
    )
    for split, labels, coarse in (("train", [99, 0, 19], [19, 4, 11]), ("test", [50, 7], [0, 15])):
        images = make_images(len(labels), len(labels), 32, 32, 3)
        files[f"cifar-100-binary/{split}.bin"] = b"".join(
            bytes([group, label]) + image.transpose(2, 0, 1).tobytes()
            for image, label, group in zip(images, labels, coarse, strict=True)
        )
        rows[split] = make_rows(images, labels, coarse_label=coarse)
    pack_tar(folder / "cifar-100-binary.tar.gz", files)
    return rows


def write_svhn(folder: Path) -> dict[str, Rows]:
    """X is [32, 32, 3, n]; y is [n, 1], and the digit 0 is 10."""
    rows = {}
    for split, labels in (("train", [1, 0, 9, 2]), ("test", [0, 3]), ("extra", [5, 6, 7])):
        images = make_images(len(labels), len(labels), 32, 32, 3)
        numbers = np.array([[label or 10] for label in labels], np.uint8)
        arrays = {"X": images.transpose(1, 2, 3, 0), "y": numbers}
        (folder / f"{split}_32x32.mat").write_bytes(write_matlab(arrays, compressed=split != "extra"))
        rows[split] = make_rows(images, labels)
    return rows


def write_stl10(folder: Path) -> dict[str, Rows]:
    """Images channel by channel and column by column, labels from 1; no labels for the third part."""
    rows, files = (
        {},
        {
            "stl10_binary/class_names.txt": "".join(f"{name}\n" for name in STL10).encode(),
            "stl10_binary/fold_indices.txt": b"0 1\n",
        },
    )
    for split, part, labels in (
        ("test", "test", [9, 0]),
        ("train", "train", [3, 1, 1]),
        ("unlabelled", "unlabeled", [-1, -1]),
    ):
        images = make_images(len(labels) + len(part), len(labels), 96, 96, 3)
        files[f"stl10_binary/{part}_X.bin"] = images.transpose(0, 3, 2, 1).tobytes()
        if part != "unlabeled":
            files[f"stl10_binary/{part}_y.bin"] = bytes(label + 1 for label in labels)
        rows[split] = make_rows(images, labels)
    pack_tar(folder / "stl10_binary.tar.gz", files)
    return rows


def write_digits(folder: Path) -> dict[str, Rows]:
    lines = copy_real("digits.csv.gz", folder).splitlines()
    values = np.array([[int(field) for field in line.split(",")] for line in lines], np.uint8)
    return {"train": make_rows(values[:, :64].reshape(-1, 8, 8, 1), values[:, 64].tolist())}


IMAGES = {
    "mnist": Published(write_mnist, keeps_order=True),
    "kmnist": Published(write_mnist, keeps_order=True),
    "emnist": Published(partial(write_emnist, "byclass"), keeps_order=True),
    **{f"emnist/{name}": Published(partial(write_emnist, name), keeps_order=True) for name in EMNIST_CLASSES},
    "cifar10": Published(write_cifar10, keeps_order=True),
    "cifar100": Published(write_cifar100, keeps_order=True),
    "svhn_cropped": Published(write_svhn, keeps_order=True),
    "stl10": Published(write_stl10, keeps_order=True),
    "digits": Published(write_digits, keeps_order=True),
}

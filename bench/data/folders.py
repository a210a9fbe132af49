"""Read folders of image and text files, in order and shuffled, against a plain loop over the same files.

`python -m bench.data.folders` prints microseconds of CPU time a file, medians of interleaved rounds. The
plain loop sorts each class folder, opens each file and reads it; of a .zip it reads each member by `zipfile`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bench.process_tree import cpu_seconds
from headrace.data import Dataset
from headrace.images import encode_png

_CLASSES = 10
_WORDS = ("film", "good", "bad", "the", "a", "of", "and", "actor", "plot", "scene")

Read = Callable[[], int]  # returns the number of bytes read


def _write(folder: Path, files: int, extension: str, contents: Callable[[int], bytes]) -> Path:
    for number in range(_CLASSES):
        (folder / f"class{number}").mkdir(parents=True)
    for number in range(files):
        (folder / f"class{number % _CLASSES}" / f"{number:06}{extension}").write_bytes(contents(number))
    return folder


def _write_images(folder: Path, files: int) -> Path:
    rng = np.random.default_rng(0)
    images = [encode_png(rng.integers(0, 255, (32, 32, 3), np.uint8)) for _ in range(50)]
    return _write(folder / "images", files, ".png", lambda number: images[number % len(images)])


def _write_texts(folder: Path, files: int) -> Path:
    rng = np.random.default_rng(0)
    return _write(folder / "texts", files, ".txt", lambda _: " ".join(rng.choice(_WORDS, 230)).encode())


def _write_zip(texts: Path) -> Path:
    path = texts.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(texts.rglob("*.txt")):
            archive.write(file, file.relative_to(texts))
    return path


def _loop(folder: Path) -> Read:
    def contents() -> Iterator[bytes]:
        for class_name in sorted(os.listdir(folder)):  # noqa: PTH208 - os and open are the fastest way
            for name in sorted(os.listdir(f"{folder}/{class_name}")):  # noqa: PTH208
                with open(f"{folder}/{class_name}/{name}", "rb") as file:  # noqa: PTH123
                    yield file.read()

    return lambda: sum(map(len, contents()))


def _loop_zip(path: Path) -> Read:
    def read() -> int:
        with zipfile.ZipFile(path) as archive:
            return sum(len(archive.read(entry)) for entry in archive.infolist())

    return read


def _read(open_dataset: Callable[[], Dataset], column: str) -> Read:
    """Read a dataset opened anew, so that listing the folder counts."""

    def read() -> int:
        columns = (batch.column(column) for batch in open_dataset().epoch(0))
        return sum(data.buffers()[-1].size if data.offset == 0 else data.nbytes for data in columns)

    return read


def _measure(reads: dict[str, Read], files: int, rounds: int) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name in reads}
    for _ in range(rounds + 1):
        for name, read in reads.items():
            before = cpu_seconds()
            read()
            seconds[name].append(cpu_seconds() - before)
    return {name: statistics.median(found[1:]) / files * 1e6 for name, found in seconds.items()}


def _print(title: str, found: dict[str, float]) -> None:
    loop = found["plain loop"]
    for name, microseconds in found.items():
        print(f"{title:<10} {name:<20} {microseconds:8.2f} us  {loop / microseconds:6.2f}x")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser("python -m bench.data.folders")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        images, texts = (write(Path(folder), options.files) for write in (_write_images, _write_texts))
        archive = _write_zip(texts)
        for title, place, loop, make, column in (
            ("images", images, _loop(images), Dataset.from_images, "image"),
            ("texts", texts, _loop(texts), Dataset.from_text, "text"),
            ("texts.zip", archive, _loop_zip(archive), Dataset.from_text, "text"),
        ):
            reads = {
                "plain loop": loop,
                "headrace": _read(lambda make=make, place=place: make(place), column),
                "headrace shuffled": _read(lambda make=make, place=place: make(place).shuffle(0), column),
            }
            _print(title, _measure(reads, options.files, options.rounds))


if __name__ == "__main__":
    main()

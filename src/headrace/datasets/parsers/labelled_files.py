"""A row for each file of an archive: images as they are encoded, or texts, with a label."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data import Dataset
from headrace.datasets.parsers.archive import Archive, open_archive
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.parsed_source import ParsedRows, parsed_dataset
from headrace.random_order import random_order, random_source

__all__ = ["IMAGE_SCHEMA", "TEXT_SCHEMA", "find_classes", "find_listed", "read_labelled_files"]

_Rows = Sequence[tuple[str, int]]  # the name of a file, and its label
ListRows = Callable[[Archive], _Rows]

IMAGE_SCHEMA = pa.schema(
    [pa.field("image", pa.binary(), nullable=False), pa.field("label", pa.int64(), nullable=False)]
)
TEXT_SCHEMA = pa.schema(
    [pa.field("text", pa.string(), nullable=False), pa.field("label", pa.int64(), nullable=False)]
)
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_AVERAGE = 64 << 10  # bytes of an image, to size batches by


def read_labelled_files(
    path: Path,
    wanted: str,
    list_rows: ListRows,
    schema: pa.Schema = IMAGE_SCHEMA,
    seed: int = 0,
    open_: Callable[[Path, str], Archive] = open_archive,
) -> Dataset:
    """Read files of an archive in one fixed random order, because publishers sort them by class.

    Args:
        path: The archive; see `open_archive`.
        wanted: A regular expression of the names of the files to read.
        list_rows: Lists the files that are rows, with their labels: `find_classes`, `find_listed`, or another
            function of a module.
        schema: `IMAGE_SCHEMA`: JPEG, PNG and GIF files as their bytes; or `TEXT_SCHEMA`: UTF-8.
        seed: The seed of the order.
        open_: Opens the archive; a function of a module.
    """
    return parsed_dataset(schema, (path,), partial(_open, path, wanted, list_rows, schema, seed, open_))


def find_classes(pattern: str, classes: Sequence[str]) -> ListRows:
    """Return a function that labels files by their folder.

    Args:
        pattern: A regular expression with the group `label`; other files are skipped.
        classes: What the group matches, in the order of the labels.
    """
    return partial(_list_by_folder, pattern, {name: label for label, name in enumerate(classes)})


def find_listed(lists: Sequence[str], folder: str, suffix: str, classes: Sequence[str]) -> ListRows:
    """Return a function that reads the rows of a split from text files of lines `CLASS/NAME`.

    Args:
        lists: The names of the text files.
        folder: The folder of the images in the archive.
        suffix: What follows the names in the text files, such as ".jpg".
        classes: The classes, in the order of their labels.
    """
    labels = {name: label for label, name in enumerate(classes)}
    return partial(_list_by_file, tuple(lists), folder, suffix, labels)


def _list_by_folder(pattern: str, labels: dict[str, int], archive: Archive) -> _Rows:
    found = ((name, re.fullmatch(pattern, name)) for name in archive.names)
    matched = [(name, match["label"]) for name, match in found if match]
    return [(name, _label(labels, label, f"{archive.path}/{name}")) for name, label in matched]


def _list_by_file(
    lists: tuple[str, ...], folder: str, suffix: str, labels: dict[str, int], archive: Archive
) -> _Rows:
    rows: list[tuple[str, int]] = []
    for each in lists:
        place = f"{archive.path}/{each}"
        for line in archive.read(each).decode("utf-8", "replace").split("\n"):
            if name := line.strip():
                rows.append((f"{folder}/{name}{suffix}", _label(labels, name.split("/")[0], place)))
    return rows


def _label(labels: dict[str, int], name: str, path: str) -> int:
    if name not in labels:
        raise bad_file(f"unknown class {name[:80]!r}", path)
    return labels[name]


def _open(
    path: Path,
    wanted: str,
    list_rows: ListRows,
    schema: pa.Schema,
    seed: int,
    open_: Callable[[Path, str], Archive],
) -> ParsedRows:
    archive = open_(path, wanted)
    rows = list_rows(archive)
    if not rows:
        raise bad_file("the archive contains no rows of this split", str(path))
    order = random_order(len(rows), random_source(seed))
    names = [rows[row][0] for row in order]
    labels = np.array([label for _, label in rows], np.int64)[order]
    is_text = schema.field(0).type == pa.string()
    make = partial(_read_batch, archive, names, labels, schema, _check_text if is_text else _check_image)
    return ParsedRows(len(rows), 2048 if is_text else _AVERAGE, make)


def _read_batch(
    archive: Archive,
    names: Sequence[str],
    labels: NDArray[np.int64],
    schema: pa.Schema,
    check: Callable[[bytes, str], None],
    rows: NDArray[np.int64],
) -> pa.RecordBatch:
    contents: list[bytes] = []
    for row in map(int, rows):
        contents.append(archive.read(names[row]))
        check(contents[-1], f"{archive.path}/{names[row]}")
    column = pa.array(contents, pa.binary()).cast(schema.field(0).type)
    return pa.record_batch([column, pa.array(labels[rows])], schema=schema)


def _check_image(data: bytes, path: str) -> None:
    if not data.startswith(_STARTS):
        raise bad_file(f"expected a JPEG, PNG or GIF image, got {data[:8]!r}", path)


def _check_text(data: bytes, path: str) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise bad_file(f"expected text in UTF-8 ({error.reason} at byte {error.start:,})", path) from error

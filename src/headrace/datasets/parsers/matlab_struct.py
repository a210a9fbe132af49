"""Arrays of structures in MATLAB 5 files: a row for each structure, a column for each field."""

from __future__ import annotations

import math
import struct
from collections.abc import Collection
from pathlib import Path

from headrace.datasets.parsers.byte_range import ByteRange, bad_file
from headrace.datasets.parsers.matlab import MATRIX, open_matrices, read_at, read_matrix, read_tag

__all__ = ["read_matlab_struct"]

_STRUCT, _CHAR = 2, 4  # classes of arrays
_TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16"}
_MOST_ROWS, _MOST_FIELDS = 100_000, 100
_LONGEST_TEXT = 1 << 20  # bytes


def read_matlab_struct(
    path: Path, name: str, fields: Collection[str], whole: ByteRange | None = None
) -> dict[str, list[str | float]]:
    """Read fields of an array of structures: texts, and numbers.

    Args:
        path: The file, or the archive that it lies in.
        name: The name of the array.
        fields: The fields to read.
        whole: The bytes of the file in the archive.

    Raises:
        UsageError: The file cannot be opened.
        RecordError: It is damaged, or has no such array or field, or a field holds something else.
    """
    for content, order in open_matrices(path, whole):
        kind, at = _read_class(content, order)
        if kind != _STRUCT:
            continue
        _, start, size, at = read_tag(content, at, order)
        shape = struct.unpack(f"{order}{size // 4}i", read_at(content, start, min(size, 128)))
        _, start, size, at = read_tag(content, at, order)
        if read_at(content, start, size) == name.encode():
            return _read_rows(content, at, order, math.prod(shape), fields)
    raise bad_file(f"the file has no array of structures '{name}'", str(path))


def _read_rows(
    content: ByteRange, at: int, order: str, rows: int, fields: Collection[str]
) -> dict[str, list[str | float]]:
    _, start, size, at = read_tag(content, at, order)
    (width,) = struct.unpack(f"{order}i", read_at(content, start, 4))
    _, start, size, at = read_tag(content, at, order)
    if not 0 < width <= 64 or size > _MOST_FIELDS * width or not 0 <= rows <= _MOST_ROWS:
        raise bad_file("expected an array of structures with few fields", content.path, content.offset)
    packed = read_at(content, start, size)
    names = [
        packed[place : place + width].split(b"\0")[0].decode("latin-1") for place in range(0, size, width)
    ]
    found: dict[str, list[str | float]] = {name: [] for name in names if name in fields}
    missing = sorted(set(fields) - set(found))
    if missing:
        raise bad_file(f"the structures lack the field '{missing[0]}'", content.path, content.offset)
    for _ in range(rows):
        for name in names:
            kind, start, size, at = read_tag(content, at, order)
            if kind != MATRIX:
                raise bad_file(f"expected an array in the field '{name}'", content.path, start)
            if name in found:
                value = ByteRange(content.file, start, size, content.path)
                found[name].append(_read_value(value, order, name))
    return found


def _read_value(content: ByteRange, order: str, name: str) -> str | float:
    kind, at = _read_class(content, order)
    if kind != _CHAR:
        array = read_matrix(content, order)
        if array is None or math.prod(array[1].shape) != 1:
            raise bad_file(f"expected a number or a text in the field '{name}'", content.path, content.offset)
        return float(array[1].load().reshape(-1)[0])
    for _ in range(2):  # dimensions, name
        at = read_tag(content, at, order)[3]
    kind, start, size, _ = read_tag(content, at, order)
    if kind not in _TEXTS or size > _LONGEST_TEXT:
        raise bad_file(f"expected a text in the field '{name}'", content.path, content.offset)
    encoding = _TEXTS[kind] + {"<": "-le", ">": "-be"}[order] * (_TEXTS[kind] == "utf-16")
    return read_at(content, start, size).decode(encoding, "replace")


def _read_class(content: ByteRange, order: str) -> tuple[int, int]:
    """Read the class of an array, and the place behind its flags."""
    kind, start, size, at = read_tag(content, 0, order)
    if kind != 6 or size != 8:
        raise bad_file("expected the flags of an array", content.path, content.offset)
    return struct.unpack(f"{order}I", read_at(content, start, 4))[0] & 0xFF, at

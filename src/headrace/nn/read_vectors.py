"""Pretrained vectors of words, read from files of GloVe, word2vec and fastText."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from headrace.errors import ModelError, UsageError

__all__ = ["read_vectors"]

_FASTTEXT_MODEL = (793712314).to_bytes(4, "little")
_MOST_NUMBERS = 65_536  # of a vector
_LONGEST_WORD = 4096  # bytes
_LONGEST_LINE = _LONGEST_WORD + 32 * _MOST_NUMBERS
_MOST_WORDS = 2**40
_CHUNK = 2**20


def read_vectors(path: str | os.PathLike[str], places: Mapping[str, int]) -> dict[int, NDArray[np.float32]]:
    """Read the vectors of some words; those of all other words are skipped, and never in memory together.

    Formats: text, a word and its numbers per line, with or without a first line `count size` (GloVe,
    word2vec, fastText's `.vec`); word2vec's binary format. The first vector of a word counts.

    Args:
        path: The file.
        places: Word to its number.

    Returns:
        Number of a word to its vector, float32, all of one size.

    Raises:
        UsageError: The file cannot be read, or none of the words is in it.
        ModelError: The file is damaged, or has another format.
    """
    name = os.fspath(path)
    try:
        with Path(name).open("rb") as file:
            found: dict[int, NDArray[np.float32]] = {}
            for word, vector in _read(file, name):
                place = places.get(word)
                if place is not None and place not in found:
                    found[place] = vector()
    except OSError as error:
        hint = "pass a file of word vectors"
        raise UsageError(f"cannot read the file ({error.strerror})", path=name, hint=hint) from error
    if not found:
        hint = "check the case and the language of the words"
        raise UsageError("none of the vocabulary's words is in the file", path=name, hint=hint)
    return found


def _read(file: BinaryIO, path: str) -> Iterator[tuple[str, _Vector]]:
    first = file.readline(_LONGEST_LINE)
    if first.startswith(_FASTTEXT_MODEL):
        hint = "pass the .vec file beside it, or write one: fasttext print-word-vectors"
        raise ModelError("expected word vectors, got a model of fastText", path=path, hint=hint)
    header = first.split()
    if len(header) != 2 or not all(each.isdigit() for each in header):
        yield from _read_text(io.BytesIO(first), file, None, path)
        return
    count, size = (int(each[:20]) for each in header)
    if not 1 <= size <= _MOST_NUMBERS or not 1 <= count <= _MOST_WORDS:
        what = f"expected 1 to {_MOST_NUMBERS:,} numbers per word, got the first line {first[:60]!r}"
        raise _damaged(what, path)
    start = file.tell()
    sample = file.readline(_LONGEST_LINE)
    file.seek(start)
    if _is_text(sample, size):
        yield from _read_text(io.BytesIO(), file, size, path)
    else:
        yield from _read_binary(file, count, size, path)


class _Vector:
    """The numbers of a word, parsed when they are asked for."""

    def __init__(self, data: bytes, size: int, path: str, place: str, *, is_text: bool) -> None:
        self._data, self._size, self._path = data, size, path
        self._place, self._is_text = place, is_text

    def __call__(self) -> NDArray[np.float32]:
        try:
            numbers = self._data.split() if self._is_text else np.frombuffer(self._data, "<f4")
            vector = np.array(numbers, np.float64).astype(np.float32)
        except ValueError:
            vector = np.array([np.nan], np.float32)
        if len(vector) != self._size or not np.isfinite(vector).all():
            what = f"{self._place}: expected {self._size} finite numbers after the word"
            raise _damaged(what, self._path)
        return vector


def _read_text(first: BinaryIO, file: BinaryIO, size: int | None, path: str) -> Iterator[tuple[str, _Vector]]:
    number = 1 if size is not None else 0
    for source in (first, file):
        while line := source.readline(_LONGEST_LINE):
            number += 1
            if len(line) >= _LONGEST_LINE:
                raise _damaged(f"line {number}: expected a word and its numbers, got a longer line", path)
            if not line.strip():
                continue
            if size is None:
                size = len(line.split()) - 1
                if not _is_text(line, size):
                    raise _damaged(f"line {number}: expected a word and its numbers", path)
            parts = line.rstrip().rsplit(None, size)  # a word may hold spaces
            if len(parts) != size + 1:
                raise _damaged(f"line {number}: expected a word and {size} numbers", path)
            word = parts[0].decode("utf-8", "replace")
            yield word, _Vector(b" ".join(parts[1:]), size, path, f"line {number}", is_text=True)


def _read_binary(file: BinaryIO, count: int, size: int, path: str) -> Iterator[tuple[str, _Vector]]:
    width = 4 * size
    chunk, at = b"", 0
    for number in range(1, count + 1):
        while (end := chunk.find(b" ", at)) < 0 or len(chunk) < end + 1 + width:
            more = file.read(max(width, _CHUNK))
            if not more or (end < 0 and len(chunk) - at > _LONGEST_WORD):
                what = f"word {number:,} of {count:,}: the file ends within it, or holds no word vectors"
                raise _damaged(what, path)
            chunk, at = chunk[at:] + more, 0
        word = chunk[at:end].lstrip(b"\n")
        at = end + 1 + width
        yield (
            word.decode("utf-8", "replace"),
            _Vector(chunk[end + 1 : at], size, path, f"word {number:,}", is_text=False),
        )


def _is_text(line: bytes, size: int) -> bool:
    parts = line.rstrip().rsplit(None, size)
    if not 1 <= size <= _MOST_NUMBERS or len(parts) != size + 1:
        return False
    try:
        return bool(np.isfinite(np.array(parts[1:], np.float64)).all())
    except ValueError:
        return False


def _damaged(what: str, path: str) -> ModelError:
    return ModelError(what, path=path, hint="pass vectors of GloVe, word2vec or fastText (.vec)")

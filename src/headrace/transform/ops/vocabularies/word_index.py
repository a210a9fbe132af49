"""Hash tables of vocabularies, built once per vocabulary."""

from __future__ import annotations

import weakref

import pyarrow as pa

from headrace import _native
from headrace.transform.ops.strings.arrow_buffers import get_buffers

__all__ = ["get_word_index"]

_indexes: dict[int, _native.WordIndex] = {}  # by the id of a live array


def get_word_index(words: pa.StringArray) -> _native.WordIndex:
    """Build the hash table of `words`, or return the one built for this array before."""
    found = _indexes.get(id(words))
    if found is None:
        found = _indexes[id(words)] = _native.WordIndex(*get_buffers(words))
        weakref.finalize(words, _indexes.pop, id(words), None)
    return found

"""Vocabularies as hash tables, each made once."""

from __future__ import annotations

import weakref

import pyarrow as pa

from headrace import _native
from headrace.transform.ops.strings.arrow_buffers import string_buffers

__all__ = ["word_index"]

_made: dict[int, _native.WordIndex] = {}  # by the id of an array that is alive


def word_index(words: pa.StringArray) -> _native.WordIndex:
    """The index of `words`; the same one as long as that array lives."""
    found = _made.get(id(words))
    if found is None:
        found = _made[id(words)] = _native.WordIndex(*string_buffers(words))
        weakref.finalize(words, _made.pop, id(words), None)
    return found

"""Which outputs are integers that are never below 0, such as indices into a vocabulary with buckets."""

from __future__ import annotations

from headrace.transform.graph.graph import Node
from headrace.transform.ops.numbers.apply_buckets import ApplyBuckets
from headrace.transform.ops.numbers.cast import Cast
from headrace.transform.ops.strings.hash_strings import HashStrings
from headrace.transform.ops.vocabularies.apply_vocabulary import ApplyVocabulary
from headrace.transform.ops.vocabularies.index_text import IndexText

__all__ = ["is_never_negative"]


def is_never_negative(node: Node) -> bool:
    """Return whether the type or the last step of an output excludes numbers below 0; False if unknown."""
    if node.type.dtype.startswith("uint"):
        return True
    what = node.what
    if isinstance(what, Cast):
        (x,) = node.inputs
        return node.type.dtype == "int64" and x.type.dtype != "uint64" and is_never_negative(x)
    if isinstance(what, ApplyVocabulary | IndexText):
        return what.oov_buckets > 0 or what.default >= 0
    return isinstance(what, ApplyBuckets | HashStrings)

"""Fuse ops that split text into words, and the lookup of the words, into one op that is faster in ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from headrace.transform.evaluation.fuse_byte_maps import ByteChain, find_byte_chains
from headrace.transform.graph.graph import Constant, Graph, Node
from headrace.transform.graph.op import Op
from headrace.transform.ops.lists.join_lists import JoinLists
from headrace.transform.ops.lists.ngrams import Ngrams
from headrace.transform.ops.numbers.arithmetic import Add
from headrace.transform.ops.numbers.comparison import EqualString, Less, Where
from headrace.transform.ops.strings.split_text import SplitText, classify
from headrace.transform.ops.strings.tokenize import Tokenize
from headrace.transform.ops.strings.tokenize_regex import TokenizeRegex
from headrace.transform.ops.vocabularies.apply_vocabulary import ApplyVocabulary
from headrace.transform.ops.vocabularies.index_text import IndexText

__all__ = ["fuse_text"]


def fuse_text(graph: Graph) -> Graph:
    """Fuse every split of text at spaces with the maps of bytes before it and the lookup after it."""
    graph = _fuse_splits(graph).rewrite(_skip)
    uses = graph.uses
    graph = graph.rewrite(lambda node: _fuse_lookup(node, uses) or node)
    uses_after = graph.uses
    return graph.rewrite(lambda node: _fuse_offset(node, uses_after) or node)


def _fuse_lookup(node: Node, uses: Mapping[Node, int]) -> Node | None:
    """Fuse a lookup of words that nothing else uses with their split."""
    if not isinstance(node.what, ApplyVocabulary):
        return None
    words, vocabulary = node.inputs
    if not isinstance(words.what, SplitText) or uses[words] > 1:
        return None
    split, look_up = words.what, node.what
    fields = (split.kept, split.dropped, split.beyond, split.case, look_up.oov_buckets, look_up.default)
    return replace(node, what=IndexText(*fields), inputs=(*words.inputs, vocabulary))


def _fuse_offset(node: Node, uses: Mapping[Node, int]) -> Node | None:
    """Fuse `where(index < 0, unknown, index + first)` with the lookup, as layers write it."""
    if not isinstance(node.what, Where):
        return None
    condition, unknown, other = node.inputs
    if not isinstance(condition.what, Less) or not isinstance(other.what, Add):
        return None
    index, first = other.inputs
    compared, zero = condition.inputs
    numbers = [_read_integer(each) for each in (zero, unknown, first)]
    if not isinstance(index.what, IndexText) or compared is not index or uses[index] > 2:
        return None
    is_plain = (index.what.oov_buckets, index.what.default, index.type) == (0, -1, node.type)
    if not is_plain or numbers[0] != 0 or numbers[1] is None or numbers[2] is None:
        return None
    return replace(index, what=replace(index.what, default=numbers[1], first=numbers[2]))


def _read_integer(node: Node) -> int | None:
    """Return the value of a constant integer from 0 on; None of any other node."""
    value = node.what.value if isinstance(node.what, Constant) else None
    if not isinstance(value, np.ndarray) or value.ndim or value.dtype.kind != "i" or value < 0:
        return None
    return int(value)


def _fuse_splits(graph: Graph) -> Graph:
    chains = find_byte_chains(graph.nodes, graph.outputs.values())
    changed: dict[Node, Node] = {}
    for node in graph.nodes:
        source, split = _find_split(node, chains.get(node))
        if split is None:
            changed[node] = replace(node, inputs=tuple(changed[each] for each in node.inputs))
        else:
            changed[node] = replace(node, what=split, inputs=(changed[source],))
    return Graph({name: changed[node] for name, node in graph.outputs.items()})


def _find_split(node: Node, chain: ByteChain | None) -> tuple[Node, SplitText | None]:
    """Find the text that a node splits, and how; None if it does not split text, or not at spaces."""
    table = chain.table if chain else node.what.byte_table() if isinstance(node.what, Op) else None
    if table is None:
        return node, None
    source = chain.source if chain else node.inputs[0]
    return source, classify(table) if node.type.ragged and not source.type.ragged else None


def _skip(node: Node) -> Node:
    """Leave out n-grams of one token, and what is chosen for an empty word."""
    if isinstance(node.what, Ngrams) and node.what.most == 1:
        return node.inputs[0]
    if not isinstance(node.what, Where):
        return node
    condition, _, other = node.inputs
    is_asked = isinstance(condition.what, EqualString) and not condition.what.text
    is_same = other.type == node.type and node.type.is_integer  # Where turns -0.0 into 0.0
    return other if is_asked and is_same and _is_never_empty(condition.inputs[0]) else node


def _is_never_empty(words: Node) -> bool:
    if isinstance(words.what, SplitText | Tokenize | TokenizeRegex):
        return True
    return isinstance(words.what, Ngrams | JoinLists) and all(map(_is_never_empty, words.inputs))

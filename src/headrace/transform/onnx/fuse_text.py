"""Fuse ops that split text into words, and the lookup of the words, into one op that is faster in ONNX."""

from __future__ import annotations

from dataclasses import replace

from headrace.transform.evaluation.fuse_byte_maps import ByteChain, find_byte_chains
from headrace.transform.graph.graph import Graph, Node
from headrace.transform.graph.op import Op
from headrace.transform.ops.lists.join_lists import JoinLists
from headrace.transform.ops.lists.ngrams import Ngrams
from headrace.transform.ops.numbers.comparison import EqualString, Where
from headrace.transform.ops.strings.split_text import SplitText, classify
from headrace.transform.ops.strings.tokenize import Tokenize
from headrace.transform.ops.strings.tokenize_regex import TokenizeRegex
from headrace.transform.ops.vocabularies.apply_vocabulary import ApplyVocabulary
from headrace.transform.ops.vocabularies.index_text import IndexText

__all__ = ["fuse_text"]


def fuse_text(graph: Graph) -> Graph:
    """Fuse every split of text at spaces with the maps of bytes before it and the lookup after it."""
    graph = _fuse_splits(graph).rewrite(_skip_empty)
    uses = graph.uses

    def fuse_lookup(node: Node) -> Node:
        if not isinstance(node.what, ApplyVocabulary):
            return node
        words, vocabulary = node.inputs
        if not isinstance(words.what, SplitText) or uses[words] > 1:
            return node
        split, look_up = words.what, node.what
        fields = (split.kept, split.dropped, split.beyond, split.case, look_up.oov_buckets, look_up.default)
        return replace(node, what=IndexText(*fields), inputs=(*words.inputs, vocabulary))

    return graph.rewrite(fuse_lookup)


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


def _skip_empty(node: Node) -> Node:
    """Take the other value where a condition asks whether a word is empty."""
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

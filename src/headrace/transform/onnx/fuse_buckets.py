"""Two steps that one op takes in fewer steps of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from headrace.transform.graph.graph import Constant, Graph, Node
from headrace.transform.ops.numbers.apply_buckets import ApplyBuckets
from headrace.transform.ops.vocabularies.one_hot import OneHot, OneHotBuckets

__all__ = ["fused"]

MOST_BUCKETS = 256  # the fused op multiplies by a matrix of buckets by buckets


def fused(graph: Graph) -> Graph:
    """The same graph, bit for bit, buckets that nothing else needs put straight into their vectors."""
    uses = graph.uses
    return graph.rewrite(lambda node: _of_buckets(node, uses) or node)


def _of_buckets(node: Node, uses: Mapping[Node, int]) -> Node | None:
    if not isinstance(node.what, OneHot):
        return None
    (bucket,) = node.inputs
    if not isinstance(bucket.what, ApplyBuckets) or bucket.type.shape or uses[bucket] > 1:
        return None
    boundaries = bucket.inputs[1].what
    if not isinstance(boundaries, Constant):
        return None
    if not 0 < len(boundaries.value) <= MOST_BUCKETS or node.what.depth > MOST_BUCKETS:
        return None
    return replace(node, what=OneHotBuckets(node.what.depth), inputs=bucket.inputs)

"""Fuse bucketing and one-hot encoding into one op that needs fewer ONNX nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from headrace.transform.graph.graph import Constant, Graph, Node
from headrace.transform.ops.numbers.apply_buckets import ApplyBuckets
from headrace.transform.ops.vocabularies.one_hot import OneHot, OneHotBuckets

__all__ = ["fuse_buckets"]

MOST_BUCKETS = 256  # the fused op multiplies by a square matrix of this size


def fuse_buckets(graph: Graph) -> Graph:
    """Fuse every bucketing whose only user is a one-hot encoding with it; values stay identical."""
    uses = graph.uses
    return graph.rewrite(lambda node: _fuse(node, uses) or node)


def _fuse(node: Node, uses: Mapping[Node, int]) -> Node | None:
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

"""What identifies a graph, or a node with all below it: the steps and the values of constants."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa

from headrace.transform.graph.graph import Constant, Graph, Node, topological_sort
from headrace.transform.graph.graph_json import node_json

__all__ = ["graph_digest", "node_digest"]


def graph_digest(graph: Graph) -> str:
    """Compute a digest of a graph, equal in every process: 32 hexadecimal digits.

    Vocabularies are digested as they lie in memory: the text of a million strings would take a second.
    """
    digest = hashlib.blake2b(digest_size=16)
    nodes = graph.nodes
    places = {node: place for place, node in enumerate(nodes)}
    outputs = {name: places[node] for name, node in graph.outputs.items()}
    for piece in (json.dumps(list(outputs.items())).encode(), *(_content(node, places) for node in nodes)):
        digest.update(b"%d " % memoryview(piece).nbytes)
        digest.update(piece)
    return digest.hexdigest()


_digests: WeakKeyDictionary[Node, str] = WeakKeyDictionary()


def node_digest(node: Node) -> str:
    """Compute a digest of how a node is computed from the input columns, equal in every process."""
    if node in _digests:  # looked up for each state of each part
        return _digests[node]
    for each in topological_sort([node], known=_digests):
        _digests[each] = hashlib.blake2b(_content(each, _digests), digest_size=16).hexdigest()
    return _digests[node]


def _content(node: Node, places: Mapping[Node, Any]) -> Any:
    if not isinstance(node.what, Constant):
        return json.dumps(node_json(node, places), sort_keys=True).encode()
    value = node.what.value
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} ".encode() + value.tobytes()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema([("", value.type)])) as writer:
        writer.write_batch(pa.record_batch({"": value}))
    return sink.getvalue()

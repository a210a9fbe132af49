"""What identifies a graph: its steps and the values of its constants."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.transform.graph.graph import Constant, Graph, Node
from headrace.transform.graph.graph_json import node_json

__all__ = ["graph_digest"]


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


def _content(node: Node, places: dict[Node, int]) -> Any:
    if not isinstance(node.what, Constant):
        return json.dumps(node_json(node, places), sort_keys=True).encode()
    value = node.what.value
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} ".encode() + value.tobytes()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema([("", value.type)])) as writer:
        writer.write_batch(pa.record_batch({"": value}))
    return sink.getvalue()

"""Graphs as JSON: in saved transforms, between the processes of an analysis, and in the keys of caches.

Nodes are a list, each after its inputs, which are given by their positions. Reading executes nothing from the
text and creates ops and analyzers of registered classes only.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import TIMESTAMP, ColumnType
from headrace.errors import HeadraceError, ModelError
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.graph import Constant, Graph, Input, Node
from headrace.transform.graph.infer_type import infer_type
from headrace.transform.graph.op import Op
from headrace.transform.graph.parameters import check_fields
from headrace.transform.graph.serializable import deserialize, serialize

__all__ = [
    "array_json",
    "constant_node",
    "node_at",
    "node_json",
    "read_array",
    "read_graph_text",
    "read_node",
    "to_graph_text",
]


def node_json(node: Node, places: Mapping[Node, Any]) -> dict[str, Any]:
    """Convert a node to JSON; a constant becomes its value alone.

    Args:
        node: The node.
        places: What stands for each input: its position in the list, or its digest.
    """
    what = node.what
    if isinstance(what, Input):
        return {"input": what.column, "type": dataclasses.asdict(node.type)}
    if isinstance(what, Constant):
        is_array = isinstance(what.value, np.ndarray)
        return {"constant": array_json(what.value) if is_array else {"strings": what.value.to_pylist()}}
    inputs = [places[each] for each in node.inputs]
    if isinstance(what, Analyzer):
        return {"analyzer": serialize(what), "inputs": inputs}
    parameters = {field.name: getattr(what, field.name) for field in dataclasses.fields(what)}  # pyright: ignore[reportArgumentType]
    return {"op": what.name, "parameters": parameters, "inputs": inputs}


def read_node(stored: Mapping[str, Any], nodes: Sequence[Node]) -> Node:
    """Read a node that `node_json` wrote.

    Args:
        stored: The JSON value.
        nodes: The nodes before it in the list.

    Raises:
        LookupError, TypeError, ValueError, AttributeError, HeadraceError: The JSON value is not a node.
    """
    if "input" in stored:
        return Node(Input(stored["input"]), (), _type(stored["type"], least=1), per_row=True)
    if "constant" in stored:
        value = stored["constant"]
        return constant_node(
            pa.array(value["strings"], pa.string()) if "strings" in value else read_array(value)
        )
    inputs = tuple(node_at(nodes, place) for place in stored["inputs"])
    types = [each.type for each in inputs]
    if "analyzer" in stored:
        analyzer = deserialize(stored["analyzer"])
        if not isinstance(analyzer, Analyzer):
            raise ValueError(f"expected an analyzer, got {analyzer!r:.100}")
        analyzer = check_fields(analyzer)
        return Node(analyzer, inputs, infer_type(analyzer, *types), per_row=False)
    parameters = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in stored["parameters"].items()
    }
    op = check_fields(Op.registry[stored["op"]](**parameters))
    return Node(op, inputs, infer_type(op, *types), any(each.per_row for each in inputs))


def constant_node(value: np.ndarray | pa.Array, statistic: str | None = None) -> Node:
    """Create the node of a value that is the same for every row.

    Args:
        value: The value.
        statistic: The name of the statistic, if the value is one.
    """
    is_array = isinstance(value, np.ndarray)
    type_ = ColumnType(str(value.dtype), value.shape) if is_array else ColumnType("string", ragged=True)
    return Node(Constant(value, statistic), (), type_, per_row=False)


def node_at(nodes: Sequence[Node], place: int) -> Node:
    """Return the node at a position, which must not be negative.

    Raises:
        IndexError: The list has no such position.
    """
    if place < 0:
        raise IndexError(f"negative position {place}")
    return nodes[place]


def array_json(value: np.ndarray) -> dict[str, Any]:
    """Convert an array of numbers to JSON without loss."""
    numbers = [each if np.isfinite(each) else str(each) for each in value.reshape(-1).tolist()]
    return {"dtype": str(value.dtype), "shape": list(value.shape), "values": numbers}


def read_array(stored: Mapping[str, Any]) -> np.ndarray:
    """Read an array that `array_json` wrote.

    Raises:
        LookupError, TypeError, ValueError: The JSON value is not an array of numbers.
    """
    numbers = [float(each) if isinstance(each, str) else each for each in stored["values"]]
    return np.array(numbers, _number_dtype(stored["dtype"])).reshape(stored["shape"])


def to_graph_text(graph: Graph) -> str:
    """Write a graph, analysed or not, as one line of JSON, with the user's source lines.

    Raises:
        UsageError: An analyzer has a parameter that JSON cannot hold.
    """
    nodes = graph.nodes
    places = {node: place for place, node in enumerate(nodes)}
    return json.dumps({
        "nodes": [node_json(node, places) | _extra_fields(node) for node in nodes],
        "outputs": {name: places[node] for name, node in graph.outputs.items()},
    })  # fmt: skip


@lru_cache(maxsize=8)
def read_graph_text(text: str) -> Graph:
    """Read a graph that `to_graph_text` wrote.

    Recent results are cached. Reading a text again after it left the cache creates new nodes, which are not
    equal to the earlier ones.

    Raises:
        ModelError: The text is not a graph, or has ops or analyzers that this process does not know.
    """
    nodes: list[Node] = []
    try:
        stored = json.loads(text)
        for each in stored["nodes"]:
            node = read_node(each, nodes)
            if isinstance(node.what, Constant):
                what = Constant(node.what.value, each["statistic"])
                node = dataclasses.replace(node, what=what, type=_type(each["type"]))
            line = None if each["line"] is None else (each["line"][0], each["line"][1])
            nodes.append(dataclasses.replace(node, line=line))
        return Graph({name: node_at(nodes, place) for name, place in stored["outputs"].items()})
    except (ImportError, LookupError, TypeError, ValueError, AttributeError, HeadraceError) as error:
        raise ModelError(
            f"cannot read the graph at node {len(nodes)} ({type(error).__name__}: {error})",
            hint="use the same version, and import your own analyzers, in every process",
        ) from error


def _extra_fields(node: Node) -> dict[str, Any]:
    """Return the fields that a reader cannot infer."""
    line = None if node.line is None else list(node.line)
    if not isinstance(node.what, Constant):
        return {"line": line}
    return {"line": line, "statistic": node.what.statistic, "type": dataclasses.asdict(node.type)}


def _type(stored: Mapping[str, Any], least: int = 0) -> ColumnType:
    dtype, shape, ragged = stored["dtype"], tuple(stored["shape"]), stored["ragged"]
    if dtype not in ("string", TIMESTAMP):
        _number_dtype(dtype)
    if not all(type(size) is int and size >= least for size in shape) or type(ragged) is not bool:
        raise ValueError(f"invalid column type {dict(stored)}")
    return ColumnType(dtype, shape, ragged)


def _number_dtype(name: str) -> np.dtype:
    dtype = np.dtype(name)
    if dtype.kind not in "biuf":
        raise ValueError(f"expected a numeric dtype, got {name}")
    return dtype

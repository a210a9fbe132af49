"""A graph as JSON: for saved transforms, for the processes an analysis runs in, and for the keys of caches.

Nodes come in a list, each after its inputs, which are named by their places in it. Reading executes nothing,
and makes ops and analyzers of registered classes only.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType
from headrace.errors import HeadraceError, ModelError
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.graph import Constant, Graph, Input, Node, topological_sort
from headrace.transform.graph.op import Op
from headrace.transform.graph.serializable import deserialize, serialize

__all__ = [
    "array_json",
    "constant_node",
    "node_at",
    "node_json",
    "nodes_text",
    "read_array",
    "read_graph_text",
    "read_node",
    "to_graph_text",
]


def node_json(node: Node, places: Mapping[Node, int]) -> dict[str, Any]:
    """A node as JSON; a constant by its value alone."""
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
    """The node that `node_json` gave; `nodes` are those before it.

    Raises:
        LookupError, TypeError, ValueError, AttributeError, HeadraceError: It is no node.
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
            raise ValueError(f"{analyzer!r:.100} is no analyzer")
        return Node(analyzer, inputs, analyzer.infer(*types), per_row=False)
    parameters = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in stored["parameters"].items()
    }
    op = Op.registry[stored["op"]](**parameters)
    return Node(op, inputs, op.infer(*types), any(each.per_row for each in inputs))


def constant_node(value: np.ndarray | pa.Array, statistic: str | None = None) -> Node:
    """A value that is the same for every row, and the name of the statistic that it is."""
    is_array = isinstance(value, np.ndarray)
    type_ = ColumnType(str(value.dtype), value.shape) if is_array else ColumnType("string", ragged=True)
    return Node(Constant(value, statistic), (), type_, per_row=False)


def node_at(nodes: Sequence[Node], place: int) -> Node:
    """The node of this place; a place from the end of the list is none.

    Raises:
        IndexError: There is no such node.
    """
    if place < 0:
        raise IndexError(f"there is no node {place}")
    return nodes[place]


def array_json(value: np.ndarray) -> dict[str, Any]:
    """An array of numbers as JSON, exactly."""
    numbers = [each if np.isfinite(each) else str(each) for each in value.reshape(-1).tolist()]
    return {"dtype": str(value.dtype), "shape": list(value.shape), "values": numbers}


def read_array(stored: Mapping[str, Any]) -> np.ndarray:
    """The array that `array_json` gave.

    Raises:
        LookupError, TypeError, ValueError: It is none.
    """
    numbers = [float(each) if isinstance(each, str) else each for each in stored["values"]]
    return np.array(numbers, _number_dtype(stored["dtype"])).reshape(stored["shape"])


def nodes_text(ends: Iterable[Node]) -> str:
    """What `ends` compute from the input columns: equal texts are equal computations."""
    ends = list(ends)
    nodes = topological_sort(ends)
    places = {node: place for place, node in enumerate(nodes)}
    whole = {"nodes": [node_json(node, places) for node in nodes], "ends": [places[end] for end in ends]}
    return json.dumps(whole, sort_keys=True)


def to_graph_text(graph: Graph) -> str:
    """A graph in one line of text, analysed or not, with the user's source lines.

    Raises:
        UsageError: An analyzer of parameters that cannot be written.
    """
    nodes = graph.nodes
    places = {node: place for place, node in enumerate(nodes)}
    return json.dumps({
        "nodes": [node_json(node, places) | _beside(node) for node in nodes],
        "outputs": {name: places[node] for name, node in graph.outputs.items()},
    })  # fmt: skip


@lru_cache(maxsize=8)
def read_graph_text(text: str) -> Graph:
    """The graph that `to_graph_text` gave, often that of the last reading; if not, its nodes are others.

    Raises:
        ModelError: It is none, or has ops or analyzers that are not known here.
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
            f"the graph cannot be read, at node {len(nodes)} ({type(error).__name__}: {error})",
            hint="use the same version, and the same analyzers of yours, in every process",
        ) from error


def _beside(node: Node) -> dict[str, Any]:
    """What a reader does not infer."""
    line = None if node.line is None else list(node.line)
    if not isinstance(node.what, Constant):
        return {"line": line}
    return {"line": line, "statistic": node.what.statistic, "type": dataclasses.asdict(node.type)}


def _type(stored: Mapping[str, Any], least: int = 0) -> ColumnType:
    dtype, shape, ragged = stored["dtype"], tuple(stored["shape"]), stored["ragged"]
    if dtype != "string":
        _number_dtype(dtype)
    if not all(type(size) is int and size >= least for size in shape) or type(ragged) is not bool:
        raise ValueError(f"no type: {dict(stored)}")
    return ColumnType(dtype, shape, ragged)


def _number_dtype(name: str) -> np.dtype:
    dtype = np.dtype(name)
    if dtype.kind not in "biuf":
        raise ValueError(f"{name} is no type of number")
    return dtype

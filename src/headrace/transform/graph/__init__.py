"""The graph of a preprocessing function: nodes, ops, analyzers, their interpreter and their JSON form."""

from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.graph.composite import CompositeCall, composite, current_call, inside_call
from headrace.transform.graph.deduplicate import deduplicate
from headrace.transform.graph.graph import Constant, Graph, Input, Node, topological_sort
from headrace.transform.graph.graph_json import read_graph_text, to_graph_text
from headrace.transform.graph.infer_type import infer_type
from headrace.transform.graph.interpret import interpret
from headrace.transform.graph.op import ElementwiseOp, Op
from headrace.transform.graph.serializable import Serializable, deserialize, serialize

__all__ = [
    "Accumulator",
    "Analyzer",
    "CompositeCall",
    "Constant",
    "ElementwiseOp",
    "Graph",
    "Input",
    "Node",
    "Op",
    "Serializable",
    "composite",
    "current_call",
    "deduplicate",
    "deserialize",
    "infer_type",
    "inside_call",
    "interpret",
    "read_graph_text",
    "serialize",
    "to_graph_text",
    "topological_sort",
]

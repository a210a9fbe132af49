"""The graph of a preprocessing function: immutable nodes from input columns to output columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import astuple, dataclass, fields, replace
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from headrace.cached_property import cached_property
from headrace.columns import ColumnType
from headrace.errors import SchemaError
from headrace.suggestions import list_names
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.composite import CompositeCall
from headrace.transform.graph.expression import intersperse, shorten, write_expression
from headrace.transform.graph.op import Op

__all__ = ["Constant", "Graph", "Input", "Node", "display", "topological_sort"]

MOST_CHARACTERS = 200  # of a node's expression


@dataclass(frozen=True)
class Input:
    """An input column, by name."""

    column: str


@dataclass(frozen=True, eq=False)
class Constant:
    """A value that is the same for every row: a NumPy array, or an Arrow array of strings.

    Attributes:
        value: The value.
        statistic: The name of the statistic, such as "mean(age)"; None for a constant of the function itself.
        is_correction: See `Analyzer`.
    """

    value: Any
    statistic: str | None = None
    is_correction: bool = False


@dataclass(frozen=True, eq=False)
class Node:
    """One step of the computation.

    Attributes:
        what: An op, an analyzer, an input or a constant.
        inputs: The nodes whose values it takes.
        type: The type of one row, or of the whole value if not `per_row`.
        per_row: Whether the node has one value per row; otherwise it has one for the whole data set.
        line: The user's source line that created it, as (path, line number), or None.
        call: The composite call that created it, or None.
    """

    what: Op | Analyzer | Input | Constant
    inputs: tuple[Node, ...]
    type: ColumnType
    per_row: bool
    line: tuple[str, int] | None = None
    call: CompositeCall | None = None

    def __str__(self) -> str:
        """Format the node as an expression, such as `mean(cast(age))`.

        An expression of more than `MOST_CHARACTERS` is cut, and ends with a digest of the whole: the names of
        statistics are expressions, and must differ where the expressions do.
        """
        text = write_expression([self], _expand, MOST_CHARACTERS)
        return text if len(text) <= MOST_CHARACTERS else shorten(text, MOST_CHARACTERS, f"...{_digest(self)}")

    def __repr__(self) -> str:
        return f"<{self.type} node {self}>"


def _expand(node: Node) -> list[Node | str]:
    if isinstance(node.what, Input):
        return [node.what.column]
    if isinstance(node.what, Constant):
        value = node.what.value
        is_number = isinstance(value, np.ndarray) and not value.ndim
        return [node.what.statistic or (str(value) if is_number else "constant")]
    name, parameters = display(node.what)
    return [f"{name}(", *intersperse([*node.inputs, *parameters]), ")"]


_digests: WeakKeyDictionary[Node, str] = WeakKeyDictionary()


def _digest(node: Node) -> str:
    """Compute a digest of the expression of a node, equal in every process: 10 hexadecimal digits."""
    for each in topological_sort([node], known=_digests):
        content = repr((_content(each.what), [_digests[source] for source in each.inputs]))
        _digests[each] = blake2b(content.encode(), digest_size=5).hexdigest()
    return _digests[node]


def _content(what: Op | Analyzer | Input | Constant) -> Any:
    if not isinstance(what, Constant):
        name = "" if isinstance(what, Input) else display(what)[0]
        return name, astuple(what)  # pyright: ignore[reportArgumentType]
    if what.statistic is not None:
        return what.statistic
    value = what.value
    return (str(value.dtype), value.tolist()) if isinstance(value, np.ndarray) else value.to_pylist()


def display(what: Op | Analyzer) -> tuple[str, list[str]]:
    """Return the name to show, and the parameters that differ from their defaults, as `name=value`."""
    name, what = what.display if isinstance(what, Analyzer) else (what.name, what)
    shown = [(field.name, getattr(what, field.name), field.default) for field in fields(what) if field.repr]  # pyright: ignore[reportArgumentType]
    return name, [f"{each}={value}" for each, value, default in shown if value != default]


@dataclass(frozen=True)
class Graph:
    """Named output nodes, and all nodes that they depend on.

    Attributes:
        outputs: Output column name to node.
    """

    outputs: Mapping[str, Node]

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes that the outputs depend on, each after its inputs."""
        return tuple(topological_sort(self.outputs.values()))

    @property
    def inputs(self) -> dict[str, Node]:
        """Input column name to node, in the order of first use."""
        return {node.what.column: node for node in self.nodes if isinstance(node.what, Input)}

    @property
    def encodings(self) -> dict[str, str]:
        """Name of each input column that an op decodes, such as "image", to what it holds."""
        return {
            node.inputs[0].what.column: node.what.encoding
            for node in self.nodes
            if isinstance(node.what, Op) and node.what.encoding and isinstance(node.inputs[0].what, Input)
        }

    @property
    def uses(self) -> Counter[Node]:
        """The number of nodes and outputs that use each node."""
        return Counter(each for node in self.nodes for each in node.inputs) + Counter(self.outputs.values())

    @property
    def analyzers(self) -> list[Node]:
        """The analyzer nodes, each after those that it depends on."""
        return [node for node in self.nodes if isinstance(node.what, Analyzer)]

    def select(self, names: Iterable[str]) -> Graph:
        """Return the graph of some outputs, with only the inputs that they need.

        Raises:
            SchemaError: The graph has no output of that name.
        """
        unknown = [name for name in names if name not in self.outputs]
        if unknown:
            raise SchemaError(
                f"the transform has no output '{unknown[0]}'",
                hint=f"choose among {list_names(self.outputs)}",
            )
        return Graph({name: self.outputs[name] for name in names})

    def rewrite(self, change: Callable[[Node], Node]) -> Graph:
        """Return the graph with `change` applied to every node, inputs first."""
        changed: dict[Node, Node] = {}
        for node in self.nodes:
            inputs = tuple(changed[each] for each in node.inputs)
            changed[node] = change(replace(node, inputs=inputs) if inputs != node.inputs else node)
        return Graph({name: changed[node] for name, node in self.outputs.items()})

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the nodes as a list: nested as they are, they would be as deep as the longest chain."""
        nodes = self.nodes
        places = {node: place for place, node in enumerate(nodes)}
        steps = [
            (node.what, [places[each] for each in node.inputs], node.type, node.per_row, node.line, node.call)
            for node in nodes
        ]
        return _graph_from_steps, (steps, {name: places[node] for name, node in self.outputs.items()})


def _graph_from_steps(steps: Iterable[tuple[Any, ...]], outputs: Mapping[str, int]) -> Graph:
    nodes: list[Node] = []
    for what, inputs, *others in steps:
        nodes.append(Node(what, tuple(nodes[each] for each in inputs), *others))
    return Graph({name: nodes[place] for name, place in outputs.items()})


def topological_sort(outputs: Iterable[Node], known: Container[Node] = ()) -> list[Node]:
    """List all nodes that `outputs` depend on, each after its inputs; leave out those in `known`."""
    order: dict[Node, None] = {}
    stack = list(outputs)[::-1]
    while stack:
        node = stack[-1]
        if node in order or node in known:
            stack.pop()
        elif missing := [each for each in node.inputs if each not in order and each not in known]:
            stack += missing[::-1]
        else:
            order[stack.pop()] = None
    return list(order)

"""The graph that a preprocessing function becomes: immutable nodes, from input columns to output columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import SchemaError
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.composite import CompositeCall
from headrace.transform.graph.op import Op

__all__ = ["Constant", "Graph", "Input", "Node"]


@dataclass(frozen=True)
class Input:
    """An input column, by name."""

    column: str


@dataclass(frozen=True, eq=False)
class Constant:
    """A value that is the same for every row: a NumPy array, or an Arrow array of strings.

    Attributes:
        value: The value.
        statistic: What an analyzer called it, such as "mean(age)"; None for a number written in the function.
    """

    value: Any
    statistic: str | None = None


@dataclass(frozen=True, eq=False)
class Node:
    """One step: what is done, to which nodes, and the type that comes out.

    Attributes:
        what: An op, an analyzer, an input or a constant.
        inputs: The nodes it is done to.
        type: The type of one row; of the whole value if not `per_row`.
        per_row: Whether there is one value a row; otherwise one for the whole data set.
        line: The user's source line that made it, as (path, line number), or None.
        call: The call of a function of several steps that it was made in, or None.
    """

    what: Op | Analyzer | Input | Constant
    inputs: tuple[Node, ...]
    type: ColumnType
    per_row: bool
    line: tuple[str, int] | None = None
    call: CompositeCall | None = None

    def __str__(self) -> str:
        """An expression a person can read: `mean(cast(age))`."""
        if isinstance(self.what, Input):
            return self.what.column
        if isinstance(self.what, Constant):
            value = self.what.value
            return self.what.statistic or (
                str(value) if isinstance(value, np.ndarray) and not value.ndim else "constant"
            )
        name, parameters = shown(self.what)
        return f"{name}({', '.join([*map(str, self.inputs), *parameters])})"


def shown(what: Op | Analyzer) -> tuple[str, list[str]]:
    """The name, and the parameters that differ from their defaults, as `name=value`."""
    name, what = what.shown if isinstance(what, Analyzer) else (what.name, what)
    known = {field.name: getattr(what, field.name) for field in fields(what) if field.repr}  # pyright: ignore[reportArgumentType]
    defaults = {field.name: field.default for field in fields(what)}  # pyright: ignore[reportArgumentType]
    return name, [f"{name}={value}" for name, value in known.items() if value != defaults[name]]


@dataclass(frozen=True)
class Graph:
    """Named output nodes, and all that they need.

    Attributes:
        outputs: Output column name to node.
    """

    outputs: Mapping[str, Node]

    @property
    def nodes(self) -> list[Node]:
        """Every node the outputs need, each after its inputs."""
        return topological_sort(self.outputs.values())

    @property
    def inputs(self) -> dict[str, Node]:
        """Input column name to node, in the order of first use."""
        return {node.what.column: node for node in self.nodes if isinstance(node.what, Input)}

    @property
    def uses(self) -> Counter[Node]:
        """How many nodes and outputs need each node."""
        return Counter(each for node in self.nodes for each in node.inputs) + Counter(self.outputs.values())

    @property
    def analyzers(self) -> list[Node]:
        """The analyzer nodes, each after those it depends on."""
        return [node for node in self.nodes if isinstance(node.what, Analyzer)]

    def select(self, names: Iterable[str]) -> Graph:
        """The graph of some outputs only; inputs that nothing needs any more are gone.

        Raises:
            SchemaError: There is no output of that name.
        """
        unknown = [name for name in names if name not in self.outputs]
        if unknown:
            raise SchemaError(
                f"the transform has no output '{unknown[0]}'",
                hint=f"choose among {', '.join(self.outputs)}",
            )
        return Graph({name: self.outputs[name] for name in names})

    def rewrite(self, change: Callable[[Node], Node]) -> Graph:
        """The same graph with `change` applied to every node, inputs first."""
        done: dict[Node, Node] = {}
        for node in self.nodes:
            inputs = tuple(done[each] for each in node.inputs)
            done[node] = change(replace(node, inputs=inputs) if inputs != node.inputs else node)
        return Graph({name: done[node] for name, node in self.outputs.items()})


def topological_sort(ends: Iterable[Node]) -> list[Node]:
    """Every node that `ends` need, each after its inputs."""
    order: dict[Node, None] = {}
    stack = [(node, False) for node in reversed(list(ends))]
    while stack:
        node, ready = stack.pop()
        if ready:
            order[node] = None
        elif node not in order:
            stack.append((node, True))
            stack.extend((each, False) for each in reversed(node.inputs))
    return list(order)

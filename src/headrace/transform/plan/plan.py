"""The plan of a transform, from its graph or from JSON."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from headrace.storage import local_target
from headrace.transform.analysis.passes import StateKey, schedule, state_key
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.composite import CompositeCall
from headrace.transform.graph.graph import Constant, Graph, Input, Node, display
from headrace.transform.plan.steps import Pass, State, Step, Steps
from headrace.transform.plan.text import format_plan

__all__ = ["Plan"]

_KINDS = ("input", "constant", "op", "statistic")


@dataclass(frozen=True, repr=False)
class Plan(Steps):
    """How a transform is computed: passes that compute its statistics, then steps row by row.

    `str(plan)` is the text that `headrace explain` prints.

    Attributes:
        steps: The steps, each after its inputs.
        outputs: Output column name to position in `steps`.
        passes: The passes over the data, in order.
        calls: The calls of composite functions, such as `scale_to_z_score`.
    """

    @classmethod
    def from_graph(cls, graph: Graph) -> Plan:
        """Plan a traced graph; an analysed one needs no passes any more."""
        nodes = graph.nodes
        places = {node: place for place, node in enumerate(nodes)}
        given = dict.fromkeys(node.call for node in nodes if node.call is not None)
        calls = {call: place for place, call in enumerate(given)}
        describe = _Descriptions()
        return cls(
            tuple([describe.step(node, places, calls) for node in nodes]),
            {name: places[node] for name, node in graph.outputs.items()},
            tuple(_pass(ready, places) for ready in schedule(graph)),
            tuple(calls),
        )

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Draw the graph, inputs left and outputs right, into a PNG, SVG or PDF file.

        Raises:
            UsageError: The file has another extension, or its folder does not exist.
        """
        from headrace.transform.plan.picture import draw  # loads matplotlib

        draw(self, local_target(path))

    def __str__(self) -> str:
        return format_plan(self)

    __repr__ = __str__

    def to_json(self) -> dict[str, Any]:
        """Convert the plan to JSON."""
        return {
            "calls": [{"name": call.name, "parameters": call.parameters} for call in self.calls],
            "steps": [asdict(step) for step in self.steps],
            "outputs": dict(self.outputs),
            "passes": [[asdict(state) for state in each.states] for each in self.passes],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Plan:
        """Read a plan that `to_json` wrote.

        Raises:
            ValueError, LookupError, TypeError: The JSON value is not a plan.
        """
        calls = tuple(
            CompositeCall(_read_text(each["name"]), _read_texts(each["parameters"]))
            for each in stored["calls"]
        )
        steps = tuple(_read_step(each, place, len(calls)) for place, each in enumerate(stored["steps"]))
        outputs = {name: _read_place(place, len(steps)) for name, place in stored["outputs"].items()}
        passes = tuple(
            Pass(tuple(_read_state(each, len(steps)) for each in states)) for states in stored["passes"]
        )
        return cls(steps, outputs, passes, calls)


class _Descriptions:
    """The texts of nodes: thousands of nodes share what they apply, and their types."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[str, str, str, tuple[str, ...]]] = {}

    def step(self, node: Node, places: Mapping[Node, int], calls: Mapping[CompositeCall, int]) -> Step:
        shared = id(node.what), id(node.type)
        if shared not in self._known:
            kind, name, parameters = _describe(node)
            self._known[shared] = kind, name, str(node.type), tuple(parameters)
        kind, name, type_, parameters = self._known[shared]
        inputs = tuple([places[each] for each in node.inputs])
        call = None if node.call is None else calls[node.call]
        return Step(kind, name, type_, node.per_row, parameters, inputs, call)


def _describe(node: Node) -> tuple[str, str, list[str]]:
    """Return the kind, name and parameters of a node's step."""
    if isinstance(node.what, Input):
        return "input", node.what.column, []
    if isinstance(node.what, Constant):
        kind = "constant" if node.what.statistic is None else "statistic"
        return kind, node.what.statistic or _summarize(node.what.value), []
    name, parameters = display(node.what)
    kind = "statistic" if isinstance(node.what, Analyzer) else "op"
    return kind, name, [each if len(each) <= 40 else f"{each.split('=')[0]}=..." for each in parameters]


def _summarize(value: Any) -> str:
    """Format a constant: up to four numbers in full, more by their count."""
    if not isinstance(value, np.ndarray):
        return f"{len(value):,} strings"
    return str(value.tolist()) if value.size <= 4 else f"{value.size:,} numbers"


def _pass(ready: list[Node], places: Mapping[Node, int]) -> Pass:
    readers: dict[StateKey, list[int]] = {}
    for node in ready:
        readers.setdefault(state_key(node), []).append(places[node])
    return Pass(
        tuple(
            State(accumulator.display_name, tuple(places[each] for each in columns), tuple(statistics))
            for (accumulator, columns), statistics in readers.items()
        )
    )


def _read_step(stored: Mapping[str, Any], place: int, calls: int) -> Step:
    call, per_row = stored["call"], stored["per_row"]
    if stored["kind"] not in _KINDS or type(per_row) is not bool:
        raise ValueError(f"invalid step {dict(stored)}")
    return Step(
        stored["kind"],
        _read_text(stored["name"]),
        _read_text(stored["type"]),
        per_row,
        _read_texts(stored["parameters"]),
        _read_places(stored["inputs"], place),
        None if call is None else _read_place(call, calls),
    )


def _read_state(stored: Mapping[str, Any], steps: int) -> State:
    columns, statistics = _read_places(stored["columns"], steps), _read_places(stored["statistics"], steps)
    return State(_read_text(stored["name"]), columns, statistics)


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {value!r:.100}")
    return value


def _read_texts(values: Any) -> tuple[str, ...]:
    return tuple(_read_text(each) for each in values)


def _read_place(value: Any, stop: int) -> int:
    if type(value) is not int or not 0 <= value < stop:
        raise IndexError(f"expected a position below {stop}, got {value!r:.100}")
    return value


def _read_places(values: Any, stop: int) -> tuple[int, ...]:
    return tuple(_read_place(each, stop) for each in values)

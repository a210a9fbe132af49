"""The record of how a transform is computed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from headrace.transform.analysis.passes import schedule, state_key, state_keys
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.composite import CompositeCall
from headrace.transform.graph.graph import Constant, Graph, Input, Node, shown

__all__ = ["Pass", "Plan", "State", "Step"]

KINDS = ("input", "constant", "op", "statistic")


@dataclass(frozen=True)
class Step:
    """One node of the graph.

    Attributes:
        kind: "input", "constant", "op" or "statistic" (what an analyzer finds).
        name: The input's, the op's or the analyzer's; a constant's value.
        type: What comes out, as text: of one row, or of the whole value if not `per_row`.
        per_row: Whether there is one value a row.
        parameters: Those that differ from their defaults, as "name=value".
        inputs: The places of the steps it works on, all before its own.
        call: The place in `Plan.calls` of the call that made it, or None.
    """

    kind: str
    name: str
    type: str
    per_row: bool
    parameters: tuple[str, ...] = ()
    inputs: tuple[int, ...] = ()
    call: int | None = None

    @property
    def text(self) -> str:
        """The name with the parameters: `quantiles(num_buckets=4)`."""
        return f"{self.name}({', '.join(self.parameters)})" if self.parameters else self.name


@dataclass(frozen=True)
class State:
    """What one pass gathers of some columns, and which statistics are read from it.

    Attributes:
        name: What is gathered: "moments", "ranks", "counts", ...
        columns: The steps it is gathered from.
        statistics: The steps that read it.
    """

    name: str
    columns: tuple[int, ...]
    statistics: tuple[int, ...]


@dataclass(frozen=True)
class Pass:
    """One time over all rows."""

    states: tuple[State, ...]


@dataclass(frozen=True, repr=False)
class Plan:
    """How a transform is computed: passes that find its statistics, then steps row by row.

    Printed, it is the text that `headrace explain` shows.

    Attributes:
        steps: Each after its inputs.
        outputs: Output column name to place in `steps`.
        passes: Over the data, in order.
        calls: Of functions of several steps, such as `scale_to_z_score`.
    """

    steps: tuple[Step, ...]
    outputs: Mapping[str, int]
    passes: tuple[Pass, ...]
    calls: tuple[CompositeCall, ...] = ()

    @classmethod
    def from_graph(cls, graph: Graph) -> Plan:
        """The plan of a traced graph; of an analysed one, without the passes that are over."""
        nodes = graph.nodes
        places = {node: place for place, node in enumerate(nodes)}
        calls = list(dict.fromkeys(node.call for node in nodes if node.call is not None))
        return cls(
            tuple(_step(node, places, calls) for node in nodes),
            {name: places[node] for name, node in graph.outputs.items()},
            tuple(_pass(waiting, places) for waiting in schedule(graph)),
            tuple(calls),
        )

    def reads(self, a_pass: Pass) -> list[str]:
        """The input columns that a pass needs."""
        needed = self._needed(place for state in a_pass.states for place in state.columns)
        return [
            step.name for place, step in enumerate(self.steps) if place in needed and step.kind == "input"
        ]

    def select(self, outputs: Iterable[str]) -> Plan:
        """The plan of some outputs only."""
        kept = {name: self.outputs[name] for name in outputs}
        order = sorted(self._needed(kept.values(), through_statistics=True))
        places = {place: new for new, place in enumerate(order)}
        steps = [self.steps[place] for place in order]
        return replace(
            self,
            steps=tuple(replace(step, inputs=tuple(places[each] for each in step.inputs)) for step in steps),
            outputs={name: places[place] for name, place in kept.items()},
            passes=tuple(left for each in self.passes if (left := _kept(each, places)).states),
        )

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Draw the graph, inputs left and outputs right, into a PNG, SVG or PDF file.

        Raises:
            UsageError: The name ends in something else, or there is no such folder.
        """
        from headrace.transform.plan.picture import draw  # matplotlib loads only when something is drawn

        draw(self, Path(path))

    def __str__(self) -> str:
        from headrace.transform.plan.text import told

        return told(self)

    __repr__ = __str__

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON holds it."""
        return {
            "calls": [{"name": call.name, "parameters": call.parameters} for call in self.calls],
            "steps": [asdict(step) for step in self.steps],
            "outputs": dict(self.outputs),
            "passes": [[asdict(state) for state in each.states] for each in self.passes],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Plan:
        """The plan that `to_json` gave.

        Raises:
            ValueError, LookupError, TypeError: It is something else.
        """
        calls = tuple(
            CompositeCall(_text(each["name"]), _texts(each["parameters"])) for each in stored["calls"]
        )
        steps = tuple(_read_step(each, place, len(calls)) for place, each in enumerate(stored["steps"]))
        upto = len(steps)
        passes = [
            [
                State(_text(each["name"]), _places(each["columns"], upto), _places(each["statistics"], upto))
                for each in states
            ]
            for states in stored["passes"]
        ]
        outputs = {name: _place(place, upto) for name, place in stored["outputs"].items()}
        return cls(steps, outputs, tuple(Pass(tuple(states)) for states in passes), calls)

    def _needed(self, ends: Iterable[int], through_statistics: bool = False) -> set[int]:
        """The places of all steps that `ends` need; those behind a statistic belong to another pass."""
        found: set[int] = set()
        stack = list(ends)
        while stack:
            place = stack.pop()
            if place not in found:
                found.add(place)
                if through_statistics or self.steps[place].kind != "statistic":
                    stack += self.steps[place].inputs
        return found


def _step(node: Node, places: Mapping[Node, int], calls: list[CompositeCall]) -> Step:
    kind, name, parameters = _shown(node)
    inputs = tuple(places[each] for each in node.inputs)
    call = None if node.call is None else calls.index(node.call)
    return Step(kind, name, str(node.type), node.per_row, tuple(parameters), inputs, call)


def _shown(node: Node) -> tuple[str, str, list[str]]:
    """Kind, name and parameters."""
    if isinstance(node.what, Input):
        return "input", node.what.column, []
    if isinstance(node.what, Constant):
        kind = "constant" if node.what.statistic is None else "statistic"
        return kind, node.what.statistic or _value(node.what.value), []
    name, parameters = shown(node.what)
    kind = "statistic" if isinstance(node.what, Analyzer) else "op"
    return kind, name, [each if len(each) <= 40 else f"{each.split('=')[0]}=..." for each in parameters]


def _value(value: Any) -> str:
    """A constant as a reader wants it: numbers that are few, else what it is."""
    if not isinstance(value, np.ndarray):
        return f"{len(value):,} strings"
    return str(value.tolist()) if value.size <= 4 else f"{value.size:,} numbers"


def _pass(waiting: list[Node], places: Mapping[Node, int]) -> Pass:
    readers = {
        key: [places[node] for node in waiting if state_key(node) == key] for key in state_keys(waiting)
    }
    return Pass(
        tuple(
            State(accumulator.shown, tuple(places[each] for each in columns), tuple(statistics))
            for (accumulator, columns), statistics in readers.items()
        )
    )


def _kept(each: Pass, places: Mapping[int, int]) -> Pass:
    """The pass with what is still needed, by its new places."""
    states: list[State] = []
    for state in each.states:
        if statistics := tuple(places[place] for place in state.statistics if place in places):
            states.append(State(state.name, tuple(places[place] for place in state.columns), statistics))
    return Pass(tuple(states))


def _read_step(stored: Mapping[str, Any], place: int, calls: int) -> Step:
    call, per_row = stored["call"], stored["per_row"]
    if stored["kind"] not in KINDS or type(per_row) is not bool:
        raise ValueError(f"no step: {dict(stored)}")
    return Step(
        stored["kind"],
        _text(stored["name"]),
        _text(stored["type"]),
        per_row,
        _texts(stored["parameters"]),
        _places(stored["inputs"], place),
        None if call is None else _place(call, calls),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.100} is no text")
    return value


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(_text(each) for each in values)


def _place(value: Any, upto: int) -> int:
    if type(value) is not int or not 0 <= value < upto:
        raise IndexError(f"there is no place {value!r:.100}")
    return value


def _places(values: Any, upto: int) -> tuple[int, ...]:
    return tuple(_place(each, upto) for each in values)

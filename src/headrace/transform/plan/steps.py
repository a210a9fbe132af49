"""The record of a plan: steps row by row, and the passes over the data that compute statistics for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from headrace.transform.graph.composite import CompositeCall

__all__ = ["Pass", "State", "Step", "Steps"]


@dataclass(frozen=True)
class Step:
    """One node of the graph.

    Attributes:
        kind: "input", "constant", "op" or "statistic" (the result of an analyzer).
        name: The name of the input, op or analyzer, or the value of a constant.
        type: The type of one row as text, or of the whole value if not `per_row`.
        per_row: Whether the step has one value per row.
        parameters: The parameters that differ from their defaults, as "name=value".
        inputs: The positions of the steps that it depends on, all before its own.
        call: The position in `Plan.calls` of the call that created it, or None.
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
        """The name with the parameters, such as `quantiles(num_buckets=4)`."""
        return f"{self.name}({', '.join(self.parameters)})" if self.parameters else self.name


@dataclass(frozen=True)
class State:
    """A state that a pass accumulates, and the statistics that are computed from it.

    Attributes:
        name: The kind of state: "moments", "ranks", "counts", ...
        columns: The positions of the steps that it is accumulated from.
        statistics: The positions of the steps that are computed from it.
    """

    name: str
    columns: tuple[int, ...]
    statistics: tuple[int, ...]


@dataclass(frozen=True)
class Pass:
    """One pass over all rows."""

    states: tuple[State, ...]


@dataclass(frozen=True, repr=False)
class Steps:
    """The passes and steps of a plan, which its text and picture are made from; see `Plan`.

    Attributes:
        steps: The steps, each after its inputs.
        outputs: Output column name to position in `steps`.
        passes: The passes over the data, in order.
        calls: The calls of composite functions, such as `scale_to_z_score`.
    """

    steps: tuple[Step, ...]
    outputs: Mapping[str, int]
    passes: tuple[Pass, ...]
    calls: tuple[CompositeCall, ...] = ()

    def reads(self, each_pass: Pass) -> list[str]:
        """List the input columns that a pass reads."""
        needed = self._find_needed(place for state in each_pass.states for place in state.columns)
        return [self.steps[place].name for place in sorted(needed) if self.steps[place].kind == "input"]

    def select(self, outputs: Iterable[str]) -> Self:
        """Return the plan of some outputs only."""
        selected = {name: self.outputs[name] for name in outputs}
        order = sorted(self._find_needed(selected.values(), through_statistics=True))
        places = {place: new for new, place in enumerate(order)}
        steps = [self.steps[place] for place in order]
        return replace(
            self,
            steps=tuple(replace(step, inputs=tuple(places[each] for each in step.inputs)) for step in steps),
            outputs={name: places[place] for name, place in selected.items()},
            passes=tuple(left for each in self.passes if (left := _renumber(each, places)).states),
        )

    def _find_needed(self, outputs: Iterable[int], through_statistics: bool = False) -> set[int]:
        """Find all steps that `outputs` depend on; those behind a statistic belong to an earlier pass."""
        found: set[int] = set()
        stack = list(outputs)
        while stack:
            place = stack.pop()
            if place not in found:
                found.add(place)
                if through_statistics or self.steps[place].kind != "statistic":
                    stack += self.steps[place].inputs
        return found


def _renumber(each_pass: Pass, places: Mapping[int, int]) -> Pass:
    """Return the pass with the states that are still needed, at their new positions."""
    states: list[State] = []
    for state in each_pass.states:
        if statistics := tuple(places[place] for place in state.statistics if place in places):
            states.append(State(state.name, tuple(places[place] for place in state.columns), statistics))
    return Pass(tuple(states))

"""Group the steps of a plan into blocks: the steps of one call are a block, and so is a state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from typing import NamedTuple

from headrace.cached_property import cached_property
from headrace.transform.plan.steps import State, Step, Steps

__all__ = ["Block", "Blocks", "group_blocks"]


class Block(NamedTuple):
    """The identity of a block.

    Attributes:
        kind: "input", "op" or "statistic" for a single step; "call" for one of `Steps.calls`; "state".
        place: The position of the step, of the call, or of the state among all states.
    """

    kind: str
    place: int


@dataclass(frozen=True)
class Blocks:
    """The blocks of a plan.

    Constants, and ops on statistics alone, have no block: they belong to the steps that use them.

    Attributes:
        plan: The plan.
        opened: The calls whose steps are separate blocks.
    """

    plan: Steps
    opened: frozenset[int]

    @cached_property
    def states(self) -> list[State]:
        """All states, pass by pass."""
        return [state for each in self.plan.passes for state in each.states]

    @cached_property
    def owners(self) -> list[Block | None]:
        """The block of each step, or None."""
        readers = {place: number for number, state in enumerate(self.states) for place in state.statistics}
        return [self._owner(place, step, readers) for place, step in enumerate(self.plan.steps)]

    def _owner(self, place: int, step: Step, readers: dict[int, int]) -> Block | None:
        if step.kind == "statistic":
            return Block("state", readers[place]) if place in readers else Block("statistic", place)
        if step.kind == "input":
            return Block("input", place)
        if step.kind == "constant" or not step.per_row:
            return None
        if step.call is None or step.call in self.opened:
            return Block("op", place)
        return Block("call", step.call)

    @cached_property
    def steps(self) -> dict[Block, list[int]]:
        """The steps of each block."""
        found: dict[Block, list[int]] = {}
        for place, owner in enumerate(self.owners):
            if owner is not None:
                found.setdefault(owner, []).append(place)
        return found

    @cached_property
    def inputs(self) -> dict[Block, list[Block]]:
        """The blocks that each block depends on."""
        found: dict[Block, list[Block]] = {}
        for block, steps in self.steps.items():
            if block.kind == "state":
                state = self.states[block.place]
                sources = [each for column in state.columns for each in self._column_sources(block, column)]
            else:
                sources = [each for step in steps for each in self.find_sources(self.plan.steps[step].inputs)]
            found[block] = [each for each in dict.fromkeys(sources) if each != block]
        return found

    def find_enclosing_call(self, state: Block, column: int) -> Block | None:
        """Return the call that computes a state's column and itself depends on the state, or None."""
        owner = self.owners[column]
        return (
            owner
            if owner is not None and owner.kind == "call" and state in self._states_before[owner]
            else None
        )

    def find_results(self, block: Block) -> list[int]:
        """List the steps of a block that other blocks use or that are outputs."""
        others = [step for place, step in enumerate(self.plan.steps) if not self._belongs(place, block)]
        used = {each for step in others for each in step.inputs}
        return [place for place in self.steps[block] if place in used or place in self.plan.outputs.values()]

    def _belongs(self, place: int, block: Block) -> bool:
        """Tell whether a step belongs to a block, as do the statistics that a call requests."""
        step = self.plan.steps[place]
        own = step.kind == "statistic" and block == Block("call", -1 if step.call is None else step.call)
        return own or self.owners[place] == block

    def find_outputs(self, block: Block) -> list[str]:
        """List the output columns that a block computes."""
        return [name for name, place in self.plan.outputs.items() if self.owners[place] == block]

    def find_sources(self, places: Iterable[int]) -> list[Block]:
        """List the blocks that values come from, looking through steps that have no block."""
        found: list[Block] = []
        for place in places:
            owner = self.owners[place]
            found += self.find_sources(self.plan.steps[place].inputs) if owner is None else [owner]
        return found

    @cached_property
    def _states_before(self) -> dict[Block, set[Block]]:
        """The states that any step of a block depends on."""
        states: list[set[Block]] = []
        for place, step in enumerate(self.plan.steps):
            own = {block for block in (self.owners[place],) if block is not None and block.kind == "state"}
            states.append(own.union(*(states[each] for each in step.inputs)))
        return {
            block: set[Block]().union(*map(states.__getitem__, each)) for block, each in self.steps.items()
        }

    def _column_sources(self, state: Block, column: int) -> list[Block]:
        """List the sources of a state's column; of one inside a call that depends on it, the call's."""
        if self.find_enclosing_call(state, column) is None:
            return self.find_sources([column])
        inputs = self.plan.steps[column].inputs
        return [each for place in inputs for each in self._column_sources(state, place)]

    @cached_property
    def order(self) -> list[Block]:
        """All blocks, each after those it depends on, and close to them."""
        sorter, waiting, order = TopologicalSorter(self.inputs), list[tuple[int, Block]](), list[Block]()
        sorter.prepare()
        while sorter.is_active():
            for block in sorter.get_ready():
                heappush(waiting, (self.steps[block][-1], block))
            order.append(heappop(waiting)[1])
            sorter.done(order[-1])
        return order


def group_blocks(plan: Steps) -> Blocks:
    """Group the steps of a plan into blocks, opening the calls that would otherwise form a cycle."""
    opened: frozenset[int] = frozenset()
    while True:
        blocks = Blocks(plan, opened)
        try:
            blocks.order  # noqa: B018
        except CycleError as error:
            opened |= {block.place for block in error.args[1] if block.kind == "call"}
        else:
            return blocks

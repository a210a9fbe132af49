"""The steps of a plan as a reader sees them: what one call made is one block, and so is one state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from typing import NamedTuple

from headrace.transform.plan.plan import Plan, State, Step

__all__ = ["Block", "Blocks", "blocks_of"]


class Block(NamedTuple):
    """What stands for a step: its kind and place.

    Attributes:
        kind: "input", "op" or "statistic" (a step); "call" (one of `Plan.calls`); "state".
        place: Of the step, the call, or the state among all states.
    """

    kind: str
    place: int


@dataclass(frozen=True)
class Blocks:
    """A plan's blocks. Constants, and ops on nothing but statistics, have none: they are part of their user.

    Attributes:
        plan: The plan.
        opened: The calls whose steps are blocks of their own.
    """

    plan: Plan
    opened: frozenset[int]

    @cached_property
    def states(self) -> list[State]:
        """All states, pass by pass."""
        return [state for each in self.plan.passes for state in each.states]

    @cached_property
    def owners(self) -> list[Block | None]:
        """The block of each step."""
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
        """The blocks that each block works on."""
        found: dict[Block, list[Block]] = {}
        for block, steps in self.steps.items():
            if block.kind == "state":
                state = self.states[block.place]
                sources = [each for column in state.columns for each in self._column_sources(block, column)]
            else:
                sources = [each for step in steps for each in self.sources(self.plan.steps[step].inputs)]
            found[block] = [each for each in dict.fromkeys(sources) if each != block]
        return found

    def inside(self, state: Block, column: int) -> Block | None:
        """The call in which a state's column is made and that itself waits for the state; or None."""
        owner = self.owners[column]
        return owner if owner is not None and owner.kind == "call" and state in self._awaited[owner] else None

    def results(self, block: Block) -> list[int]:
        """The steps of a block that others work on, or that are outputs."""
        others = [step for place, step in enumerate(self.plan.steps) if not self._belongs(place, block)]
        used = {each for step in others for each in step.inputs}
        return [place for place in self.steps[block] if place in used or place in self.plan.outputs.values()]

    def _belongs(self, place: int, block: Block) -> bool:
        """Whether a step is the block's own, statistics that it asks for included."""
        step = self.plan.steps[place]
        own = step.kind == "statistic" and block == Block("call", -1 if step.call is None else step.call)
        return own or self.owners[place] == block

    def outputs(self, block: Block) -> list[str]:
        """The output columns that a block gives."""
        return [name for name, place in self.plan.outputs.items() if self.owners[place] == block]

    def sources(self, places: Iterable[int]) -> list[Block]:
        """The blocks behind values, through what has no block of its own; none behind constants."""
        found: list[Block] = []
        for place in places:
            owner = self.owners[place]
            found += self.sources(self.plan.steps[place].inputs) if owner is None else [owner]
        return found

    @cached_property
    def _awaited(self) -> dict[Block, set[Block]]:
        """The states that something in a block waits for."""
        of_steps: list[set[Block]] = []
        for place, step in enumerate(self.plan.steps):
            own = {block for block in (self.owners[place],) if block is not None and block.kind == "state"}
            of_steps.append(own.union(*(of_steps[each] for each in step.inputs)))
        return {
            block: set[Block]().union(*map(of_steps.__getitem__, each)) for block, each in self.steps.items()
        }

    def _column_sources(self, state: Block, column: int) -> list[Block]:
        """What a state works on; from inside a call that waits for it, what that call does."""
        if self.inside(state, column) is None:
            return self.sources([column])
        inputs = self.plan.steps[column].inputs
        return [each for place in inputs for each in self._column_sources(state, place)]

    @cached_property
    def ordered(self) -> list[Block]:
        """Every block after those it works on, and near to them."""
        sorter, waiting, order = TopologicalSorter(self.inputs), list[tuple[int, Block]](), list[Block]()
        sorter.prepare()
        while sorter.is_active():
            for block in sorter.get_ready():
                heappush(waiting, (self.steps[block][-1], block))
            order.append(heappop(waiting)[1])
            sorter.done(order[-1])
        return order


def blocks_of(plan: Plan) -> Blocks:
    """The blocks, with calls opened that would work on what works on them."""
    opened: frozenset[int] = frozenset()
    while True:
        blocks = Blocks(plan, opened)
        try:
            blocks.ordered  # noqa: B018
        except CycleError as error:
            opened |= {block.place for block in error.args[1] if block.kind == "call"}
        else:
            return blocks

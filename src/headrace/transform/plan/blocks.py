"""Group the steps of a plan into blocks: the steps of one call are a block, and so is a state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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

    @cached_property
    def results(self) -> dict[Block, list[int]]:
        """The steps of each block that other blocks use or that are outputs."""
        used = set(self.plan.outputs.values())
        for place, step in enumerate(self.plan.steps):
            used.update(each for each in step.inputs if not self._belongs(place, self.owners[each]))
        return {block: [place for place in steps if place in used] for block, steps in self.steps.items()}

    @cached_property
    def has_sources(self) -> list[bool]:
        """Whether each step depends on any block, its own included."""
        found: list[bool] = []
        for owner, step in zip(self.owners, self.plan.steps, strict=True):
            found.append(owner is not None or any(found[each] for each in step.inputs))
        return found

    @cached_property
    def outputs(self) -> dict[Block, list[str]]:
        """The output columns that each block computes."""
        found: dict[Block, list[str]] = {}
        for name, place in self.plan.outputs.items():
            if (owner := self.owners[place]) is not None:
                found.setdefault(owner, []).append(name)
        return found

    @cached_property
    def users(self) -> dict[Block, list[Block]]:
        """The blocks that depend on each block, in the order of `order`."""
        found: dict[Block, list[Block]] = {block: [] for block in self.steps}
        for block in self.order:
            for each in self.inputs[block]:
                found[each].append(block)
        return found

    def _belongs(self, place: int, block: Block | None) -> bool:
        """Tell whether a step belongs to a block, as do the statistics that a call requests."""
        step = self.plan.steps[place]
        own = step.kind == "statistic" and block == Block("call", -1 if step.call is None else step.call)
        return own or self.owners[place] == block

    def find_enclosing_call(self, state: Block, column: int) -> Block | None:
        """Return the call that computes a state's column and itself depends on the state, or None."""
        owner = self.owners[column]
        if owner is None or owner.kind != "call":
            return None
        return owner if self._depends(owner, state) else None

    def _depends(self, block: Block, state: Block) -> bool:
        """Tell whether any step of a block depends on a state; no step depends on one after it."""
        last = self.steps[block][-1]
        seen, left = set[int](), list(self.steps[state])
        while left:
            place = left.pop()
            if self.owners[place] == block:
                return True
            if place < last and place not in seen:
                seen.add(place)
                left += self._users_of_steps[place]
        return False

    @cached_property
    def _users_of_steps(self) -> list[list[int]]:
        """The steps that use each step."""
        users: list[list[int]] = [[] for _ in self.plan.steps]
        for place, step in enumerate(self.plan.steps):
            for each in step.inputs:
                users[each].append(place)
        return users

    def find_sources(self, places: Iterable[int]) -> list[Block]:
        """List the blocks that values come from, looking through steps that have no block."""
        return self._find_owners(places, lambda place: self.owners[place] is None)

    def _column_sources(self, state: Block, column: int) -> list[Block]:
        """List the sources of a state's column; of one inside a call that depends on it, the call's."""

        def is_open(place: int) -> bool:
            return self.owners[place] is None or self.find_enclosing_call(state, place) is not None

        return self._find_owners([column], is_open)

    def _find_owners(self, places: Iterable[int], is_open: Callable[[int], bool]) -> list[Block]:
        """List the blocks of steps, from left to right; of a step that is open, those of its inputs."""
        found: dict[Block, None] = {}
        seen, left = set[int](), list(places)[::-1]
        while left:
            place = left.pop()
            if place in seen:
                continue
            seen.add(place)
            owner = self.owners[place]
            if is_open(place):
                left.extend(reversed(self.plan.steps[place].inputs))
            elif owner is not None:
                found[owner] = None
        return list(found)

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

"""Format a plan as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from headrace.garbage_collection import paused_collection
from headrace.transform.graph.expression import intersperse, shorten, write_expression
from headrace.transform.plan.blocks import Block, Blocks, group_blocks
from headrace.transform.plan.steps import Pass, Steps

__all__ = ["format_plan"]

WIDEST = 90  # characters per cell


def format_plan(plan: Steps) -> str:
    """List the passes with the states that each accumulates, then the steps row by row with their types."""
    with paused_collection():
        return "\n".join(_Formatter(group_blocks(plan)).lines())


class _Formatter:
    """A formatter that numbers the blocks, so that lines can refer to them."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks, self.plan = blocks, blocks.plan
        self.ordered = [block for block in blocks.order if block.kind in ("op", "call")]
        self.numbers = {block: f"#{place + 1}" for place, block in enumerate(self.ordered)}

    def lines(self) -> list[str]:
        passes = len(self.plan.passes)
        states = iter([Block("state", place) for place in range(len(self.blocks.states))])
        lines = [f"{passes} pass{'es' * (passes != 1)} over the data, then row by row"]
        for number, each in enumerate(self.plan.passes, 1):
            lines += ["", *self._pass(number, each, [next(states) for _ in each.states])]
        return [*lines, "", "Row by row", *_align(self._rows())]

    def _pass(self, number: int, each: Pass, states: Sequence[Block]) -> list[str]:
        return [f"Pass {number} reads {_join(self.plan.reads(each))}", *_align(map(self._state, states))]

    def _state(self, block: Block) -> list[str]:
        state = self.blocks.states[block.place]
        columns = [_Term(each, self.blocks.find_enclosing_call(block, each)) for each in state.columns]
        statistics = [self.plan.steps[each].text for each in state.statistics]
        return [
            self._write([f"{state.name} of ", *intersperse(columns)]),
            f"-> {_join(statistics)}",
            f"for {_join(self._users(block))}",
        ]

    def _users(self, state: Block) -> list[str]:
        """Name the steps that use a state, and the states of later passes that depend on it."""
        users = self.blocks.users[state]
        numbers = [self.numbers[block] for block in users if block in self.numbers]
        later = [self.blocks.states[block.place].name for block in users if block.kind == "state"]
        return [*numbers, *dict.fromkeys(later)]

    def _rows(self) -> list[list[str]]:
        inputs = [block for block in self.blocks.order if block.kind == "input"]
        return [self._row(block) for block in [*inputs, *self.ordered]]

    def _row(self, block: Block) -> list[str]:
        types = dict.fromkeys(self.plan.steps[place].type for place in self.blocks.results[block])
        outputs = self.blocks.outputs.get(block)
        return [self._definition(block), _join(list(types)), f"=> {_join(outputs)}" if outputs else ""]

    def _definition(self, block: Block) -> str:
        if block.kind == "input":
            return shorten(self.plan.steps[block.place].name, WIDEST)
        if block.kind == "op":
            return self._write([f"{self.numbers[block]} = ", *self._apply(block.place, None)])
        call = self.plan.calls[block.place]
        arguments = intersperse([*self._arguments(block), *call.parameters])
        return self._write([f"{self.numbers[block]} = {call.name}(", *arguments, ")"])

    def _arguments(self, block: Block) -> list[str]:
        """List the arguments of a call: the columns and statistics that it did not create itself."""
        found: dict[str, None] = {}
        seen, left = set[int](), self.blocks.results[block][::-1]
        while left:
            place = left.pop()
            if place in seen:
                continue
            seen.add(place)
            if self.blocks.owners[place] == block or self.plan.steps[place].call == block.place:
                left.extend(reversed(self.plan.steps[place].inputs))
            elif self.blocks.has_sources[place]:
                found[self._write([_Term(place, None)])] = None
        return list(found)

    def _write(self, pieces: Iterable[_Term | str]) -> str:
        return shorten(write_expression(pieces, self._expand, WIDEST), WIDEST)

    def _expand(self, term: _Term) -> list[_Term | str]:
        """Write a value as its name or number, or else as the expression that computes it."""
        place, inside = term
        step, owner = self.plan.steps[place], self.blocks.owners[place]
        if step.kind in ("input", "constant"):
            return [step.name]
        if owner is not None and owner in self.numbers and owner != inside:
            results = self.blocks.results[owner]
            return [self.numbers[owner] + (f"[{results.index(place)}]" if len(results) > 1 else "")]
        return self._apply(place, inside or self._own_call(place))

    def _own_call(self, place: int) -> Block | None:
        """Return the block of the call that created a statistic and its columns, or None."""
        call = self.plan.steps[place].call
        return None if call is None else Block("call", call)

    def _apply(self, place: int, inside: Block | None) -> list[_Term | str]:
        step = self.plan.steps[place]
        if step.kind == "statistic" and not step.inputs:
            return [step.name]
        terms = [*(_Term(each, inside) for each in step.inputs), *step.parameters]
        return [f"{step.name}(", *intersperse(terms), ")"]


class _Term(NamedTuple):
    """A value in an expression: the step that computes it, and the call whose steps are written in full."""

    place: int
    inside: Block | None


def _join(names: Sequence[str]) -> str:
    """Join names by commas; of more than fit a cell, the first and their number."""
    text = ", ".join(names)
    if len(text) <= WIDEST or len(names) < 2:
        return shorten(text, WIDEST)
    end = f", ... ({len(names):,} in all)"
    return (text[: WIDEST - len(end)].rpartition(", ")[0] or text[: WIDEST - len(end)]) + end


def _align(rows: Iterable[Sequence[str]]) -> list[str]:
    """Format rows of cells as indented lines, each column as wide as its widest cell."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]

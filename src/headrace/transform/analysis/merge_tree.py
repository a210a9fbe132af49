"""The tree in which the states of parts are merged: the same for every engine.

Parts that are added at the end leave the beginning of each branch as it is, so beginnings can be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from headrace.transform.analysis.passes import Key
from headrace.transform.analysis.states import States, empty, merged

__all__ = ["FAN_IN", "Branch", "of_branch"]

FAN_IN = 16  # states merged at once: parts 0 to 15 are one branch, 16 to 31 another, 0 to 255 one of those


@dataclass(frozen=True)
class Branch:
    """The parts from `start` to before `stop`, at most 16 to the power of `level` of them."""

    level: int
    start: int
    stop: int

    @classmethod
    def of(cls, width: int) -> Branch:
        """The whole tree of so many parts."""
        level = 0
        while FAN_IN**level < width:
            level += 1
        return cls(level, 0, width)

    @property
    def children(self) -> list[Branch]:
        """The branches it is merged of, in order; none for a single part."""
        starts = range(self.start, self.stop, self._step) if self.level else ()
        return [Branch(self.level - 1, start, min(start + self._step, self.stop)) for start in starts]

    @property
    def beginnings(self) -> list[Branch]:
        """Its first children as far as they are full, the longest first, two at least.

        Parts that are added at the end leave all of them as they are.
        """
        full = (self.stop - self.start) // self._step if self.level else 0
        return [Branch(self.level, self.start, self.start + n * self._step) for n in range(full, 1, -1)]

    @property
    def _step(self) -> int:
        return FAN_IN ** (self.level - 1)


def of_branch(
    keys: Sequence[Key],
    branch: Branch,
    parts: Iterator[States],
    known: Mapping[Branch, States] = MappingProxyType({}),
    keep: Callable[[Branch, States], None] = lambda _, _states: None,
) -> States:
    """The states of a branch, from those of its parts in order; a few of them are in memory at a time.

    Args:
        keys: Which states.
        branch: The branch.
        parts: The states of the parts that are in no known beginning.
        known: The states of the beginnings of some branches.
        keep: Told the states of a branch's longest beginning, when they are not known.
    """
    if not branch.level:
        return next(parts, None) or empty(keys)
    begun = next((each for each in branch.beginnings if each in known), None)
    whole = empty(keys) if begun is None else known[begun]
    for child in branch.children:
        if begun is not None and child.start < begun.stop:
            continue
        whole = merged(keys, [of_branch(keys, child, parts, known, keep)], whole)
        so_far = Branch(branch.level, branch.start, child.stop)
        if so_far in branch.beginnings[:1]:
            keep(so_far, whole)
    return whole

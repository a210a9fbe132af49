"""The tree in which the states of parts are merged: the same for every engine, and kept branch by branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from headrace.transform.phases import Key
from headrace.transform.states import States, empty, merged

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
    def is_full(self) -> bool:
        """Whether parts that are added at the end leave it as it is."""
        return self.stop - self.start == FAN_IN**self.level

    @property
    def children(self) -> list[Branch]:
        """The branches it is merged of, in order; none for a single part."""
        step = FAN_IN ** (self.level - 1) if self.level else 0
        starts = range(self.start, self.stop, step) if step else ()
        return [Branch(self.level - 1, start, min(start + step, self.stop)) for start in starts]


def of_branch(
    keys: Sequence[Key],
    branch: Branch,
    parts: Iterator[States],
    known: Mapping[Branch, States] | None = None,
    keep: Callable[[Branch, States], States] = lambda _, states: states,
) -> States:
    """The states of a branch, from those of its parts in order; a few of them are in memory at a time.

    Args:
        keys: Which states.
        branch: The branch.
        parts: The states of the parts that are in no known branch.
        known: The states of some branches.
        keep: What becomes of the states of a branch that was merged.
    """
    if known and branch in known:
        return known[branch]
    if not branch.level:
        return next(parts, None) or empty(keys)
    whole = merged(keys, (of_branch(keys, each, parts, known, keep) for each in branch.children))
    return keep(branch, whole)

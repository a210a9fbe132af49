"""The tree in which the states of parts are merged, the same for every engine.

Appending parts does not change the prefixes of the branches, so the states of prefixes can be cached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from headrace.transform.analysis.passes import StateKey
from headrace.transform.analysis.states import States, empty_states, merge_states

__all__ = ["FAN_IN", "Branch", "merge_branch"]

FAN_IN = 16  # children of a branch: parts 0 to 15 are one branch, 16 to 31 the next, 0 to 255 their parent


@dataclass(frozen=True)
class Branch:
    """A node of the merge tree: the parts from `start` up to, not including, `stop`.

    A branch of level n holds at most 16**n parts; level 0 is a single part.
    """

    level: int
    start: int
    stop: int

    @classmethod
    def root(cls, parts: int) -> Branch:
        """Return the root of the tree over this number of parts."""
        level = 0
        while FAN_IN**level < parts:
            level += 1
        return cls(level, 0, parts)

    @property
    def children(self) -> list[Branch]:
        """The branches it is merged from, in order; none for a single part."""
        starts = range(self.start, self.stop, self._step) if self.level else ()
        return [Branch(self.level - 1, start, min(start + self._step, self.stop)) for start in starts]

    @property
    def prefixes(self) -> list[Branch]:
        """Its first n full children as one branch, for each n from the number of full children down to 2.

        Appending parts to the data leaves all prefixes unchanged.
        """
        full = (self.stop - self.start) // self._step if self.level else 0
        return [Branch(self.level, self.start, self.start + n * self._step) for n in range(full, 1, -1)]

    @property
    def _step(self) -> int:
        return FAN_IN ** (self.level - 1)


def merge_branch(
    keys: Sequence[StateKey],
    branch: Branch,
    parts: Iterator[States],
    cached: Mapping[Branch, States] = MappingProxyType({}),
    save: Callable[[Branch, States], None] = lambda _, _states: None,
) -> States:
    """Merge the states of a branch's parts, in order; only a few states are in memory at a time.

    Args:
        keys: The keys of the states.
        branch: The branch.
        parts: The states of the parts that no cached prefix covers, in order.
        cached: The states of cached prefixes.
        save: Called with the longest prefix of each branch and its states, if they are not cached.
    """
    if not branch.level:
        return next(parts, None) or empty_states(keys)
    prefix = next((each for each in branch.prefixes if each in cached), None)
    merged = empty_states(keys) if prefix is None else cached[prefix]
    for child in branch.children:
        if prefix is not None and child.start < prefix.stop:
            continue
        merged = merge_states(keys, [merge_branch(keys, child, parts, cached, save)], merged)
        covered = Branch(branch.level, branch.start, child.stop)
        if covered in branch.prefixes[:1]:
            save(covered, merged)
    return merged

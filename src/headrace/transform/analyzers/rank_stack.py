"""The ranks of many groups of rows: sorted values of small groups in one array, sketches of large ones.

A group of up to `CAPACITY` values is exact, so all such groups together are sorted, merged and read at once,
without an object for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from headrace.columns import Ragged, take_rows
from headrace.transform.analyzers.rank_sketch import CAPACITY, RankedValues, RankSketch

__all__ = ["RankStack"]

_WORTH_A_SORT = 64  # values: groups of more are sorted one by one


@dataclass(eq=False)
class RankStack:
    """The ranks of groups of numbers.

    Attributes:
        values: The sorted values of each group, float64; none for a group that has a sketch.
        sketches: The sketches of groups with more than `CAPACITY` values, by group.
    """

    values: Ragged
    sketches: dict[int, RankSketch] = field(default_factory=dict[int, RankSketch])

    @classmethod
    def group(cls, values: np.ndarray, codes: np.ndarray, groups: int) -> RankStack:
        """Group float64 values without NaN by their codes, in [0, groups)."""
        splits = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(codes, minlength=groups))])
        values = _sort_groups(values, codes, splits)
        stack = cls(Ragged(values, splits))
        large = np.flatnonzero(np.diff(splits) > CAPACITY)
        for group in large.tolist():
            stack.sketches[group] = RankSketch()
            stack.sketches[group].add(values[splits[group] : splits[group + 1]])
        return stack._without_values(large) if len(large) else stack

    @classmethod
    def collect(cls, sketches: Sequence[RankSketch]) -> RankStack:
        """Make the stack of groups that have a sketch each; exact ones are taken apart."""
        exact = [each.levels[0] if len(each.levels) == 1 else np.empty(0) for each in sketches]
        codes = np.repeat(np.arange(len(sketches)), list(map(len, exact)))
        stack = cls.group(np.concatenate([np.empty(0), *exact]), codes, len(sketches))
        large = {group: each for group, each in enumerate(sketches) if len(each.levels) > 1}
        return cls(stack.values, large)

    @classmethod
    def merge(cls, stacks: Sequence[RankStack], places: np.ndarray, groups: int) -> RankStack:
        """Merge the groups of several stacks that are the same.

        Args:
            stacks: The stacks.
            places: For each group of all stacks, in order, its number in the result.
            groups: The number of groups of the result.
        """
        if not stacks:
            return cls.group(np.empty(0), np.empty(0, np.int64), groups)
        lengths = np.concatenate([np.diff(stack.values.row_splits) for stack in stacks])
        totals = np.bincount(places, lengths, groups)
        is_large = totals > CAPACITY
        starts = np.cumsum([0, *map(len, stacks)])
        for start, stack in zip(starts, stacks, strict=False):
            is_large[[places[start + group] for group in stack.sketches]] = True
        sketches: dict[int, RankSketch] = {}
        if is_large.any():
            for start, stack in zip(starts, stacks, strict=False):
                for group in np.flatnonzero(is_large[places[start : start + len(stack)]]).tolist():
                    stack.add_to(sketches.setdefault(int(places[start + group]), RankSketch()), group)
        codes = np.repeat(places, lengths)
        small = ~is_large[codes]
        values = np.concatenate([stack.values.values for stack in stacks])
        return cls(cls.group(values[small], codes[small], groups).values, sketches)

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self.values.row_splits) - 1

    def __getitem__(self, chosen: np.ndarray) -> RankStack:
        """Choose groups by their numbers or by a mask."""
        numbers = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        sketches = self.sketches
        if sketches:
            where = {int(group): place for place, group in enumerate(numbers) if int(group) in sketches}
            sketches = {place: sketches[group] for group, place in where.items()}
        return RankStack(take_rows(self.values, numbers), sketches)

    def add_to(self, sketch: RankSketch, group: int) -> None:
        """Add the values of a group to a sketch."""
        if group in self.sketches:
            sketch.merge(self.sketches[group])
        else:
            first, last = self.values.row_splits[group : group + 2]
            sketch.add(self.values.values[first:last])

    def ranked(self, group: int) -> RankedValues:
        """Return the values of a group in order, with cumulative weights."""
        if group in self.sketches:
            return self.sketches[group].ranked()
        first, last = self.values.row_splits[group : group + 2]
        return RankedValues(self.values.values[first:last], np.arange(1, last - first + 1))

    def quantiles(self, parts: int) -> np.ndarray:
        """Compute the quantiles of every group, [groups, parts - 1]; see `RankedValues.quantiles`."""
        splits = self.values.row_splits
        counts = np.diff(splits)[:, None]
        # The smallest value with i / parts of the values at or below it.
        within = (np.arange(1, parts) * counts + parts - 1) // parts - 1
        found = np.full((len(self), parts - 1), np.nan)
        filled = np.flatnonzero(counts)
        found[filled] = self.values.values[splits[filled, None] + within[filled]]
        for group, sketch in self.sketches.items():
            found[group] = sketch.ranked().quantiles(parts)
        return found

    def _without_values(self, groups: np.ndarray) -> RankStack:
        lengths = np.diff(self.values.row_splits)
        kept = np.repeat(~np.isin(np.arange(len(self)), groups), lengths)
        lengths[groups] = 0
        splits = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return RankStack(Ragged(self.values.values[kept], splits), self.sketches)


def _sort_groups(values: np.ndarray, codes: np.ndarray, splits: np.ndarray) -> np.ndarray:
    """Sort values by group, and within each group."""
    groups = len(splits) - 1
    if len(values) < _WORTH_A_SORT * groups:
        return values[np.lexsort([values, codes])]
    small = codes.astype(np.int16) if groups < 2**15 else codes  # NumPy sorts these by radix
    values = values[np.argsort(small, kind="stable")]
    for first, last in pairwise(splits.tolist()):
        values[first:last].sort()
    return values

"""Accumulate states over batches on the threads of this process, merging in the batches' order.

The result does not depend on timing, and memory holds a few batches whatever the size of the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from typing import NamedTuple

import pyarrow as pa

from headrace.parallel import available_cpus, ordered_map
from headrace.transform.analysis.grouped_saves import GroupedSaves
from headrace.transform.analysis.merge_tree import Branch, merge_branch
from headrace.transform.analysis.parts import Part
from headrace.transform.analysis.passes import StateKey
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.analysis.states import States, accumulate_batch, empty_states, merge_states

__all__ = ["accumulate", "accumulate_parts"]


def accumulate(keys: Iterable[StateKey], batches: Iterable[pa.RecordBatch]) -> States:
    """Compute the states of all batches."""
    task = _PartTask(0, tuple(keys))
    steps = (_Step(task, batch) for batch in batches)
    return merge_states(task.missing, (states for _, states in _run(steps)))


def accumulate_parts(keys: Sequence[StateKey], parts: Sequence[Part], cache: StateCache | None) -> States:
    """Compute the states of all parts, merged in the tree of `headrace.transform.analysis.merge_tree`.

    With a cache, only the parts that no cached prefix of a branch covers are visited, and of those only the
    ones with a missing state are read.
    """
    root = Branch.root(len(parts))
    if cache is None:
        steps = (_all_steps(keys, part, number) for number, part in enumerate(parts))
        return merge_branch(keys, root, _merge_each(steps))
    prefixes = _CachedPrefixes(keys, cache, [part.fingerprint for part in parts])
    cached = dict(prefixes.find(root))
    covered = {number for branch in cached for number in range(branch.start, branch.stop)}
    missing = [number for number in range(len(parts)) if number not in covered]
    steps = (_missing_steps(keys, parts[each], each, cache, prefixes.fingerprints[each]) for each in missing)
    with GroupedSaves(cache, keys) as saves:
        save = partial(prefixes.save, saves)
        return merge_branch(keys, root, _merge_each(steps, saves), cached, save)


@dataclass(frozen=True)
class _CachedPrefixes:
    """Prefixes of branches in a cache, identified by the fingerprints of their parts."""

    keys: Sequence[StateKey]
    cache: StateCache
    fingerprints: Sequence[str]

    def find(self, branch: Branch) -> Iterator[tuple[Branch, States]]:
        """Yield the longest prefixes inside a branch whose states are all cached, with their states."""
        loaded = ((each, self.cache.load(self.keys, self._name(each))) for each in branch.prefixes)
        prefix = next((each for each in loaded if len(each[1]) == len(self.keys)), None)
        if prefix is not None:
            yield prefix
        for child in branch.children:
            if prefix is None or child.start >= prefix[0].stop:
                yield from self.find(child)

    def save(self, saves: GroupedSaves, branch: Branch, states: States) -> None:
        """Save the states of a prefix; a long one has a file of its own, as it is loaded alone."""
        if branch.level == 1:
            saves.save(branch.stop - 1, self._name(branch), states)
        else:
            self.cache.save(self._name(branch), states)

    def _name(self, branch: Branch) -> str:
        return " ".join(self.fingerprints[branch.start : branch.stop])


class _PartTask(NamedTuple):
    """What must be computed for a part.

    Attributes:
        part: The part's number.
        missing: The keys of the states to compute.
        cached: The states that the cache has.
        fingerprint: The part's fingerprint, if there is a cache.
    """

    part: int
    missing: Sequence[StateKey]
    cached: States | None = None
    fingerprint: str = ""


class _Step(NamedTuple):
    """A batch of a part; None if the part has no batches, or none that must be read."""

    task: _PartTask
    batch: pa.RecordBatch | None


def _all_steps(keys: Sequence[StateKey], part: Part, number: int) -> Iterator[_Step]:
    return _steps(_PartTask(number, keys), part)


def _missing_steps(
    keys: Sequence[StateKey], part: Part, number: int, cache: StateCache, fingerprint: str
) -> Iterator[_Step]:
    cached = cache.load(keys, fingerprint)
    task = _PartTask(number, [key for key in keys if key not in cached], cached, fingerprint)
    yield from _steps(task, part if task.missing else ())


def _steps(task: _PartTask, batches: Iterable[pa.RecordBatch]) -> Iterator[_Step]:
    """Yield at least one step, so that every part has states."""
    batch = None
    for batch in batches:
        yield _Step(task, batch)
    if batch is None:
        yield _Step(task, None)


def _merge_each(parts: Iterable[Iterable[_Step]], saves: GroupedSaves | None = None) -> Iterator[States]:
    """Yield the states of each part, in order."""
    steps = (step for part in parts for step in part)
    for _, done in groupby(_run(steps), lambda each: each[0].task.part):
        yield _merge_part(done, saves)


def _merge_part(done: Iterator[tuple[_Step, States]], saves: GroupedSaves | None) -> States:
    step, first = next(done)
    task = step.task
    computed = merge_states(task.missing, chain([first], (states for _, states in done)))
    if saves is None:
        return computed
    if computed:
        saves.save(task.part, task.fingerprint, computed)
    return {**(task.cached or {}), **computed}


def _run(steps: Iterable[_Step]) -> Iterator[tuple[_Step, States]]:
    """Yield every step with the states of its batch, in order; batches are accumulated on several threads."""
    cpus = available_cpus()
    with ThreadPoolExecutor(cpus) as pool:
        yield from ordered_map(_accumulate_step, iter(steps), pool, most=2 * cpus + 1)


def _accumulate_step(step: _Step) -> States:
    if step.batch is None:
        return empty_states(step.task.missing)
    return accumulate_batch(step.task.missing, step.batch)

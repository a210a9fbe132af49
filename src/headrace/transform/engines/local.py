"""Passes over the data in this process, on a few threads."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import pyarrow as pa

from headrace.errors import UsageError
from headrace.transform.analysis.input_data import Opened, open_batches
from headrace.transform.analysis.merge_tree import Branch, of_branch
from headrace.transform.analysis.parts import Part, find_parts, parts_of
from headrace.transform.analysis.passes import Key, ready, settle
from headrace.transform.analysis.state_cache import StateCache
from headrace.transform.analysis.states import States, keys_of, merged, of_batch
from headrace.transform.graph.graph import Graph

__all__ = ["LocalEngine", "accumulate"]


@dataclass(frozen=True)
class LocalEngine:
    """This process, on as many threads as there are processors. It reads any record batches."""

    def open(self, data: Any) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
        """See `Engine.open`."""
        return open_batches(data)

    def settle(self, graph: Graph, data: Iterable[pa.RecordBatch], cache: StateCache | None) -> Graph:
        """See `Engine.settle`; without a cache, data that can be gone over once is enough for one pass."""
        is_once = isinstance(data, Iterator) or (isinstance(data, Opened) and data.is_once)
        if is_once and len(ready(graph)) < len(graph.analyzers):
            raise UsageError(
                "an analyzer over another's result needs the data twice", hint="pass a Dataset or a list"
            )
        while keys := keys_of(graph):
            parts = find_parts(data) if cache is None else parts_of(data)
            states = accumulate(keys, data) if parts is None else _over_parts(keys, parts, cache)
            graph = settle(graph, states)
        return graph


def accumulate(keys: Iterable[Key], batches: Iterable[pa.RecordBatch]) -> States:
    """The state of every accumulator over all batches.

    Batches are worked on side by side and merged in their order, so the result does not depend on timing.
    Memory holds a few batches, however many there are.
    """
    start = _Start(0, tuple(keys))
    steps = (_Step(start, batch) for batch in batches)
    return merged(start.missing, (states for _, states in _side_by_side(steps)))


def _over_parts(keys: Sequence[Key], parts: Sequence[Part], cache: StateCache | None) -> States:
    root = Branch.of(len(parts))
    if cache is None:
        return of_branch(
            keys, root, _of_each(_steps(keys, part, number) for number, part in enumerate(parts))
        )
    kept = _KeptBranches(keys, cache, [part.fingerprint for part in parts])
    known = dict(kept.known(root))
    inside = {number for branch in known for number in range(branch.start, branch.stop)}
    missing = [number for number in range(len(parts)) if number not in inside]
    steps = (_missing_steps(keys, parts[each], each, cache, kept.fingerprints[each]) for each in missing)
    return of_branch(keys, root, _of_each(steps, cache), known, kept.keep)


@dataclass(frozen=True)
class _KeptBranches:
    """Beginnings of branches in a cache, by the fingerprints of their parts."""

    keys: Sequence[Key]
    cache: StateCache
    fingerprints: Sequence[str]

    def known(self, branch: Branch) -> Iterator[tuple[Branch, States]]:
        """The longest beginnings in a branch of which all states are kept, with them."""
        kept = ((each, self.cache.kept(self.keys, self._name(each))) for each in branch.beginnings)
        begun = next((each for each in kept if len(each[1]) == len(self.keys)), None)
        if begun is not None:
            yield begun
        for child in branch.children:
            if begun is None or child.start >= begun[0].stop:
                yield from self.known(child)

    def keep(self, branch: Branch, states: States) -> None:
        """Keep the states of a beginning."""
        self.cache.keep(self._name(branch), states)

    def _name(self, branch: Branch) -> str:
        return " ".join(self.fingerprints[branch.start : branch.stop])


class _Start(NamedTuple):
    """What is known of a part before it is read.

    Attributes:
        part: Its number.
        missing: The states to find.
        kept: Those that the cache has.
        fingerprint: The part's, if there is a cache.
    """

    part: int
    missing: Sequence[Key]
    kept: States | None = None
    fingerprint: str = ""


class _Step(NamedTuple):
    """A batch of a part, or None where the part begins."""

    start: _Start
    batch: pa.RecordBatch | None


def _of_each(parts: Iterable[Iterable[_Step]], cache: StateCache | None = None) -> Iterator[States]:
    """The states of each part, in order."""
    steps = (step for part in parts for step in part)
    for _, done in groupby(_side_by_side(steps), lambda each: each[0].start.part):
        yield _of_part(done, cache)


def _steps(keys: Sequence[Key], part: Part, number: int) -> Iterator[_Step]:
    start = _Start(number, keys)
    yield _Step(start, None)
    yield from (_Step(start, batch) for batch in part)


def _missing_steps(
    keys: Sequence[Key], part: Part, number: int, cache: StateCache, fingerprint: str
) -> Iterator[_Step]:
    kept = cache.kept(keys, fingerprint)
    start = _Start(number, [key for key in keys if key not in kept], kept, fingerprint)
    yield _Step(start, None)
    if start.missing:
        yield from (_Step(start, batch) for batch in part)


def _of_part(done: Iterator[tuple[_Step, States]], cache: StateCache | None) -> States:
    start = next(done)[0].start
    found = merged(start.missing, (states for _, states in done))
    if cache is None:
        return found
    cache.keep(start.fingerprint, found)
    return {**(start.kept or {}), **found}


def _side_by_side(steps: Iterable[_Step]) -> Iterator[tuple[_Step, States]]:
    """Every step, with the states of its batch, in order."""
    workers = _workers()
    pending: deque[tuple[_Step, Future[States] | None]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for step in steps:
            future = None if step.batch is None else pool.submit(of_batch, step.start.missing, step.batch)
            pending.append((step, future))
            if len(pending) > 2 * workers:
                yield _finished(*pending.popleft())
        while pending:
            yield _finished(*pending.popleft())


def _workers() -> int:
    return os.cpu_count() or 1


def _finished(step: _Step, states: Future[States] | None) -> tuple[_Step, States]:
    return step, {} if states is None else states.result()

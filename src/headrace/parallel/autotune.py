"""A map whose number of threads is chosen by measurement, while it runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

from headrace.parallel.cpus import available_cpus
from headrace.parallel.ordered_map import map_on_threads

__all__ = ["Tuner", "WaitCost", "autotuned_map", "choose_threads"]

_MOST_BYTES = 256 << 20  # of the results that threads compute or that wait for the consumer
_PENDING = 2  # results in progress or waiting, for each thread
_IDLE = 0.05  # share of its time that the consumer may wait, below which more threads cannot help
_GAIN = 0.1  # share of the waiting that more threads must save
_PERIODS = 3  # per number of threads; the one with the least waiting counts, as other programs only add to it
_PERIOD_SECONDS = 0.005  # least length of a period

_log = logging.getLogger("headrace")

Item = TypeVar("Item")
Result = TypeVar("Result")


class WaitCost(NamedTuple):
    """What the consumer of a map spends per row.

    Attributes:
        waited: Seconds from the request of a result to the result.
        used: Seconds from a result to the next request.
    """

    waited: float
    used: float


def choose_threads(costs: Sequence[WaitCost], most: int) -> tuple[int, bool]:
    """Choose the threads of a map by what 1, 2, 4, ... and at last `most` threads have cost so far.

    More threads are tried as long as the consumer waits, and kept if they save a tenth of the waiting.

    Args:
        costs: The costs, by the number of threads, from 1 on.
        most: The most threads.

    Returns:
        The number of threads, and whether the choice is final.

    Example:
        >>> choose_threads([], most=4)
        (1, False)
        >>> choose_threads([WaitCost(8.0, 1.0), WaitCost(4.0, 1.0)], most=4)  # twice as fast: tries 4
        (4, False)
        >>> choose_threads([WaitCost(8.0, 1.0), WaitCost(7.9, 1.0)], most=4)  # no faster: 1 is enough
        (1, True)
    """
    levels = [1]
    while levels[-1] < most:
        levels.append(min(2 * levels[-1], most))
    tried = len(costs)
    if not tried:
        return 1, most == 1
    last = costs[-1]
    if tried > 1 and last.waited > (1 - _GAIN) * costs[-2].waited:
        return levels[tried - 2], True
    if last.waited <= _IDLE * (last.waited + last.used) or tried >= len(levels):
        return levels[min(tried, len(levels)) - 1], True
    return levels[tried], False


class Tuner:
    """Remembers the number of threads that a map has chosen, for its later passes in this process.

    Attributes:
        chosen: The number of threads; None as long as it is being measured.
    """

    chosen: int | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the choice: another process measures anew, and the identity of a pipeline stays."""
        return {}


def autotuned_map(
    work: Callable[[Item], Result],
    items: Iterator[Item],
    tuner: Tuner,
    measure: Callable[[Result], tuple[int, int]],
    *,
    name: str,
    pool: str,
) -> Iterator[Result]:
    """Yield the result of each item, in order, on as many threads as reduce the waiting of the consumer.

    The first results are computed in the caller's thread. The results, the errors and their order are the
    same for any number of threads. No more threads are used than there are CPUs, and only as many as keep
    the results that are in progress or waiting below 256 MB. The choice is logged once, by the logger
    "headrace" at level INFO.

    Args:
        work: The function to call on each item, in any thread.
        items: The items; iterated in the caller's thread.
        tuner: Keeps the choice.
        measure: Returns the rows and bytes of a result.
        name: What the log calls the map.
        pool: The start of the threads' names.

    Raises:
        Exception: `work` or `items` failed.
    """
    trial = _Trial(tuner, available_cpus(), name)
    is_over = False

    def read(threads: int) -> Iterator[Item]:
        nonlocal is_over
        while trial.threads == threads:
            try:
                item = next(items)
            except StopIteration:
                is_over = True
                return
            yield item

    while not is_over:
        threads = trial.threads
        mapped = map_on_threads(work, read(threads), threads, pool, most=_PENDING * threads)
        with closing(mapped) as results:
            while not trial.is_final:
                requested = perf_counter()
                try:
                    result = next(results)
                except StopIteration:
                    break
                got = perf_counter()
                rows, size = measure(result)
                returned = perf_counter()
                yield result
                del result  # it belongs to the consumer
                trial.add(rows, size, got - requested, perf_counter() - returned)
            yield from results


class _Trial:
    """Measures one number of threads after another during a pass.

    Attributes:
        threads: The threads to use for the next items.
        is_final: Whether nothing is left to measure.
    """

    def __init__(self, tuner: Tuner, most: int, name: str) -> None:
        self._tuner, self._most, self._name = tuner, most, name
        self._costs: list[WaitCost] = []
        self.threads, self.is_final = min(tuner.chosen or 1, most), most == 1
        self._begin()

    def _begin(self) -> None:
        """Begin to measure; the first results, for which threads start, do not count."""
        self._skipped = 1 if self.threads == 1 else _PENDING * self.threads
        self._periods: list[WaitCost] = []
        self._begin_period()

    def _begin_period(self) -> None:
        self._results, self._rows, self._waited, self._used = 0, 0, 0.0, 0.0

    def add(self, rows: int, size: int, waited: float, used: float) -> None:
        """Add a result: its rows and bytes, and the seconds that the consumer waited for it and used it."""
        self._most = max(1, min(self._most, _MOST_BYTES // max(_PENDING * size, 1)))
        if self._tuner.chosen is not None:  # by an earlier pass, perhaps over smaller results
            self.threads, self.is_final = min(self.threads, self._most), True
            return
        if self._skipped:
            self._skipped -= 1
            return
        self._results += 1
        self._rows += rows
        self._waited += waited
        self._used += used
        if self._results < max(self.threads, 2) or self._waited + self._used < _PERIOD_SECONDS:
            return
        rows = max(self._rows, 1)
        self._periods.append(WaitCost(self._waited / rows, self._used / rows))
        self._begin_period()
        if len(self._periods) == _PERIODS:
            self._decide(min(self._periods))

    def _decide(self, cost: WaitCost) -> None:
        self._costs.append(cost)
        self.threads, self.is_final = choose_threads(self._costs, self._most)
        self._begin()
        if self.is_final:
            self._tuner.chosen = self.threads
            _log.info("%s: threads=%d, chosen by measurement", self._name, self.threads)

"""The same data several times over."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.data.pipeline import Batches, Stage, Upstream


@dataclass(frozen=True)
class Repeat(Stage):
    """Read the input `times` times, each time in another of its orders.

    Epoch k of the whole reads epochs `k * times` to `k * times + times - 1` of the input: no order comes
    twice.
    """

    times: int

    @property
    def spec(self) -> str:
        """The number of readings."""
        return f"repeat({self.times})"

    def stream(self, upstream: Upstream, epoch: int) -> Batches:
        """The readings one after the other; a batch never spans two of them."""
        for k in range(epoch * self.times, (epoch + 1) * self.times):
            yield from upstream(k)

    def count(self, rows: int | None) -> int | None:
        """`times` as many."""
        return None if rows is None else rows * self.times

"""Repeat the data several times."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.data.pipeline import Batches, Stage, Upstream


@dataclass(frozen=True)
class Repeat(Stage):
    """Read the input `times` times, each time in another of its orders.

    Epoch k of the output reads epochs `k * times` to `k * times + times - 1` of the input, so no order is
    repeated.
    """

    times: int

    @property
    def spec(self) -> str:
        """The number of passes."""
        return f"repeat({self.times})"

    def stream(self, upstream: Upstream, epoch: int) -> Batches:
        """Stream the passes one after the other; a batch never spans two of them."""
        for k in range(epoch * self.times, (epoch + 1) * self.times):
            yield from upstream(k)

    def count_rows(self, rows: int | None) -> int | None:
        """Return `times` the number of input rows."""
        return None if rows is None else rows * self.times

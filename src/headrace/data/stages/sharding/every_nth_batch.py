"""Keep every n-th batch."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from headrace.data.pipeline import Cursor, Stage, Steps, Upstream
from headrace.data.plan.steps import unpack_cursor


@dataclass(frozen=True)
class EveryNthBatch(Stage):
    """Keep batches `index`, `index + count`, ...; the others are computed and dropped."""

    index: int
    count: int

    @property
    def spec(self) -> str:
        """The number of the shard and of all shards."""
        return f"every_nth_batch({self.index}, {self.count})"

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the batches of this shard in order.

        A cursor is that of the input, and the number of its next batch within `count` batches.
        """
        start, place = unpack_cursor(cursor, None, 0)
        with closing(upstream(epoch, start)) as steps:
            for step in steps:
                is_kept = place == self.index
                place = (place + 1) % self.count
                if is_kept:
                    yield step._replace(cursor=[step.cursor, place])

    def count_rows(self, rows: int | None) -> int | None:  # noqa: ARG002
        """Return None: the number depends on the rows of each batch."""
        return None

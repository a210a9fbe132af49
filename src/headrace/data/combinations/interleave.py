"""Interleave datasets, a block of rows from each in turn."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass

import numpy as np

from headrace.data.combinations.combination import Combination
from headrace.data.combinations.feed import Feed
from headrace.data.pipeline import Cursor, Step, Steps
from headrace.data.plan.steps import unpack_cursor
from headrace.data.rows import concatenate, take_rows

__all__ = ["Interleaving"]

_ROWS = 4096  # per output batch, about


@dataclass(frozen=True)
class Interleaving(Combination):
    """`block_length` rows of each of `cycle_length` datasets in turn.

    A dataset that ends is replaced by the next one when the output batch in progress is complete.

    Attributes:
        inputs: The datasets.
        cycle_length: The number of datasets that are read at a time.
        block_length: The number of consecutive rows of a dataset.
    """

    cycle_length: int = 16
    block_length: int = 1

    @property
    def spec(self) -> str:
        """The lengths."""
        return f"interleave(cycle_length={self.cycle_length}, block_length={self.block_length})"

    @property
    def num_rows(self) -> int | None:
        """The sum of the numbers of rows."""
        return self._sum_rows()

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Stream batches of several turns; a cursor lists the datasets being read and the next one."""
        _ = self.schema
        active, next_one = unpack_cursor(cursor, [], 0)
        with ExitStack() as stack:

            def open_feed(number: int, start: Cursor) -> tuple[int, Feed]:
                feed = Feed(self.inputs[number].pipeline.stream, epoch, start)
                return number, stack.enter_context(closing(feed))

            feeds = [open_feed(*unpack_cursor(each, 0, None)) for each in active]
            while True:
                while len(feeds) < self.cycle_length and next_one < len(self.inputs):
                    feeds.append(open_feed(next_one, None))
                    next_one += 1
                if not feeds:
                    return
                rows = max(1, _ROWS // (len(feeds) * self.block_length)) * self.block_length
                taken = [feed.take(rows) for _, feed in feeds]
                turns = [np.arange(sum(piece.num_rows for piece in each)) for each in taken]
                turn = np.concatenate([places // self.block_length for places in turns])
                feeds = [(number, feed) for number, feed in feeds if not feed.is_exhausted]
                if len(turn):
                    whole = concatenate([piece for each in taken for piece in each])
                    position = [[[number, feed.cursor] for number, feed in feeds], next_one]
                    yield Step(take_rows(whole, np.argsort(turn, kind="stable")), position)

"""Keep a share of each batch, so that n workers together have the batches of one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import numpy as np

from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.plan import DerivedOrder, Numbers, RowOrder
from headrace.data.stages.batch import Batch

__all__ = ["BatchShare", "share_rows"]


def share_rows(rows: int, size: int, index: int, count: int) -> tuple[int, int]:
    """Return the bounds of a share of the rows of a batch.

    Shares differ by at most one row, the first ones are larger. Of a batch of few rows, the last shares are
    empty: a share has two rows at least, which a batch norm needs, where `size` is three rows for each share.

    Args:
        rows: Rows of the batch, at most `size`; the last one may have fewer.
        size: Rows of a full batch.
        index: The number of the share.
        count: The number of shares.

    Example:
        >>> [share_rows(8, 8, n, 3) for n in range(3)], [share_rows(3, 9, n, 3) for n in range(3)]
        ([(0, 3), (3, 6), (6, 8)], [(0, 3), (3, 3), (3, 3)])
    """
    least = 2 if size >= 3 * count else 1
    filled = min(count, max(1, rows // least))
    each, more = divmod(rows, filled)
    first, stop = (min(number, filled) * each + min(number, more) for number in (index, index + 1))
    return first, stop


@dataclass(frozen=True)
class BatchShare(Stage):
    """Cut batches of `size` rows, and keep one of `count` shares of each; see `share_rows`.

    All shares together are the batches of `batch(size)`, whatever their number. Rows that can be read by
    number are read by one worker only; a cursor of other rows is that of `batch(size)`, for every share.
    """

    size: int
    index: int
    count: int

    @property
    def spec(self) -> str:
        """The batches of all shares."""
        return Batch(self.size).spec

    def plan(self, order: RowOrder) -> RowOrder:
        """Choose the positions of each epoch."""
        return SharedRuns(order, self.size, self.index, self.count)

    def follow(self, order: RowOrder) -> Stage:  # noqa: ARG002
        """Return the stage that cuts the rows of this share."""
        first, stop = share_rows(self.size, self.size, self.index, self.count)
        return Batch(max(1, stop - first))

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the share of each batch; empty ones are left out."""
        with closing(Batch(self.size).stream(upstream, epoch, cursor)) as steps:
            for step in steps:
                first, stop = share_rows(step.batch.num_rows, self.size, self.index, self.count)
                if stop > first:
                    yield Step(step.batch.slice(first, stop - first), step.cursor)

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of rows of this share."""
        return None if rows is None else _count_rows(rows, self.size, self.index, self.count)

    def count_batches(self, rows: int | None, batches: int | None) -> int | None:  # noqa: ARG002
        """Return the number of batches that this share has rows of."""
        if rows is None:
            return None
        full, rest = divmod(rows, self.size)
        sizes = [share_rows(each, self.size, self.index, self.count) for each in (self.size, rest)]
        return sum(number for number, (first, stop) in zip((full, 1), sizes, strict=True) if stop > first)


@dataclass(frozen=True)
class SharedRuns(DerivedOrder):
    """A share of each run of `size` positions of each epoch."""

    base: RowOrder
    size: int
    index: int
    count: int

    @property
    def num_rows(self) -> int:
        """The number of positions."""
        return _count_rows(self.base.num_rows, self.size, self.index, self.count)

    @property
    def start(self) -> int | None:
        """That of the base if there is one share."""
        return self.base.start if self.count == 1 else None

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """Return the row numbers of this share."""
        full, rest = divmod(self.base.num_rows, self.size)
        first, stop = share_rows(self.size, self.size, self.index, self.count)
        of_rest, _ = share_rows(rest, self.size, self.index, self.count)
        run, place = np.divmod(positions, max(1, stop - first))
        in_full = run * self.size + first + place
        in_rest = full * self.size + of_rest + positions - full * (stop - first)
        return self.base.at(epoch, np.where(positions < full * (stop - first), in_full, in_rest))


def _count_rows(rows: int, size: int, index: int, count: int) -> int:
    full, rest = divmod(rows, size)
    of_full, of_rest = (share_rows(each, size, index, count) for each in (size, rest))
    return full * (of_full[1] - of_full[0]) + of_rest[1] - of_rest[0]

"""Mix datasets by weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from headrace.data.combinations.combination import Combination
from headrace.data.pipeline import Cursor, Step, Steps
from headrace.data.plan import Numbers
from headrace.data.plan.steps import unpack_cursor
from headrace.data.rows import concatenate, take_rows
from headrace.random_order import random_order, shuffle_source

__all__ = ["Mixture", "StopMixing"]

StopMixing = Literal["all", "first"]

_ROWS = 4096  # drawn at a time


@dataclass(frozen=True)
class Mixture(Combination):
    """Each row comes from a random dataset, drawn by weight; no row is lost and none is repeated.

    Of 4,096 rows, each dataset has its share, rounded, in random places. When a dataset has ended, the others
    share its weight.

    Attributes:
        inputs: The datasets.
        weights: The share of each dataset; they need not add up to 1.
        seed: Selects the random draws.
        stop: Whether the rows end with "all" datasets, so that every row is read, or with the "first" one.
    """

    weights: tuple[float, ...]
    seed: int = 0
    stop: StopMixing = "all"

    @property
    def spec(self) -> str:
        """The weights, the seed and the end."""
        weights = ", ".join(f"{weight:g}" for weight in self.weights)
        return f"mix([{weights}], seed={self.seed}, stop={self.stop!r})"

    @property
    def num_rows(self) -> int | None:
        """The sum of the numbers of rows, if every row is read."""
        return self._sum_rows() if self.stop == "all" else None

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Stream batches of up to 4,096 rows; a cursor has their number, and a place in each dataset."""
        _ = self.schema
        number, starts = unpack_cursor(cursor, 0, [None] * len(self.inputs))
        starts = unpack_cursor(starts, *[None] * len(self.inputs))
        with self._open_feeds(epoch, starts) as feeds:
            while True:
                held = np.array([feed.fill() > 0 for feed in feeds])
                if not held.any() or (self.stop == "first" and not held.all()):
                    return
                drawn = self._draw(epoch, number, held)
                counts = np.bincount(drawn, minlength=len(feeds)).tolist()
                taken = [feed.take(count) for feed, count in zip(feeds, counts, strict=True)]
                number += 1
                yield Step(
                    _arrange(drawn, taken, cut=self.stop == "first"),
                    [number, [feed.cursor for feed in feeds]],
                )

    def _draw(self, epoch: int, number: int, held: np.ndarray) -> Numbers:
        """Draw the dataset of each of the next rows, int64 [rows]."""
        shares = np.array(self.weights) * held
        shares /= shares.max()  # the sum of the largest numbers is infinite
        edges = np.round(np.cumsum(shares) / shares.sum() * _ROWS).astype(np.int64)
        order = random_order(_ROWS, shuffle_source(self.seed, epoch, number))
        return np.searchsorted(edges, np.arange(_ROWS), "right")[order]


def _arrange(drawn: Numbers, taken: Sequence[list[pa.RecordBatch]], *, cut: bool) -> pa.RecordBatch:
    """Put rows in the places that were drawn for their dataset; leave out places without a row.

    With `cut`, the first place without a row ends the batch.
    """
    whole = concatenate([piece for each in taken for piece in each])
    rows = [sum(piece.num_rows for piece in each) for each in taken]
    order = np.argsort(drawn, kind="stable")  # the places of the first dataset, then of the second, ...
    by_input = np.split(order, np.cumsum(np.bincount(drawn, minlength=len(taken)))[:-1])
    places = np.concatenate([each[:count] for each, count in zip(by_input, rows, strict=True)])
    if cut:
        ends = [each[count] for each, count in zip(by_input, rows, strict=True) if count < len(each)]
        places = np.where(places < min(ends, default=len(drawn)), places, len(drawn))
    sorted_ = np.argsort(places, kind="stable")
    return take_rows(whole, sorted_[: int((places < len(drawn)).sum())])

"""Prefetch batches in a background thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from headrace.data.pipeline import Cursor, RowEffect, Stage, Step, Steps, Upstream
from headrace.parallel import Depth, prefetch

_FIRST_BYTES, _MOST_BYTES = 16 << 20, 64 << 20  # in advance, at first and at most
_LEAST, _FIRST, _MOST = 2, 16, 64  # batches in advance, whatever their size


@dataclass(frozen=True)
class Prefetch(Stage):
    """Compute up to `batches` batches in a background thread before the consumer requests them.

    "auto" begins with as many as fit into 16 MB, from 2 to 16, and doubles that when the consumer has to
    wait although the thread had no room before: up to 64 batches that fit into 64 MB, or 2. The thread
    continues when half are consumed. An error in the thread reaches the consumer at its position in the
    stream, with the thread's traceback. A consumer that stops early waits for the batch in progress, half a
    second at most.
    """

    batches: int | Literal["auto"] = "auto"

    @property
    def spec(self) -> str:
        """Empty: the stream does not change."""
        return ""

    @property
    def row_effect(self) -> RowEffect:
        """Rows keep their places."""
        return "same"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """Nothing: the rows do not change."""
        return ()

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the same steps."""
        return prefetch(upstream(epoch, cursor), _choose_depth if self.batches == "auto" else self.batches)


def _choose_depth(step: Step) -> Depth:
    size = max(step.batch.nbytes, 1)
    first, most = (
        min(max(bytes_ // size, _LEAST), batches)
        for bytes_, batches in ((_FIRST_BYTES, _FIRST), (_MOST_BYTES, _MOST))
    )
    return Depth(first, most)

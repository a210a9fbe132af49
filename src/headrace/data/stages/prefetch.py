"""Prefetch batches in a background thread."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.data.pipeline import Cursor, RowEffect, Stage, Steps, Upstream
from headrace.parallel import prefetch


@dataclass(frozen=True)
class Prefetch(Stage):
    """Compute up to `batches` batches in a background thread before the consumer requests them.

    An error in the thread reaches the consumer at its position in the stream, with the thread's traceback. A
    consumer that stops early waits for the batch in progress, 0.8 s at most.
    """

    batches: int

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
        return prefetch(upstream(epoch, cursor), self.batches)

"""Prefetch batches in a background thread."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.data.pipeline import Cursor, RowEffect, Stage, Step, Steps, Upstream
from headrace.parallel import prefetch

_DEFAULT_BYTES = 16 << 20


@dataclass(frozen=True)
class Prefetch(Stage):
    """Compute up to `batches` batches in a background thread before the consumer requests them.

    None computes as many as fit into 16 MB, from 2 to 16. The thread continues when half are consumed.
    An error in the thread reaches the consumer at its position in the stream, with the thread's traceback. A
    consumer that stops early waits for the batch in progress, 0.8 s at most.
    """

    batches: int | None = None

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
        return prefetch(upstream(epoch, cursor), _choose_limit if self.batches is None else self.batches)


def _choose_limit(step: Step) -> int:
    return min(max(_DEFAULT_BYTES // max(step.batch.nbytes, 1), 2), 16)

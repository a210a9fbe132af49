"""Iteration whose position can be saved mid-epoch and restored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from headrace.data.pipeline import Batches
from headrace.errors import UsageError

__all__ = ["DatasetIterator"]


class DatasetIterator:
    """One pass over a dataset, with a position that can be saved and restored.

    The state is a small dict of JSON values: the epoch and the number of batches consumed. Batches waiting in
    a prefetch queue do not count as consumed. Restoring replays the pipeline up to that batch and discards
    the output: it costs what reading those batches cost, without the training steps.

    Args:
        start: Opens the stream of an epoch.
        epoch: The epoch to iterate.
        spec: The description of the pipeline; a state is restored only by a pipeline of the same spec.
    """

    def __init__(self, start: Callable[[int], Batches], epoch: int, spec: str) -> None:
        self._start = start
        self._epoch = epoch
        self._spec = spec
        self._batches = 0
        self._stream = start(epoch)

    def __iter__(self) -> DatasetIterator:
        return self

    def __next__(self) -> pa.RecordBatch:
        batch = next(self._stream)
        self._batches += 1
        return batch

    def close(self) -> None:
        """Stop early; files are closed and background threads have ended when this returns."""
        self._stream.close()

    def state_dict(self) -> dict[str, Any]:
        """Return the position: the epoch, and the number of the next batch, from 0."""
        return {"epoch": self._epoch, "batches": self._batches, "pipeline": self._spec}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume at a saved position; the batches that follow equal those that followed it then.

        Raises:
            UsageError: `state` is of another pipeline, is not an iteration state, or lies beyond the end of
                the data.
        """
        epoch, batches = self._check(state)
        self.close()
        self._stream = self._start(epoch)
        self._epoch, self._batches = epoch, 0
        while self._batches < batches:
            if next(self, None) is None:
                raise UsageError(
                    f"the saved state is {batches:,} batches into epoch {epoch}, which has {self._batches:,}",
                    hint="use the data that the state was saved with",
                )

    def _check(self, state: dict[str, Any]) -> tuple[int, int]:
        epoch, batches, spec = (state.get(key) for key in ("epoch", "batches", "pipeline"))
        if not (isinstance(epoch, int) and isinstance(batches, int) and epoch >= 0 and batches >= 0):
            raise UsageError(
                f"expected an iteration state, got {state!r}", hint="pass the result of state_dict()"
            )
        if spec != self._spec:
            raise UsageError(
                f"expected a state of the pipeline {self._spec!r}, got one of {spec!r}",
                hint="build the same pipeline, or start from the beginning",
            )
        return epoch, batches

"""Iteration that can be saved in mid-epoch and taken up again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from headrace.data.pipeline import Batches
from headrace.errors import UsageError

__all__ = ["DatasetIterator"]


class DatasetIterator:
    """One pass over a dataset, and how far it has come.

    The state is the epoch and the number of batches handed out, a small dict of JSON values; those waiting
    in a prefetch queue are not counted as handed out. Restoring replays the pipeline up to that batch and
    throws the output away: it costs what reading those batches cost, without the training steps.

    Args:
        start: Gives the batches of an epoch.
        epoch: Which epoch.
        spec: What the pipeline does to the rows; a state is only taken back by a pipeline of the same spec.
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
        """Stop early: files are closed and background threads have ended when this returns."""
        self._stream.close()

    def state_dict(self) -> dict[str, Any]:
        """The place in the stream: what comes next is the batch of number `batches`, from 0."""
        return {"epoch": self._epoch, "batches": self._batches, "pipeline": self._spec}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where `state` was taken: the batches that follow equal those that followed then.

        Raises:
            UsageError: The state is of another pipeline, no state at all, or lies beyond the end of the data.
        """
        epoch, batches = self._checked(state)
        self.close()
        self._stream = self._start(epoch)
        self._epoch, self._batches = epoch, 0
        while self._batches < batches:
            if next(self, None) is None:
                raise UsageError(
                    f"the saved state is {batches:,} batches into epoch {epoch}, which has {self._batches:,}",
                    hint="use the data the state was saved with",
                )

    def _checked(self, state: dict[str, Any]) -> tuple[int, int]:
        epoch, batches, spec = (state.get(key) for key in ("epoch", "batches", "pipeline"))
        if not (isinstance(epoch, int) and isinstance(batches, int) and epoch >= 0 and batches >= 0):
            raise UsageError(f"{state!r} is no iteration state", hint="give what state_dict() gave")
        if spec != self._spec:
            raise UsageError(
                f"the saved state is of the pipeline {spec!r}, this one is {self._spec!r}",
                hint="build the same pipeline, or start from the beginning",
            )
        return epoch, batches

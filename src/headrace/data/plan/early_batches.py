"""Cut batches before the stages that make rows large, not after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

__all__ = ["batch_early"]


class _Stage(Protocol):
    @property
    def row_effect(self) -> str: ...

    @property
    def batch_rows(self) -> int | None: ...

    @property
    def rows_at_once(self) -> int | None: ...


S = TypeVar("S", bound=_Stage)


def batch_early(stages: Sequence[S]) -> tuple[S, ...]:
    """Move the stage that cuts batches in front of stages that decode images.

    Sources yield thousands of encoded images at once, whose pixels take gigabytes. A stage that keeps each
    row at its place does the same to the rows of other batches, so the output is the same.
    """
    moved = list(stages)
    for place, stage in enumerate(stages):
        if stage.rows_at_once is None or stage.batch_rows or stage.row_effect != "same":
            continue
        for later in range(place + 1, len(stages)):
            if stages[later].batch_rows:
                moved.insert(place, moved.pop(later))
                return tuple(moved)
            if stages[later].row_effect != "same":
                break
    return tuple(moved)

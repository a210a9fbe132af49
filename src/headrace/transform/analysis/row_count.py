"""The number of rows that a pass read: statistics of no rows are refused, by every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import Ragged
from headrace.errors import UsageError
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.state_bytes import Packed

__all__ = ["RowCountAccumulator", "check_rows"]


@dataclass(frozen=True)
class RowCountAccumulator(Accumulator):
    """The number of rows, int64 []."""

    takes_dictionaries = True

    def empty(self) -> np.ndarray:
        """See `Accumulator`."""
        return np.zeros((), np.int64)

    def update(self, state: np.ndarray, *values: Any) -> np.ndarray:
        """See `Accumulator`."""
        (column,) = values
        return np.asarray(state + (len(column.row_splits) - 1 if isinstance(column, Ragged) else len(column)))

    def merge(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """See `Accumulator`."""
        return np.asarray(first + second)

    def pack(self, state: np.ndarray) -> Sequence[Packed]:
        """See `Accumulator`."""
        return [state]

    def unpack(self, arrays: Sequence[Any]) -> np.ndarray:
        """See `Accumulator`."""
        (state,) = arrays
        if state.dtype != np.int64 or state.shape or state < 0:
            raise ValueError("expected a number of rows")
        return state


def check_rows(states: Mapping[Any, Any]) -> None:
    """Check that the pass of these states, by key, read rows.

    Raises:
        UsageError: It read none.
    """
    counts = [
        int(state)
        for (accumulator, _), state in states.items()
        if isinstance(accumulator, RowCountAccumulator)
    ]
    if counts and not any(counts):
        raise UsageError(
            "the data to analyze is empty: it has no rows", hint="check the paths and filters it came from"
        )

"""What an analyzer is: a statistic of a whole column, found by a mergeable accumulator in one pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from headrace.columns import ColumnType

__all__ = ["Accumulator", "Analyzer"]


class Accumulator(ABC):
    """How a state grows with the data. A subclass is a frozen dataclass of parameters; states are values.

    For any split of the rows, merging the parts' states gives the state of the whole.
    """

    @abstractmethod
    def empty(self) -> Any:
        """The state of no rows."""

    @abstractmethod
    def update(self, state: Any, *values: Any) -> Any:
        """The state after one more batch; `state` may be changed in place."""

    @abstractmethod
    def merge(self, first: Any, second: Any) -> Any:
        """The state of the rows of both; `first` may be changed in place."""


class Analyzer(ABC):
    """A statistic of a whole column. A subclass is a frozen dataclass; its fields are its parameters.

    Analyzers with equal accumulators over the same column share one state: mean and variance cost one.
    """

    name: ClassVar[str]

    @property
    @abstractmethod
    def accumulator(self) -> Accumulator:
        """What gathers the state that `result` reads."""

    @abstractmethod
    def infer(self, *types: ColumnType) -> ColumnType:
        """The statistic's type, or `TraceError` if the column's type has no such statistic."""

    @abstractmethod
    def result(self, state: Any) -> Any:
        """The statistic: a NumPy array, or an Arrow array of strings."""

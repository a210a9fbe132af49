"""What an analyzer is: a statistic of a whole column, found by a mergeable accumulator in one pass."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from headrace.columns import ColumnType
from headrace.transform.graph.serializable import Serializable
from headrace.transform.graph.state_bytes import Packed, broken, pack, unpack
from headrace.transform.rows import rows_by_group, take

__all__ = ["Accumulator", "Analyzer"]


class Accumulator(Serializable, ABC):
    """How a state grows with the data. A subclass is a frozen dataclass of parameters; states are values.

    For any split of the rows, merging the parts' states gives the state of the whole. A state leaves the
    process as bytes: `dump` writes what `pack` gives, `load` takes it back and trusts nothing in it. What is
    taken back goes on as the state itself does: whatever is merged with either, all results are the same.

    States of many groups of rows side by side are a stack: here an array of states [groups]. A subclass whose
    state is an array itself may have a faster one, an array with one more axis in front.

    Attributes:
        fixed: The places of columns that are one value for all rows, such as boundaries.
        takes_dictionaries: Whether `update` takes strings in a dictionary, too.
    """

    fixed: ClassVar[frozenset[int]] = frozenset()
    takes_dictionaries: ClassVar[bool] = False

    @property
    def shown(self) -> str:
        """What the state is called where a plan is shown: the class's name in words."""
        name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(self).__name__.removesuffix("Accumulator")).lower()
        return f"weighted {name}" if getattr(self, "weighted", False) else name

    @abstractmethod
    def empty(self) -> Any:
        """The state of no rows."""

    @abstractmethod
    def update(self, state: Any, *values: Any) -> Any:
        """The state after one more batch; `state` may be changed in place."""

    @abstractmethod
    def merge(self, first: Any, second: Any) -> Any:
        """The state of the rows of both; both may be changed in place."""

    @abstractmethod
    def pack(self, state: Any) -> Sequence[Packed]:
        """The state as arrays of numbers and strings."""

    @abstractmethod
    def unpack(self, arrays: Sequence[Any]) -> Any:
        """The state that `pack` gave, or any exception if the arrays are not what it gives."""

    def dump(self, state: Any) -> bytes:
        """The state as bytes, versioned, and marked as this accumulator's."""
        return pack(repr(self), self.pack(state))

    def load(self, data: bytes | memoryview) -> Any:
        """The state that an equal accumulator dumped.

        Raises:
            ModelError: The bytes are damaged, or those of another accumulator.
        """
        return self._unpacked(unpack(repr(self), data))

    def _unpacked(self, arrays: Sequence[Any]) -> Any:
        try:
            return self.unpack(arrays)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise broken(f"not what {self!r} writes ({type(error).__name__}: {error})") from error

    def no_groups(self, groups: int) -> np.ndarray:
        """A stack of states of no rows."""
        stack = np.empty(groups, object)
        stack[:] = [self.empty() for _ in range(groups)]
        return stack

    def update_groups(self, codes: np.ndarray, groups: int, *values: Any) -> np.ndarray:
        """The stack of one batch's rows: row i is of group `codes[i]`."""
        stack = self.no_groups(groups)
        for group, rows in rows_by_group(codes, groups):
            of_group = [
                value if place in self.fixed else take(value, rows) for place, value in enumerate(values)
            ]
            stack[group] = self.update(stack[group], *of_group)
        return stack

    def merge_stacks(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Two stacks of the same groups, group by group."""
        return np.frompyfunc(self.merge, 2, 1)(first, second)

    def pack_stack(self, stack: np.ndarray) -> list[Packed]:
        """The stack as arrays: the states' bytes end to end."""
        dumped = [self.dump(state) for state in stack]
        ends = np.cumsum([len(each) for each in dumped], dtype=np.int64)
        return [ends, np.frombuffer(b"".join(dumped), np.uint8)]

    def unpack_stack(self, arrays: Sequence[Any], groups: int) -> np.ndarray:
        """The stack that `pack_stack` gave."""
        ends, data = arrays[0].tolist(), arrays[1].tobytes()
        if (
            len(ends) != groups
            or sorted(ends) != ends
            or (ends and not 0 <= ends[0] <= ends[-1] == len(data))
        ):
            raise ValueError("ends that do not fit")
        stack = np.empty(groups, object)
        stack[:] = [self.load(data[i:j]) for i, j in zip([0, *ends], ends, strict=False)]
        return stack


class Analyzer(Serializable, ABC):
    """A statistic of a whole column. A subclass is a frozen dataclass; its fields are its parameters.

    Analyzers with equal accumulators over the same column share one state: mean and variance cost one. Every
    subclass registers itself under `name`.
    """

    name: ClassVar[str]
    registry: ClassVar[dict[str, type[Analyzer]]] = {}

    def __init_subclass__(cls, abstract: bool = False) -> None:
        if abstract:
            return
        known = Analyzer.registry.setdefault(cls.name, cls)
        if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
            raise TypeError(f"two analyzers are called '{cls.name}': {known.__module__} and {cls.__module__}")
        super().__init_subclass__()

    @property
    def shown(self) -> tuple[str, Analyzer]:
        """The name it is shown by, and whose parameters are shown with it."""
        return self.name, self

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

    def results(self, stack: np.ndarray) -> np.ndarray:
        """The statistic of every state in a stack, [groups, ...]."""
        return np.array([self.result(state) for state in stack])

"""Analyzers and accumulators: a statistic of a whole column, computed in one pass from mergeable states."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from headrace.columns import ColumnType, group_rows, take_rows
from headrace.transform.graph.serializable import Serializable
from headrace.transform.graph.state_bytes import Packed, corrupt_state, pack, unpack

__all__ = ["Accumulator", "Analyzer", "as_objects"]


class Accumulator(Serializable, ABC):
    """A mergeable computation over rows, such as counting; its intermediate results are states.

    A subclass is a frozen dataclass of parameters; it holds no state itself. However the rows are split,
    merging the states of the splits yields the state of all rows. Between processes a state travels as bytes:
    `dump` serializes the arrays of `pack`, and `load` validates the bytes before `unpack` reads them. A
    loaded state behaves as the original does in every later merge.

    The states of many groups of rows form a stack: by default an object array of states, shape [groups]. A
    subclass whose state is an array may use one array with a leading axis of groups instead, which is faster,
    or a type of its own that has a length and can be indexed by numbers and masks of groups.

    Attributes:
        fixed: The positions of the columns that are one value for all rows, such as boundaries.
        takes_dictionaries: Whether `update` also accepts dictionary-encoded strings.
    """

    fixed: ClassVar[frozenset[int]] = frozenset()
    takes_dictionaries: ClassVar[bool] = False

    @property
    def display_name(self) -> str:
        """The state's name in a plan: the class's name in words."""
        name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(self).__name__.removesuffix("Accumulator")).lower()
        return f"weighted {name}" if getattr(self, "weighted", False) else name

    @abstractmethod
    def empty(self) -> Any:
        """Return the state of zero rows."""

    @abstractmethod
    def update(self, state: Any, *values: Any) -> Any:
        """Return the state after one more batch; `state` may be changed in place."""

    @abstractmethod
    def merge(self, first: Any, second: Any) -> Any:
        """Return the state of the rows of both states; both may be changed in place."""

    @abstractmethod
    def pack(self, state: Any) -> Sequence[Packed]:
        """Convert the state to arrays of numbers and strings."""

    @abstractmethod
    def unpack(self, arrays: Sequence[Any]) -> Any:
        """Convert the arrays of `pack` back to the state; raise any exception if the arrays are not valid."""

    def dump(self, state: Any) -> bytes:
        """Serialize the state, with a format version and the accumulator it belongs to."""
        return pack(repr(self), self.pack(state))

    def load(self, data: bytes | memoryview) -> Any:
        """Deserialize a state that an equal accumulator dumped.

        Raises:
            ModelError: The bytes are corrupt, or belong to another accumulator.
        """
        return self._unpack(unpack(repr(self), data))

    def _unpack(self, arrays: Sequence[Any]) -> Any:
        try:
            return self.unpack(arrays)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise corrupt_state(f"not written by {self!r} ({type(error).__name__}: {error})") from error

    def empty_stack(self, groups: int) -> np.ndarray:
        """Return a stack of states of zero rows."""
        return as_objects([self.empty() for _ in range(groups)])

    def update_groups(self, codes: np.ndarray, groups: int, *values: Any) -> np.ndarray:
        """Return the stack of one batch, whose row i belongs to group `codes[i]`."""
        stack = self.empty_stack(groups)
        for group, rows in group_rows(codes, groups):
            selected = [
                value if place in self.fixed else take_rows(value, rows) for place, value in enumerate(values)
            ]
            stack[group] = self.update(stack[group], *selected)
        return stack

    def merge_stacks(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Merge two stacks of the same groups."""
        return np.frompyfunc(self.merge, 2, 1)(first, second)

    def join_stacks(self, stacks: Sequence[np.ndarray], places: np.ndarray, groups: int) -> np.ndarray:
        """Merge the groups of several stacks that are the same.

        Args:
            stacks: At least one stack.
            places: For each group of all stacks, in order, its number in the result; distinct within a stack.
            groups: The number of groups of the result.
        """
        joined = _broadcast_rows(self.empty_stack(groups), stacks[0])
        is_known, start = np.zeros(groups, bool), 0
        for stack in stacks:
            there = places[start : start + len(stack)]
            again = is_known[there]
            if again.any():
                old = there[again]
                joined[old] = self.merge_stacks(joined[old], stack[again])
                there, stack = there[~again], stack[~again]
            joined[there], is_known[there] = stack, True
            start += len(again)
        return joined

    def pack_stack(self, stack: np.ndarray) -> list[Packed]:
        """Convert the stack to arrays: the end offsets and the concatenated bytes of the states."""
        dumped = [self.dump(state) for state in stack]
        ends = np.cumsum([len(each) for each in dumped], dtype=np.int64)
        return [ends, np.frombuffer(b"".join(dumped), np.uint8)]

    def unpack_stack(self, arrays: Sequence[Any], groups: int) -> np.ndarray:
        """Convert the arrays of `pack_stack` back to the stack."""
        ends, data = arrays[0].tolist(), arrays[1].tobytes()
        if (
            len(ends) != groups
            or sorted(ends) != ends
            or (ends and not 0 <= ends[0] <= ends[-1] == len(data))
        ):
            raise ValueError("invalid end offsets")
        return as_objects([self.load(data[i:j]) for i, j in zip([0, *ends], ends, strict=False)])


def as_objects(states: Sequence[Any]) -> np.ndarray:
    """Return an object array, [states]."""
    stack = np.empty(len(states), object)
    stack[:] = states
    return stack


def _broadcast_rows(empty: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Broadcast a stack of states of no rows to the shape of `like`: [groups, *row shape, fields]."""
    if empty.dtype == object:
        return empty
    between = like.ndim - empty.ndim
    empty = empty.reshape(len(empty), *(1,) * between, empty.shape[-1])
    return np.broadcast_to(empty, (len(empty), *like.shape[1:])).copy()


class Analyzer(Serializable, ABC):
    """A statistic of a whole column. A subclass is a frozen dataclass; its fields are its parameters.

    Analyzers with equal accumulators over the same column share one state: mean and variance need only one.
    Every subclass registers itself under `name`.

    Attributes:
        is_correction: Whether the statistic adds digits to another one, for some types of data only; it is 0
            for statistics that were computed on data of another type.
    """

    name: ClassVar[str]
    registry: ClassVar[dict[str, type[Analyzer]]] = {}
    is_correction: ClassVar[bool] = False

    def __init_subclass__(cls, abstract: bool = False) -> None:
        if abstract:
            return
        known = Analyzer.registry.setdefault(cls.name, cls)
        if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
            raise TypeError(f"two analyzers are named '{cls.name}': {known.__module__} and {cls.__module__}")
        super().__init_subclass__()

    @property
    def display(self) -> tuple[str, Analyzer]:
        """The name shown in a plan, and the analyzer whose parameters are shown with it."""
        return self.name, self

    @property
    @abstractmethod
    def accumulator(self) -> Accumulator:
        """The accumulator that computes the state for `result`."""

    @abstractmethod
    def infer(self, *types: ColumnType) -> ColumnType:
        """Return the type of the statistic.

        Raises:
            TraceError: Columns of these types have no such statistic.
        """

    @abstractmethod
    def result(self, state: Any) -> Any:
        """Compute the statistic from a state: a NumPy array, or an Arrow array of strings."""

    def has_infinite_values(self, state: Any) -> bool:
        """Return whether the statistic, of a state or a stack, is not finite because a value is infinite."""
        del state
        return False

    def results(self, stack: np.ndarray) -> np.ndarray:
        """Compute the statistic of every state in a stack, shape [groups, ...]."""
        return np.array([self.result(state) for state in stack])

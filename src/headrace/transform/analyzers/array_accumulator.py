"""Accumulators whose state is one array, so that many groups are an array with one more axis."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from headrace.transform.analyzers.numeric_input import read_numbers
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.state_bytes import Packed

__all__ = ["ArrayAccumulator"]


@dataclass(frozen=True)
class ArrayAccumulator(Accumulator):
    """A state is float64 [*row's shape, fields], a stack of them [groups, *row's shape, fields].

    `merge` takes both alike, as it works on the last axis and broadcasts the others.

    Attributes:
        reduce_instance_dims: Whether all values of a row are one column's: the row's shape is then [].
        weighted: Whether a column of weights follows the values.
    """

    initial: ClassVar[tuple[float, ...]]
    reduce_instance_dims: bool = True
    weighted: bool = False

    @abstractmethod
    def kernel(
        self, values: np.ndarray, codes: np.ndarray | None, groups: int, weights: np.ndarray | None
    ) -> np.ndarray:
        """The fields of each group and place, [groups * places * fields]; see `_kernels`."""

    def empty(self) -> np.ndarray:
        return np.array(self.initial)

    def update(self, state: np.ndarray, *values: Any) -> np.ndarray:
        return self.merge(state, self._summary(None, 1, *values)[0])

    def pack(self, state: np.ndarray) -> Sequence[Packed]:
        return [state]

    def unpack(self, arrays: Sequence[Any]) -> np.ndarray:
        (state,) = arrays
        if state.dtype != np.float64 or state.shape[-1] != len(self.initial):
            raise ValueError(f"a state of {state.dtype}{list(state.shape)}")
        return state

    def no_groups(self, groups: int) -> np.ndarray:
        return np.tile(self.empty(), (groups, 1))

    def update_groups(self, codes: np.ndarray, groups: int, *values: Any) -> np.ndarray:
        return self._summary(codes, groups, *values)

    def merge_stacks(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return self.merge(first, second)

    def pack_stack(self, stack: np.ndarray) -> list[Packed]:
        return [stack]

    def unpack_stack(self, arrays: Sequence[Any], groups: int) -> np.ndarray:
        stack = self.unpack(arrays)
        if len(stack) != groups or stack.ndim < 2:
            raise ValueError(f"a stack of {list(stack.shape)} for {groups} groups")
        return stack

    def _summary(self, codes: np.ndarray | None, groups: int, *values: Any) -> np.ndarray:
        column, weights = values if self.weighted else (values[0], None)
        found = read_numbers(column, weights, codes, self.reduce_instance_dims)
        fields = self.kernel(found.values, found.codes, groups, found.weights)
        shape = () if self.reduce_instance_dims else np.shape(column)[1:]
        return fields.reshape(groups, *shape, len(self.initial))

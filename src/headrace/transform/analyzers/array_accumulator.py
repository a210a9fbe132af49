"""Accumulators whose state is an array; the states of many groups are one array with one more axis."""

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
    """Base of accumulators with a state of float64 [*row shape, fields].

    A stack of states is [groups, *row shape, fields]. `merge` works on the last axis and broadcasts the
    others, so it merges states and stacks alike.

    Attributes:
        initial: The fields of the state of no rows.
        reduce_instance_dims: Reduce over all values of a row; the row shape of the state is then [].
        weighted: A column of weights follows the values.
    """

    initial: ClassVar[tuple[float, ...]]
    reduce_instance_dims: bool = True
    weighted: bool = False

    @abstractmethod
    def kernel(
        self, values: np.ndarray, codes: np.ndarray | None, groups: int, weights: np.ndarray | None
    ) -> np.ndarray:
        """Compute the fields of each group and place by a native kernel: float64 [groups * places * fields].

        Args:
            values: [rows, places].
            codes: The group of each row, int32 [rows]; None if there is one group.
            groups: The number of groups.
            weights: The weight of each row, float64 [rows]; None if all are 1.
        """

    def empty(self) -> np.ndarray:
        return np.array(self.initial)

    def update(self, state: np.ndarray, *values: Any) -> np.ndarray:
        return self.merge(state, self._summary(None, 1, *values)[0])

    def pack(self, state: np.ndarray) -> Sequence[Packed]:
        return [state]

    def unpack(self, arrays: Sequence[Any]) -> np.ndarray:
        (state,) = arrays
        if state.dtype != np.float64 or state.shape[-1] != len(self.initial):
            raise ValueError(
                f"expected float64 [..., {len(self.initial)}], got {state.dtype}{list(state.shape)}"
            )
        return state

    def empty_stack(self, groups: int) -> np.ndarray:
        return np.tile(self.empty(), (groups, 1))

    def update_groups(self, codes: np.ndarray, groups: int, *values: Any) -> np.ndarray:
        return self._summary(codes, groups, *values) + 0.0  # as merged states are: 0.0 for -0.0

    def merge_stacks(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return self.merge(first, second)

    def pack_stack(self, stack: np.ndarray) -> list[Packed]:
        return list(self.pack(stack))

    def unpack_stack(self, arrays: Sequence[Any], groups: int) -> np.ndarray:
        stack = self.unpack(arrays)
        if len(stack) != groups or stack.ndim < 2:
            raise ValueError(f"expected a stack of {groups} groups, got {list(stack.shape)}")
        return stack

    def _summary(self, codes: np.ndarray | None, groups: int, *values: Any) -> np.ndarray:
        column, weights = values if self.weighted else (values[0], None)
        found = read_numbers(column, weights, codes, self.reduce_instance_dims)
        fields = self.kernel(found.values, found.codes, groups, found.weights)
        shape = () if self.reduce_instance_dims else np.shape(column)[1:]
        return fields.reshape(groups, *shape, len(self.initial))

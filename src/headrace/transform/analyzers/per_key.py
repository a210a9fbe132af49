"""Statistics of each key's rows, side by side.

A row whose key is missing (the empty string) is left out. What is missing in other columns, each statistic
treats as it does alone: a key all of whose values are missing is there, with the statistic of no values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace.columns import ColumnType, Ragged
from headrace.errors import SchemaError, TraceError
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.graph.graph import Node
from headrace.transform.graph.state_bytes import Packed
from headrace.transform.tracing.column import Column, apply

__all__ = ["KeyedAccumulator", "PerKey", "per_key"]


class KeyedStack(NamedTuple):
    """Distinct keys, and each one's state in a stack."""

    keys: pa.Array
    stack: np.ndarray


@dataclass
class KeyedState:
    """Parts of the data, summed up whenever they have doubled; the first `compacted` keys are distinct."""

    parts: list[KeyedStack]
    size: int = 0
    compacted: int = 0


@dataclass(frozen=True)
class KeyedAccumulator(Accumulator):
    """A state of `of` for each key. The key's column is the last; rows without one (empty) are left out.

    A batch is grouped by its keys and goes through `of` once, whatever the number of keys where the state of
    `of` is an array. Memory grows with the number of keys.
    """

    of: Accumulator

    @property
    def shown(self) -> str:
        return f"{self.of.shown} per key"

    def empty(self) -> KeyedState:
        return KeyedState([])

    def update(self, state: KeyedState, *values: Any) -> KeyedState:
        *columns, key = _flat(values, self.of.fixed)
        encoded = key.dictionary_encode()
        codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
        keys = encoded.dictionary
        stack = self.of.update_groups(codes, len(keys), *columns)
        present = pc.call_function("not_equal", [keys, ""])
        self._add(state, KeyedStack(keys.filter(present), stack[present.to_numpy(zero_copy_only=False)]))
        return state

    def merge(self, first: KeyedState, second: KeyedState) -> KeyedState:
        for part in second.parts:
            self._add(first, part)
        return first

    def _add(self, state: KeyedState, part: KeyedStack) -> None:
        if not len(part.keys):
            return
        state.parts.append(part)
        state.size += len(part.keys)
        if state.size > 2 * state.compacted + 10_000:
            self.compact(state)

    def compact(self, state: KeyedState) -> KeyedStack:
        """All keys once, in byte order."""
        if not state.parts:
            return KeyedStack(pa.array([], pa.string()), self.of.no_groups(0))
        if len(state.parts) == 1 and state.size == state.compacted:
            return state.parts[0]
        given = pa.concat_arrays([part.keys for part in state.parts])
        keys = pc.call_function("unique", [given])
        keys = keys.take(pc.call_function("array_sort_indices", [keys]))
        places = pc.call_function("index_in", [given], pc.SetLookupOptions(keys)).to_numpy()
        state.parts = [KeyedStack(keys, self._merged(state.parts, places, len(keys)))]
        state.size = state.compacted = len(keys)
        return state.parts[0]

    def _merged(self, parts: list[KeyedStack], places: np.ndarray, groups: int) -> np.ndarray:
        stack = _widened(self.of.no_groups(groups), parts[0].stack)
        start = 0
        for part in parts:
            there = places[start : start + len(part.keys)]
            stack[there] = self.of.merge_stacks(stack[there], part.stack)
            start += len(part.keys)
        return stack

    def pack(self, state: KeyedState) -> Sequence[Packed]:
        keys, stack = self.compact(state)
        return [keys, *self.of.pack_stack(stack)]

    def unpack(self, arrays: Sequence[Any]) -> KeyedState:
        keys, *packed = arrays
        stack = self.of.unpack_stack(packed, len(keys))
        if len(pc.call_function("unique", [keys])) != len(keys):
            raise ValueError("keys that are not distinct")
        state = self.empty()
        self._add(state, KeyedStack(keys, stack))
        return state


def _widened(empty: np.ndarray, like: np.ndarray) -> np.ndarray:
    """The stack of no rows in the shape that rows give it: [groups, *row's shape, fields]."""
    if empty.dtype == object:
        return empty
    between = like.ndim - empty.ndim
    empty = empty.reshape(len(empty), *(1,) * between, empty.shape[-1])
    return np.broadcast_to(empty, (len(empty), *like.shape[1:])).copy()


def _flat(values: Sequence[Any], fixed: frozenset[int]) -> Sequence[Any]:
    """Lists of values with lists of keys become values with keys, one each; columns at `fixed` stay."""
    if not isinstance(values[-1], Ragged):
        return values
    splits = values[-1].row_splits
    for each in values:
        if isinstance(each, Ragged) and not np.array_equal(each.row_splits, splits):
            raise SchemaError("lists of keys of other lengths than those of values", hint="give one a row")
    lengths = np.diff(splits)
    return [
        each.values
        if isinstance(each, Ragged)
        else each
        if place in fixed
        else np.repeat(each, lengths, axis=0)
        for place, each in enumerate(values)
    ]


@dataclass(frozen=True)
class Keys(Analyzer):
    """The distinct keys, in byte order."""

    name = "keys"
    over: Accumulator = field(repr=False)

    @property
    def accumulator(self) -> KeyedAccumulator:
        return KeyedAccumulator(self.over)

    def infer(self, *types: ColumnType) -> ColumnType:
        _check_key(types)
        return ColumnType("string", ragged=True)

    def result(self, state: KeyedState) -> pa.Array:
        return self.accumulator.compact(state).keys


@dataclass(frozen=True)
class PerKey(Analyzer):
    """The statistic `of` each key's rows, [keys, ...], in the order of `Keys`."""

    name = "per_key"
    of: Analyzer

    @property
    def shown(self) -> tuple[str, Analyzer]:
        return f"{self.of.name}_per_key", self.of

    @property
    def accumulator(self) -> KeyedAccumulator:
        return KeyedAccumulator(self.of.accumulator)

    def infer(self, *types: ColumnType) -> ColumnType:
        _check_key(types)
        one = self.of.infer(*types[:-1])
        if one.is_string or one.ragged:
            raise TraceError(f"{self.of.name} of each key", hint="take statistics that are numbers")
        return ColumnType(one.dtype, one.shape, ragged=True)

    def result(self, state: KeyedState) -> np.ndarray:
        return self.of.results(self.accumulator.compact(state).stack)


def _check_key(types: tuple[ColumnType, ...]) -> None:
    key, columns = types[-1], types[:-1]
    if not key.is_string:
        raise TraceError(f"a key of {key}", hint="give a column of strings")
    if key.ragged and not columns[0].ragged:
        raise TraceError(f"lists of keys for a column of {columns[0]}", hint="give one key a row")


def per_key(statistic: Column, key: Column) -> tuple[Column, Column]:
    """A statistic of each key's rows: the distinct keys in byte order, and the statistic of each.

    Args:
        statistic: What an analyzer of numbers gave, such as `mean(x)` or `quantiles(x, 4, weights=w)`.
        key: One string a row, or one a value of a ragged column. Rows without one (empty) are left out.

    Returns:
        The keys, and the statistics, [keys, ...].

    Raises:
        TraceError: `statistic` is no analyzer's, or not one of numbers.
    """
    node: Node = statistic.node
    if not isinstance(node.what, Analyzer):
        raise TraceError(f"{node} is no statistic", hint="pass what an analyzer gave, such as mean(x)")
    columns = [Column(each) for each in (*node.inputs, key.node)]
    return apply(Keys(node.what.accumulator), *columns), apply(PerKey(node.what), *columns)

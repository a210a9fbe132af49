"""Statistics per key: one analyzer applied to the rows of each key.

Rows whose key is missing (the empty string) are ignored. Missing values in other columns are treated as the
statistic treats them: a key with missing values only is kept, with the statistic of no values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from headrace._native import WordNumbers, argsort_strings
from headrace.columns import ColumnType, Ragged
from headrace.errors import SchemaError, TraceError
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.graph.graph import Node
from headrace.transform.graph.state_bytes import Packed
from headrace.transform.ops.strings.arrow_buffers import get_buffers, strings_from_ends
from headrace.transform.tracing.column import Column, apply

__all__ = ["KeyedAccumulator", "PerKey", "per_key"]

_SLACK = 10_000  # states beyond twice the number of keys that are kept before stacks are merged


class SortedKeys(NamedTuple):
    """Distinct keys in byte order, and a stack with the state of each key."""

    keys: pa.StringArray
    stack: np.ndarray


@dataclass
class KeyedState:
    """Stacks of the states of keys, merged whenever their total size has doubled.

    Attributes:
        numbers: The number of each key. The empty string has a number, too, and is dropped by `sort`.
        places: For each stack, the numbers of its keys.
        stacks: The stacks; a key may occur in several.
        size: The number of states in all stacks.
        keys: The keys of the only stack, in byte order, if the state is sorted.
    """

    numbers: WordNumbers = field(default_factory=WordNumbers)
    places: list[np.ndarray] = field(default_factory=list[np.ndarray])
    stacks: list[np.ndarray] = field(default_factory=list[np.ndarray])
    size: int = 0
    keys: pa.StringArray | None = None


@dataclass(frozen=True)
class KeyedAccumulator(Accumulator):
    """A state of the accumulator `of` for each key; the key is the last column.

    A batch is grouped by key and updates `of` once, if the state of `of` is an array, whatever the number of
    keys. Memory grows with the number of keys.
    """

    of: Accumulator

    @property
    def display_name(self) -> str:
        return f"{self.of.display_name} per key"

    def empty(self) -> KeyedState:
        return KeyedState()

    def update(self, state: KeyedState, *values: Any) -> KeyedState:
        *columns, key = _flatten(values, self.of.fixed)
        if state.size:
            return self.merge(state, self.update(self.empty(), *columns, key))
        codes = state.numbers.add(*get_buffers(key))
        groups = len(state.numbers)
        self._add(state, np.arange(groups), self.of.update_groups(codes, groups, *columns))
        return state

    def merge(self, first: KeyedState, second: KeyedState) -> KeyedState:
        if not first.size:
            return second
        numbers = first.numbers.merge(second.numbers)
        for places, stack in zip(second.places, second.stacks, strict=True):
            self._add(first, numbers[places], stack)
        return first

    def _add(self, state: KeyedState, places: np.ndarray, stack: np.ndarray) -> None:
        if not len(places):
            return
        state.places.append(places)
        state.stacks.append(stack)
        state.size += len(places)
        state.keys = None
        if state.size > 2 * len(state.numbers) + _SLACK:
            self._compact(state)

    def _compact(self, state: KeyedState) -> np.ndarray:
        """Merge the stacks of a state; return the stack of its keys, by their numbers."""
        groups = len(state.numbers)
        if state.stacks:
            stack = self.of.join_stacks(state.stacks, np.concatenate(state.places), groups)
        else:
            stack = self.of.empty_stack(groups)
        state.places, state.stacks, state.size = [np.arange(groups)], [stack], groups
        return stack

    def sort(self, state: KeyedState) -> SortedKeys:
        """Merge the stacks of a state: return its distinct keys in byte order, and their stack."""
        if state.keys is None:
            words = strings_from_ends(*state.numbers.words())
            order = argsort_strings(*get_buffers(words))
            if len(words) and not words[order[0]].as_py():
                order = order[1:]
            stack = self._compact(state)[order]
            state.keys, state.places, state.stacks = words.take(pa.array(order)), [order], [stack]
            state.size = len(order)
        return SortedKeys(state.keys, state.stacks[0])

    def pack(self, state: KeyedState) -> Sequence[Packed]:
        keys, stack = self.sort(state)
        return [keys, *self.of.pack_stack(stack)]

    def unpack(self, arrays: Sequence[Any]) -> KeyedState:
        keys, *packed = arrays
        stack = self.of.unpack_stack(packed, len(keys))
        state = self.empty()
        places = state.numbers.add(*get_buffers(keys))
        if len(state.numbers) != len(keys):
            raise ValueError("expected distinct keys")
        self._add(state, places.astype(np.int64), stack)
        return state


def _flatten(values: Sequence[Any], fixed: frozenset[int]) -> Sequence[Any]:
    """Flatten ragged columns if keys are ragged, one key per value; columns at `fixed` are unchanged."""
    if not isinstance(values[-1], Ragged):
        return values
    splits = values[-1].row_splits
    for each in values:
        if isinstance(each, Ragged) and not np.array_equal(each.row_splits, splits):
            raise SchemaError(
                "lists of keys and lists of values differ in length", hint="pass one key per row"
            )
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
        return self.accumulator.sort(state).keys


@dataclass(frozen=True)
class PerKey(Analyzer):
    """The statistic `of` the rows of each key, [keys, ...], in the order of `Keys`."""

    name = "per_key"
    of: Analyzer

    @property
    def display(self) -> tuple[str, Analyzer]:
        return f"{self.of.name}_per_key", self.of

    @property
    def accumulator(self) -> KeyedAccumulator:
        return KeyedAccumulator(self.of.accumulator)

    def infer(self, *types: ColumnType) -> ColumnType:
        _check_key(types)
        one = self.of.infer(*types[:-1])
        if one.is_string or one.ragged:
            raise TraceError(
                f"per_key expects a statistic of numbers, got {self.of.name}",
                hint="use mean or quantiles, for example",
            )
        return ColumnType(one.dtype, one.shape, ragged=True)

    def has_infinite_values(self, state: KeyedState) -> bool:
        return self.of.has_infinite_values(self.accumulator.sort(state).stack)

    def result(self, state: KeyedState) -> np.ndarray:
        return self.of.results(self.accumulator.sort(state).stack)


def _check_key(types: tuple[ColumnType, ...]) -> None:
    key, columns = types[-1], types[:-1]
    if not key.is_string:
        raise TraceError(f"expected a key of strings, got {key}", hint="convert integers by as_string")
    if key.ragged and not columns[0].ragged:
        raise TraceError(f"expected one key per row of {columns[0]}, got lists", hint="pass one key per row")


def per_key(statistic: Column, key: Column) -> tuple[Column, Column]:
    """Compute a statistic of the rows of each key; return the distinct keys and their statistics.

    Args:
        statistic: The result of an analyzer of numbers, such as `mean(x)` or `quantiles(x, 4, weights=w)`.
        key: One string per row, or per value of a ragged column; rows without a key (empty) are ignored.

    Returns:
        The keys in byte order, and the statistics in the same order, [keys, ...].

    Raises:
        TraceError: `statistic` is not a statistic of numbers.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> t = hr.transform
        >>> def preprocess(x):
        ...     shops, means = t.per_key(t.mean(x["price"]), x["shop"])
        ...     return {"mean": t.lookup(t.apply_vocabulary(x["shop"], shops), means)}
        >>> batch = pa.record_batch({"price": [1.0, 2.0, 9.0], "shop": ["a", "b", "a"]})
        >>> t.analyze(preprocess, [batch])(batch)["mean"].to_pylist()
        [5.0, 2.0, 5.0]
    """
    node: Node = statistic.node
    if not isinstance(node.what, Analyzer):
        raise TraceError(
            f"expected a statistic, got {node}", hint="pass the result of an analyzer, such as mean(x)"
        )
    columns = [Column(each) for each in (*node.inputs, key.node)]
    return apply(Keys(node.what.accumulator), *columns), apply(PerKey(node.what), *columns)

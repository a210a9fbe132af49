"""Ranks of many groups are those of a sketch for each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.transform.analyzers import rank_sketch, rank_stack
from headrace.transform.analyzers.quantiles import Quantiles, RanksAccumulator
from headrace.transform.analyzers.rank_sketch import RankSketch
from headrace.transform.analyzers.rank_stack import RankStack
from headrace.transform.analyzers.tukey import TukeyRight
from headrace.transform.graph.analyzer import Accumulator, as_objects

NUMBERS = st.floats(-100, 100) | st.sampled_from([0.0, -0.0, np.inf, -np.inf, np.nan])
BATCH = st.lists(st.tuples(NUMBERS, st.integers(0, 4)), max_size=40)


@pytest.fixture
def small_capacity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let groups of more than eight values have sketches, and sort groups of more than four one by one."""
    for module in (rank_sketch, rank_stack):
        monkeypatch.setattr(module, "CAPACITY", 8)
    monkeypatch.setattr(rank_stack, "_WORTH_A_SORT", 4)


def make_stack(accumulator: RanksAccumulator, batches: list[Any]) -> Any:
    stacks = [
        accumulator.update_groups(np.array([group for _, group in batch], np.int32), 5, column(batch))
        for batch in batches
    ]
    return accumulator.join_stacks(stacks, np.tile(np.arange(5), len(stacks)), 5)


def column(batch: list[tuple[float, int]], group: int | None = None) -> np.ndarray:
    return np.array([number for number, each in batch if group in (None, each)], np.float64)


@pytest.mark.usefixtures("small_capacity")
@given(st.lists(BATCH, min_size=1, max_size=5))
def test_quantiles_of_groups_are_those_of_their_sketches(batches: list[Any]) -> None:
    accumulator = RanksAccumulator()
    stack = make_stack(accumulator, batches)
    sketches = []
    for group in range(5):
        sketch = RankSketch()
        for batch in batches:
            part = accumulator.update(RankSketch(), column(batch, group))  # each batch has its own
            sketch = accumulator.merge(sketch, part)
        sketches.append(sketch)
    expected = np.array([sketch.quantiles(4) for sketch in sketches])
    np.testing.assert_array_equal(Quantiles(4).results(stack), expected)
    again = accumulator.unpack_stack(accumulator.pack_stack(stack), 5)
    np.testing.assert_array_equal(Quantiles(4).results(again), expected)
    chosen = np.array([3, 0, 4])
    np.testing.assert_array_equal(Quantiles(4).results(again[chosen]), expected[chosen])
    mask = np.array([True, False, True, True, False])
    np.testing.assert_array_equal(Quantiles(4).results(again[mask]), expected[mask])
    fits = [float(TukeyRight().result(sketch)) for sketch in sketches]
    np.testing.assert_array_equal(TukeyRight().results(stack), fits)


def test_stacks_of_sketches_are_read_as_they_were_stored_before() -> None:
    accumulator, rng = RanksAccumulator(), np.random.default_rng(0)
    sketches = [accumulator.update(RankSketch(), rng.normal(size=size)) for size in (3, 0, 40_000)]
    stored = Accumulator.pack_stack(accumulator, as_objects(sketches))
    stack = accumulator.unpack_stack(stored, 3)
    expected = np.array([sketch.quantiles(4) for sketch in sketches])
    np.testing.assert_array_equal(Quantiles(4).results(stack), expected)


def test_a_stack_of_many_values_has_sketches_of_large_groups_only() -> None:
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1, 2], [40_000, 5, 0]).astype(np.int32)
    stack: RankStack = RanksAccumulator().update_groups(codes, 3, rng.normal(size=40_005))
    assert list(stack.sketches) == [0]
    assert np.diff(stack.values.row_splits).tolist() == [0, 5, 0]


@pytest.mark.parametrize(
    "damage",
    [
        lambda arrays: [arrays[0][:-1], *arrays[1:]],
        lambda arrays: [arrays[0] - 1, *arrays[1:]],
        lambda arrays: [arrays[0], arrays[1][:-1], *arrays[2:]],
        lambda arrays: [arrays[0], arrays[1] * np.nan, *arrays[2:]],
        lambda arrays: [*arrays[:2], arrays[2] + 1, *arrays[3:]],
    ],
)
def test_damaged_stacks_are_refused(damage: Any) -> None:
    accumulator = RanksAccumulator()
    codes = np.repeat([0, 1], [40_000, 5]).astype(np.int32)
    arrays = accumulator.pack_stack(accumulator.update_groups(codes, 2, np.arange(40_005.0)))
    with pytest.raises(ValueError, match="expected"):
        accumulator.unpack_stack(damage(arrays), 2)

"""Guarantees of accumulators on their states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.transform.analyzers.counts import CountsAccumulator
from headrace.transform.analyzers.moments import MomentsAccumulator
from headrace.transform.analyzers.per_key import KeyedAccumulator
from headrace.transform.analyzers.quantiles import RanksAccumulator, WeightedRanksAccumulator
from headrace.transform.graph.analyzer import Accumulator

ROWS = 70_000
ACCUMULATORS = {
    "counts": CountsAccumulator(in_rows=True),
    "approximate counts": CountsAccumulator(capacity=100),
    "moments": MomentsAccumulator(),
    "moments by key": KeyedAccumulator(MomentsAccumulator()),
    "ranks": RanksAccumulator(),
    "weighted ranks": WeightedRanksAccumulator(),
}


def state_of(name: str, accumulator: Accumulator, seed: int) -> Any:
    random = np.random.default_rng(seed)
    words = pa.array([f"w{number}" for number in random.zipf(1.1, ROWS) % 60_000])
    numbers, weights = random.lognormal(size=ROWS), random.random(ROWS)
    values = {
        "counts": (words,),
        "approximate counts": (words,),
        "moments by key": (numbers, words),
        "weighted ranks": (numbers, weights),
    }
    return accumulator.update(accumulator.empty(), *values.get(name, (numbers,)))


@pytest.mark.parametrize("name", ACCUMULATORS)
def test_a_state_loaded_from_bytes_behaves_as_the_original(name: str) -> None:
    accumulator = ACCUMULATORS[name]
    original, copy = state_of(name, accumulator, 1), state_of(name, accumulator, 1)
    copy = accumulator.load(accumulator.dump(copy))
    for seed in range(2, 6):
        original = accumulator.merge(original, state_of(name, accumulator, seed))
        copy = accumulator.merge(copy, state_of(name, accumulator, seed))
    assert accumulator.dump(original) == accumulator.dump(copy)

"""Counts in bounded memory."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from headrace.transform.analyzers.counts import CountsAccumulator

RANDOM = np.random.default_rng(0)


def test_the_error_of_an_approximate_count_is_bounded() -> None:
    words = [f"w{int(n)}" for n in RANDOM.zipf(1.3, 60_000) % 50_000]
    accumulator = CountsAccumulator(capacity=500)
    states = [accumulator.update(accumulator.empty(), pa.array(words[i::20])) for i in range(20)]
    for state in states:
        accumulator.finish(state)
    while len(states) > 1:
        states.append(accumulator.merge(states.pop(0), states.pop(0)))
        accumulator.finish(states[-1])
    table = accumulator.finish(states[0]).to_pylist()
    counts = {row["value"]: row["count"] for row in table}
    bound = len(words) / 501
    assert len(counts) <= 500
    for word, count in Counter(words).items():
        assert count - bound <= counts.get(word, 0) <= count

from __future__ import annotations

from collections import Counter
from math import comb, log2
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t
from headrace.columns import from_arrow
from headrace.transform.analyzers.counts import CountsAccumulator
from headrace.transform.analyzers.frequencies import Frequencies
from headrace.transform.analyzers.mutual_information import MutualInformation
from headrace.transform.analyzers.rank_sketch import CAPACITY, WeightedRankSketch
from headrace.transform.analyzers.scoring import Scoring
from headrace.transform.analyzers.vocabulary import Vocabulary

RANDOM = np.random.default_rng(0)


def test_the_parameters_of_a_tukey_distribution_are_recovered() -> None:
    z = RANDOM.normal(size=30_000)
    x = 5 + 2 * z * np.exp(np.where(z < 0, 0.1, 0.3) * z * z / 2)
    frozen = t.analyze(
        lambda i: {
            "location": i["x"] * t.tukey_location(i["x"]),
            "scale": i["x"] * t.tukey_scale(i["x"]),
            "tails": i["x"] * sum_of(t.tukey_h_params(i["x"])),
        },
        [pa.record_batch({"x": x})],
    )
    values = [float(value) for value in frozen.statistics.values()]
    np.testing.assert_allclose(values, [5, 2, 0.1, 0.3], atol=0.03)


def sum_of(pair: tuple[Any, Any]) -> Any:
    return pair[0] + pair[1]


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0, 4.0, 5.0], [3.0, 3.0], [7.0]])
def test_short_tails_are_fitted_as_gaussian(values: list[float]) -> None:
    frozen = t.analyze(
        lambda i: {"y": i["x"] + sum_of(t.tukey_h_params(i["x"]))}, [pa.record_batch({"x": values})]
    )
    assert [float(value) for value in frozen.statistics.values()] == [0.0, 0.0]


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


def test_an_approximate_vocabulary_of_few_words_is_exact() -> None:
    values = RANDOM.choice(["a", "b", "c", "d"], 1000, p=[0.4, 0.3, 0.2, 0.1]).tolist()
    frozen = t.analyze(
        lambda i: {"y": t.apply_vocabulary(i["s"], t.approximate_vocabulary(i["s"], 2, vocab_filename="v"))},
        [pa.record_batch({"s": values})],
    )
    assert frozen.vocabularies == {"v": ["a", "b"]}


def test_adjusted_information_subtracts_its_expected_value() -> None:
    together, labels = np.array([[3.0, 1.0], [2.0, 2.0]]), np.array([6.0, 4.0])
    plain = MutualInformation(min_diff=0).scores(together, labels)
    adjusted = MutualInformation(adjusted=True, min_diff=0).scores(together, labels)

    def by_chance(x: int, y: int, n: int) -> float:
        chances = {
            k: comb(y, k) * comb(n - y, x - k) / comb(n, x) for k in range(max(0, x + y - n), min(x, y) + 1)
        }
        return sum(p * k * log2(n * k / (x * y)) for k, p in chances.items() if k)

    expected = by_chance(4, 6, 10) + by_chance(4, 4, 10)
    np.testing.assert_allclose(plain - adjusted, [expected, expected], rtol=1e-9)


def test_a_word_near_independence_scores_0() -> None:
    scores = MutualInformation().scores(np.array([[30.0, 31.0], [50.0, 1.0]]), np.array([100.0, 100.0]))
    assert scores[0] == 0
    assert scores[1] > 20
    assert [MutualInformation.least_difference(n) for n in (10, 10_000, 505_000, 10**9)] == [2, 2, 13, 25]


def test_labels_rank_informative_words_first() -> None:
    batch = pa.record_batch(
        {"s": [["good", "the"], ["good", "a"], ["bad", "the"], ["bad", "a"]] * 50, "y": [1, 1, 0, 0] * 50}
    )
    frozen = t.analyze(
        lambda i: {"y": t.apply_vocabulary(i["s"], t.vocabulary(i["s"], labels=i["y"], vocab_filename="v"))},
        [batch],
    )
    assert frozen.vocabularies == {"v": ["bad", "good"]}


def test_document_frequencies_have_the_order_of_their_vocabulary() -> None:
    words = Vocabulary(scoring=Scoring(in_rows=True))
    accumulator = words.accumulator
    lists = from_arrow(pa.array([["a", "a", "b"], ["a"], [], ["b", "b", "b", "b"], ["", "c"]]))
    state = accumulator.update(accumulator.empty(), lists)
    assert words.result(state).to_pylist() == ["b", "a", "c"]
    assert Frequencies(words).result(state).tolist() == [5, 3, 1]
    assert Frequencies(words, "rows").result(state).tolist() == [2, 2, 1]


def test_ranks_of_weighted_values_are_within_the_error_bound() -> None:
    n = 400_000
    values, weights = RANDOM.normal(size=n), RANDOM.exponential(size=n)
    sketches = [WeightedRankSketch() for _ in range(3)]
    for place, rows in enumerate(np.array_split(np.arange(n), 100)):
        sketches[place % 3].add(np.stack([values[rows], weights[rows]]))
    for other in sketches[1:]:
        sketches[0].merge(other)
    cuts = sketches[0].ranked().quantiles(100)
    order = np.argsort(values)
    upto = np.cumsum(weights[order])
    reached = upto[np.searchsorted(values[order], cuts)]
    error = np.abs(reached - np.arange(1, 100) * upto[-1] / 100).max()
    assert error <= upto[-1] * np.log2(n / CAPACITY) / CAPACITY + weights.max()


def test_a_key_of_integers_is_refused() -> None:
    with pytest.raises(hr.TraceError, match="expected a key of strings, got int64"):
        t.analyze(lambda i: {"y": t.per_key(t.mean(i["x"]), i["x"])[1]}, [pa.record_batch({"x": [1, 2]})])


@pytest.mark.parametrize("boundaries", [[1.0], [2.0, 1.0], [0.0, np.nan], 1])
def test_boundaries_that_do_not_increase_are_refused(boundaries: Any) -> None:
    with pytest.raises(hr.TraceError, match="boundaries"):
        t.analyze(
            lambda i: {"y": i["x"] + t.histogram(i["x"], boundaries)[0]}, [pa.record_batch({"x": [1.0, 2.0]})]
        )

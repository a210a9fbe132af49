from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
from headrace import transform as t
from headrace.transform.analyzers.rank_sketch import CAPACITY, RankSketch

numbers = st.floats(min_value=-1e12, max_value=1e12) | st.just(float("nan"))


def statistics(function: Callable[[Any], Any], data: Any) -> dict[str, Any]:
    """Compute the statistics that `function` returns by name, each used in a per-row output."""
    frozen = t.analyze(lambda x: {k: t.where(x["x"] == 0, v, v) for k, v in function(x["x"]).items()}, data)
    return frozen.statistics


def all_of(x: Any) -> dict[str, Any]:
    return {"mean": t.mean(x), "var": t.var(x), "min": t.min(x), "max": t.max(x), "size": t.size(x)}


def batches(values: Any, cuts: list[int], name: str = "x") -> list[pa.RecordBatch]:
    places = [0, *sorted(cut % (len(values) + 1) for cut in cuts), len(values)]
    whole = pa.record_batch({name: values})
    return [whole.slice(start, end - start) for start, end in pairwise(places)]


def assert_equals_numpy(found: dict[str, Any], values: np.ndarray) -> None:
    scale = np.nanmax(np.abs(values), initial=1.0)
    np.testing.assert_allclose(found["mean(x)"], np.nanmean(values), rtol=1e-12, atol=1e-12 * scale)
    np.testing.assert_allclose(found["var(x)"], np.nanvar(values), rtol=1e-10, atol=1e-12 * scale**2)
    assert found["min(x)"] == np.nanmin(values)
    assert found["max(x)"] == np.nanmax(values)
    assert found["size(x)"] == np.sum(~np.isnan(values))


@settings(max_examples=40, deadline=None)
@given(st.lists(numbers, min_size=1, max_size=60), st.lists(st.integers(0, 60), max_size=5))
def test_moments_and_extrema_match_numpy_for_any_split_into_batches(
    values: list[float], cuts: list[int]
) -> None:
    array = np.array([*values, 0.5])  # at least one value is not missing
    assert_equals_numpy(statistics(all_of, batches(pa.array(array), cuts)), array)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "float32", "float64"])
def test_statistics_of_many_rows_match_numpy(dtype: str) -> None:
    array = (np.random.default_rng(0).normal(100, 10, 100_000)).astype(dtype)
    found = statistics(all_of, batches(pa.array(array), list(range(0, 100_000, 4096))))
    assert_equals_numpy(found, array.astype(np.float64))


def test_a_large_offset_does_not_cancel() -> None:
    array = 1e9 + np.random.default_rng(0).normal(size=10_000)
    found = statistics(all_of, batches(pa.array(array), [1, 5000]))
    np.testing.assert_allclose(found["var(x)"], np.var(array), rtol=1e-6)


@pytest.mark.parametrize("values", [[np.inf, 1, 2], [1, -np.inf, 2], [np.inf, 1, -np.inf], [np.inf, np.inf]])
def test_infinities_are_ordinary_values(values: list[float]) -> None:
    for cuts in ([], [1], [2], [1, 2]):
        found = statistics(all_of, batches(pa.array(values, pa.float64()), cuts))
        with np.errstate(invalid="ignore"):
            expected = {"mean(x)": np.mean(values), "var(x)": np.var(values), "min(x)": min(values)}
        assert str({name: float(found[name]) for name in expected}) == str(
            {name: float(value) for name, value in expected.items()}
        )


def test_each_position_in_a_row_can_have_its_own_statistic() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 3))
    rows[rows > 1.5] = np.nan
    column = pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), 3)
    data = [batch.slice(0) for batch in batches(column, [7, 20, 20])]
    frozen = t.analyze(
        lambda x: {
            "z": (x["x"] - t.mean(x["x"], False)) / t.var(x["x"], False),
            "u": (x["x"] - t.min(x["x"], False)) / t.max(x["x"], False),
        },
        data,
    )
    found = list(frozen.statistics.values())
    expected = [np.nanmean(rows, 0), np.nanvar(rows, 0), np.nanmin(rows, 0), np.nanmax(rows, 0)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_ragged_columns_count_every_value() -> None:
    data = [pa.record_batch({"x": [[1, 2], [], [6]]}), pa.record_batch({"x": [[7]]})]
    frozen = t.analyze(lambda x: {"y": x["x"] - t.mean(x["x"])}, data)
    assert frozen.statistics == {"mean(x)": 4.0}


def exact_quantiles(values: np.ndarray, parts: int) -> list[float]:
    """Cut i is the smallest value such that at least a share of i / parts of all values is at or below it."""
    ordered = np.sort(values)
    return [ordered[-(-i * len(ordered) // parts) - 1] for i in range(1, parts)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(numbers, min_size=1, max_size=60), st.lists(st.integers(0, 60), max_size=4), st.integers(2, 30)
)
def test_quantiles_of_few_values_are_exact(values: list[float], cuts: list[int], parts: int) -> None:
    data = batches(pa.array([*values, 0.5]), cuts)
    frozen = t.analyze(lambda x: {"y": t.bucketize(x["x"], parts)}, data)
    array = np.array([*values, 0.5])
    expected = exact_quantiles(array[~np.isnan(array)], parts)
    assert frozen.statistics[f"quantiles(x, num_buckets={parts})"].tolist() == expected


@pytest.mark.parametrize("order", ["random", "rising", "falling", "few values"])
def test_quantiles_of_many_values_are_within_the_rank_error(order: str) -> None:
    n = 1_000_000
    random = np.random.default_rng(0)
    values = {
        "random": random.normal(size=n),
        "rising": np.arange(float(n)),
        "falling": -np.arange(float(n)),
        "few values": random.integers(0, 20, n).astype(float),
    }[order]
    sketches = [RankSketch() for _ in range(4)]
    for place, part in enumerate(np.array_split(values, 300)):
        sketches[place % 4].add(part)
    for other in sketches[1:]:
        sketches[0].merge(other)
    cuts = sketches[0].quantiles(100)
    ordered = np.sort(values)
    ranks = np.arange(1, 100) * n / 100
    below, upto = np.searchsorted(ordered, cuts, "left"), np.searchsorted(ordered, cuts, "right")
    error = np.maximum(0, np.maximum(below - ranks, ranks - upto)).max()
    assert error <= n * np.log2(n / CAPACITY) / CAPACITY
    assert sum(len(level) << i for i, level in enumerate(sketches[0].levels)) == n
    assert sum(map(len, sketches[0].levels)) < 8 * CAPACITY


def test_quantiles_are_the_same_on_every_run() -> None:
    data = batches(pa.array(np.random.default_rng(0).normal(size=200_000)), list(range(0, 200_000, 1000)))
    first, second = (t.analyze(lambda x: {"y": t.bucketize(x["x"], 50)}, data).statistics for _ in range(2))
    assert str(first) == str(second)


words = st.sampled_from(
    ["a", "b", "B", "ä", "é", "z", "aa", "", "😀", "\U0010ffff", "\uffff", "line\nbreak", " "]
)


def by_count_and_value(values: list[str]) -> list[str]:
    counts = Counter(value for value in values if value)
    return sorted(counts, key=lambda value: (-counts[value], value.encode()))


@settings(max_examples=60, deadline=None)
@given(st.lists(words, min_size=1, max_size=50), st.lists(st.integers(0, 50), max_size=4))
def test_a_vocabulary_is_ordered_by_falling_count_then_by_value(values: list[str], cuts: list[int]) -> None:
    data = batches(pa.array(values), cuts)
    frozen = t.analyze(lambda x: {"y": t.compute_and_apply_vocabulary(x["x"])}, data)
    assert frozen.vocabularies == {"x": by_count_and_value(values)}
    places = {word: place for place, word in enumerate(by_count_and_value(values))}
    assert frozen(data[0])["y"].to_pylist() == [places.get(value, -1) for value in data[0]["x"].to_pylist()]


def test_top_k_and_frequency_threshold_limit_a_vocabulary() -> None:
    values = ["a"] * 5 + ["b"] * 5 + ["c"] * 3 + ["d"]
    kept = {}
    for top_k, threshold in [(None, 1), (2, 1), (3, 4), (None, 3), (99, 6)]:
        frozen = t.analyze(
            lambda x, k=top_k, n=threshold: {
                "y": t.compute_and_apply_vocabulary(
                    x["x"], top_k=k, frequency_threshold=n, vocab_filename="v"
                )
            },
            batches(pa.array(values), [3]),
        )
        kept[top_k, threshold] = "".join(frozen.vocabularies["v"])
    assert kept == {(None, 1): "abcd", (2, 1): "ab", (3, 4): "ab", (None, 3): "abc", (99, 6): ""}


def test_a_vocabulary_of_more_words_than_one_compaction_holds() -> None:
    values = [f"w{n % 70_000}" for n in range(250_000)]
    frozen = t.analyze(
        lambda x: {"y": t.compute_and_apply_vocabulary(x["x"])},
        batches(pa.array(values), [n * 25_000 for n in range(10)]),
    )
    assert frozen.vocabularies["x"] == by_count_and_value(values)


class Counted:
    """Batches that count the passes over them."""

    def __init__(self, data: list[pa.RecordBatch]) -> None:
        self.data, self.passes = data, 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        self.passes += 1
        return iter(self.data)


def test_independent_analyzers_share_one_pass() -> None:
    data = Counted(batches(pa.array([1.0, 2.0, 4.0]), [1]))
    t.analyze(lambda x: {"z": t.scale_to_z_score(x["x"]), "u": t.scale_to_0_1(x["x"])}, data)
    assert data.passes == 1


def test_an_analyzer_that_depends_on_another_takes_a_second_pass() -> None:
    data = Counted(batches(pa.array([1.0, 2.0, None, 5.0]), [1]))
    frozen = t.analyze(
        lambda x: {"y": t.scale_to_z_score(t.fill_missing(x["x"], t.max(x["x"])))},
        data,
    )
    assert data.passes == 2
    filled = np.array([1, 2, 5, 5])
    assert frozen.statistics["mean(fill_missing(x, max(x)))"] == filled.mean()
    assert frozen.statistics["standard_deviation(fill_missing(x, max(x)))"] == filled.std()


@pytest.mark.parametrize("once", [iter, lambda data: pa.RecordBatchReader.from_batches(data[0].schema, data)])
def test_a_one_shot_iterator_is_refused_before_the_first_of_two_passes(once: Any) -> None:
    data = once(batches(pa.array([1.0, 2.0]), [1]))
    with pytest.raises(
        hr.UsageError,
        match="needs several passes, but the data is a one-shot iterator; pass a Dataset or a list",
    ):
        t.analyze(lambda x: {"y": x["x"] - t.mean(x["x"] - t.max(x["x"]))}, data)
    assert len(list(data)) >= 1


def test_a_one_shot_iterator_is_enough_for_one_pass() -> None:
    data = iter(batches(pa.array([1.0, 2.0, 6.0]), [1]))
    assert t.analyze(lambda x: {"y": x["x"] - t.mean(x["x"])}, data).statistics == {"mean(x)": 3.0}


def test_a_dataset_can_be_read_for_several_passes() -> None:
    dataset = hr.Dataset.from_arrow(batches(pa.array([1.0, 2.0, 6.0]), [1]))
    frozen = t.analyze(lambda x: {"y": x["x"] - t.mean(x["x"] - t.max(x["x"]))}, dataset)
    assert frozen.statistics["mean(subtract(x, max(x)))"] == -3.0


def test_mean_and_variance_of_one_column_share_one_state() -> None:
    from headrace.transform.analysis.passes import ready_analyzers, state_keys
    from headrace.transform.tracing.trace import trace

    graph = trace(lambda x: {"y": t.scale_to_z_score(x["x"])}, pa.schema({"x": pa.float64()}))
    assert len(ready_analyzers(graph)) == 2
    assert len(state_keys(ready_analyzers(graph))) == 1


def test_statistics_of_missing_values_only_are_nan() -> None:
    values = pa.array([None, None], pa.float64())
    data = [pa.record_batch({"x": values})]
    found = statistics(all_of, data)
    assert found.pop("size(x)") == 0
    assert np.isnan(list(found.values())).all()
    bucketed = t.analyze(lambda x: {"y": t.bucketize(x["x"], 4)}, data)
    assert np.isnan(bucketed.statistics["quantiles(x, num_buckets=4)"]).all()
    assert bucketed(data[0])["y"].to_pylist() == [3] * len(values)


def test_a_vocabulary_of_no_strings_is_empty() -> None:
    data = [pa.record_batch({"x": ["", ""]})]
    frozen = t.analyze(lambda x: {"y": t.compute_and_apply_vocabulary(x["x"], num_oov_buckets=3)}, data)
    assert frozen.vocabularies == {"x": []}
    assert all(0 <= n < 3 for n in frozen(pa.record_batch({"x": ["a", "", "b"]}))["y"].to_pylist())


def test_empty_data_is_a_usage_error() -> None:
    with pytest.raises(hr.UsageError, match="the data to analyze is empty"):
        t.analyze(lambda x: {"y": x["x"]}, [])


STATISTICS_OF_ROWS: list[Callable[[Any], Any]] = [
    lambda x: t.scale_to_z_score(x["x"]),
    lambda x: t.scale_to_0_1(x["i"]),
    lambda x: t.bucketize(x["x"], 3),
    lambda x: t.compute_and_apply_vocabulary(x["s"]),
    lambda x: t.scale_to_gaussian_per_key(x["x"], x["s"]),
    lambda x: x["x"] * t.sum(t.row_length(x["l"])),
    lambda x: t.lookup(x["i"], t.histogram(x["x"], 3)[0]),
]


@pytest.mark.parametrize("function", STATISTICS_OF_ROWS)
@pytest.mark.parametrize("batches", [1, 2])
def test_analysis_of_no_rows_is_refused_for_every_statistic(function: Any, batches: int) -> None:
    schema = pa.schema({"x": pa.float64(), "i": pa.int64(), "s": pa.string(), "l": pa.list_(pa.int64())})
    empty = [pa.RecordBatch.from_pylist([], schema)] * batches
    for data in (empty, hr.Dataset.from_arrow(pa.Table.from_batches(empty))):
        with pytest.raises(hr.UsageError, match="the data to analyze is empty: it has no rows; check"):
            t.analyze(lambda x: {"y": function(x)}, data)
    assert t.analyze(lambda x: {"y": x["x"] + 1}, empty).statistics == {}


def test_the_function_is_called_once() -> None:
    calls: list[int] = []
    t.analyze(
        lambda x: calls.append(1) or {"y": x["x"] - t.mean(x["x"])}, batches(pa.array([1.0, 2.0]), [1, 1])
    )
    assert calls == [1]


def test_a_batch_of_another_schema_names_the_column() -> None:
    data = [pa.record_batch({"x": [1.0]}), pa.record_batch({"x": ["1"]})]
    with pytest.raises(hr.SchemaError, match="expected a column of float64, got string") as caught:
        t.analyze(lambda x: {"y": x["x"] - t.mean(x["x"])}, data)
    assert caught.value.feature == "x"

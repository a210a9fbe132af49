from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import _native
from headrace.transform.ops.strings.arrow_buffers import get_buffers

# Few letters, so that words recur; lengths around 4, 8 and 16, where hashing changes.
words = st.lists(st.text(alphabet="aé\0", max_size=20), max_size=30)
many = [f"word {number:x}" * (number % 5 + 1) for number in range(5000)]


def strings(values: list[str]) -> tuple[np.ndarray, np.ndarray]:
    return get_buffers(pa.array(values, pa.string()))


def counted(counts: _native.WordCounts) -> dict[str, tuple[int, int]]:
    ends, data, each, rows = counts.table()
    texts = [bytes(data[int(a) : int(b)]).decode() for a, b in pairwise([0, *ends])]
    assert len(set(texts)) == len(texts) == len(counts)
    assert sum(len(text.encode()) for text in texts) == counts.bytes
    return dict(zip(texts, zip(each.tolist(), rows.tolist(), strict=True), strict=True))


@given(words, words)
def test_a_string_maps_to_its_first_position(known: list[str], asked: list[str]) -> None:
    found = _native.WordIndex(*strings(known)).find(*strings(asked + known))
    assert found.tolist() == [known.index(each) if each in known else -1 for each in asked + known]


def test_positions_in_a_long_list() -> None:
    index = _native.WordIndex(*strings(many))
    assert index.find(*strings(many)).tolist() == list(range(5000))
    assert index.find(*strings([f"{each}." for each in many])).tolist() == [-1] * 5000


@given(words, words)
def test_counts_agree_with_counter(first: list[str], second: list[str]) -> None:
    counts, other = _native.WordCounts(), _native.WordCounts()
    counts.add(*strings(first))
    other.add(*strings(second))
    counts.merge(other)
    expected = Counter(each for each in first + second if each)
    assert counted(counts) == {word: (count, 0) for word, count in expected.items()}


@given(words, words)
def test_distinct_strings_are_numbered_in_the_order_of_first_occurrence(
    first: list[str], second: list[str]
) -> None:
    numbers, other = _native.WordNumbers(), _native.WordNumbers()
    distinct = list(dict.fromkeys(first + second))
    assert numbers.add(*strings(first)).tolist() == [distinct.index(each) for each in first]
    other.add(*strings(second))
    assert numbers.merge(other).tolist() == [distinct.index(each) for each in dict.fromkeys(second)]
    ends, data = numbers.words()
    assert [bytes(data[int(a) : int(b)]).decode() for a, b in pairwise([0, *ends])] == distinct
    assert len(numbers) == len(distinct)


@given(st.lists(words, max_size=6), st.lists(words, max_size=6))
def test_a_word_is_counted_once_per_row(first: list[list[str]], second: list[list[str]]) -> None:
    counts = _native.WordCounts()
    for rows in (first, second):
        splits = np.cumsum([0, *map(len, rows)]).astype(np.int64)
        counts.add_in_rows(*strings([each for row in rows for each in row]), splits)
    expected = Counter(each for row in first + second for each in row if each)
    in_rows = Counter(each for row in first + second for each in set(row) if each)
    assert counted(counts) == {word: (count, in_rows[word]) for word, count in expected.items()}


def test_adding_counted_words() -> None:
    numbers = np.arange(1, 5001)
    counts = _native.WordCounts()
    counts.add_counted(*strings(many), numbers, numbers * 0)
    counts.add_counted(*strings(many[::-1]), numbers, numbers)
    assert counted(counts) == {word: (5001, 5000 - place) for place, word in enumerate(many)}
    counts.merge(counts)
    assert counted(counts)[many[0]] == (10002, 10000)


@pytest.mark.parametrize("splits", [[], [0, 3], [1, 0], [-1, 1]])
def test_splits_outside_the_strings_are_rejected(splits: list[int]) -> None:
    with pytest.raises(ValueError, match="splits"):
        _native.WordCounts().add_in_rows(*strings(["a", "b"]), np.array(splits, np.int64))


def test_a_wrong_number_of_counts_is_rejected() -> None:
    one = np.ones(1, np.int64)
    with pytest.raises(ValueError, match="counts"):
        _native.WordCounts().add_counted(*strings(["a", "b"]), one, one)


@given(st.lists(st.binary(max_size=20) | st.sampled_from([b"", b"product 1", b"product 12", b"product 1\0"])))
def test_argsort_orders_by_bytes_and_is_stable(strings: list[bytes]) -> None:
    offsets = np.cumsum([0, *map(len, strings)]).astype(np.int32)
    order = _native.argsort_strings(offsets, b"".join(strings))
    assert order.tolist() == sorted(range(len(strings)), key=lambda number: strings[number])

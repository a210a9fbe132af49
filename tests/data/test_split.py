import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError


def rows(ds):
    return [row for batch in ds for row in batch["row"].to_pylist()]


def counting(count, **columns):
    return Dataset.from_arrays({"row": np.arange(count), **columns})


@settings(deadline=None)
@given(
    count=st.integers(2, 300),
    weights=st.lists(st.integers(1, 9), min_size=2, max_size=4),
    seed=st.integers(0, 5),
    before=st.sampled_from([None, 0, 3]),
    after=st.sampled_from([None, 1]),
    epochs=st.lists(st.integers(0, 4), min_size=4, max_size=4),
)
def test_parts_share_no_row_in_any_epoch_and_hold_all_rows(count, weights, seed, before, after, epochs):
    ds = counting(count) if before is None else counting(count).shuffle(before, window=50)
    fractions = [weight / sum(weights) for weight in weights]
    assume(count * min(fractions) >= 1)
    parts = ds.split(*fractions, seed=seed)
    seen = []
    for part, epoch, fraction in zip(parts, epochs, fractions, strict=False):
        found = rows((part if after is None else part.shuffle(after)).epoch(epoch))
        assert part.num_rows == len(found)
        assert abs(len(found) - fraction * count) < 1
        seen += found
    assert sorted(seen) == list(range(count))


def test_parts_keep_the_order_and_depend_on_the_seed():
    train, test = counting(100).split(0.8, 0.2, seed=0)
    assert rows(train) == sorted(rows(train))
    assert rows(test) == sorted(rows(test))
    assert rows(test) == rows(counting(100).split(0.8, 0.2, seed=0)[1])
    assert rows(test) != rows(counting(100).split(0.8, 0.2, seed=1)[1])


@settings(deadline=None)
@given(labels=st.lists(st.sampled_from("aab c"), min_size=20, max_size=200), seed=st.integers(0, 9))
def test_stratified_parts_have_the_shares_of_each_value(labels, seed):
    ds = counting(len(labels), label=labels)
    parts = ds.split(0.5, 0.3, 0.2, seed=seed, stratify="label")
    assert sorted(row for part in parts for row in rows(part)) == list(range(len(labels)))
    for part, fraction in zip(parts, (0.5, 0.3, 0.2), strict=True):
        here = [labels[row] for row in rows(part)]
        for label in set(labels):
            assert abs(here.count(label) - fraction * labels.count(label)) < 2
        assert abs(len(here) - fraction * len(labels)) < 2


@settings(deadline=None)
@given(groups=st.lists(st.integers(0, 30), min_size=60, max_size=200), seed=st.integers(0, 9))
def test_groups_stay_together(groups, seed):
    largest = max(groups.count(group) for group in groups)
    assume(largest < 0.25 * len(groups))
    ds = counting(len(groups), user=[f"user {group}" for group in groups])
    train, test = ds.split(0.75, 0.25, seed=seed, group="user")
    users = [{groups[row] for row in rows(part)} for part in (train, test)]
    assert not users[0] & users[1]
    assert sorted(rows(train) + rows(test)) == list(range(len(groups)))
    assert abs(test.num_rows - 0.25 * len(groups)) <= largest


def test_the_last_rows_by_a_time_are_the_last_part():
    days = pa.array(np.random.default_rng(0).permutation(100), pa.timestamp("s"))
    train, test = counting(100, day=days).split(0.9, 0.1, by="day")
    last = {row for row in range(100) if days[row].value >= 90}
    assert set(rows(test)) == last
    assert not last & set(rows(train))


def test_a_stream_of_unknown_length_is_counted_and_split(tmp_path):
    (tmp_path / "a.csv").write_text("row\n" + "\n".join(map(str, range(50))))
    ds = Dataset.from_csv(tmp_path / "a.csv").filter(lambda batch: pa.compute.greater(batch["row"], 9))
    train, test = ds.split(0.5, 0.5)
    assert sorted(rows(train) + rows(test)) == list(range(10, 50))
    assert len(rows(train.epoch(3))) == 20


def test_a_split_parquet_file_is_shuffled_block_by_block(tmp_path):
    pq.write_table(pa.table({"row": range(1000)}), tmp_path / "a.parquet", row_group_size=50)
    train, test = Dataset.from_parquet(tmp_path / "a.parquet").split(0.8, 0.2, seed=3)
    shuffled = train.shuffle(0, window=120)
    orders = [rows(shuffled.epoch(epoch)) for epoch in range(3)]
    assert all(sorted(order) == rows(train) for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    assert not set(orders[0]) & set(rows(test.shuffle(1).epoch(2)))


@pytest.mark.parametrize(
    ("fractions", "match"),
    [
        ((), "expected fractions or numbers of rows above 0, got none"),
        ((1.0,), "expected fractions or numbers of rows above 0, got 1.0"),
        ((0.8, 0), "expected fractions or numbers of rows above 0"),
        ((0.8, True), "expected fractions or numbers of rows above 0"),
        ((80, 20), r"expected numbers of rows that add up to 10, got 80 \+ 20"),
        ((10,), "a part of 10 of 10 rows leaves no row"),
        ((1.5,), "expected fractions or numbers of rows above 0, got 1.5"),
        ((0.8, 0.1), r"got 0.8 \+ 0.1 = 0.9"),
    ],
)
def test_wrong_fractions_are_refused(fractions, match):
    with pytest.raises(UsageError, match=match):
        counting(10).split(*fractions)


@pytest.mark.parametrize("sizes", [(7,), (0.7,), (7, 3), (np.int64(7), 3)])
@pytest.mark.parametrize("by", [{}, {"by": "row"}, {"stratify": "half"}])
def test_numbers_of_rows_divide_as_their_shares_do(sizes, by):
    ds = counting(10, half=[row % 2 for row in range(10)])
    parts, expected = ds.split(*sizes, seed=4, **by), ds.split(0.7, 0.3, seed=4, **by)
    assert [rows(part) for part in parts] == [rows(part) for part in expected]
    assert [part.num_rows for part in parts] == [7, 3]


def test_what_cannot_be_split_is_refused():
    ds = counting(10, maybe=[None, *range(9)])
    with pytest.raises(UsageError, match=r"a part of 0.01 of 10 rows has no row"):
        ds.split(0.99, 0.01)
    with pytest.raises(UsageError, match="feature 'maybe': 1 of 10 values are missing"):
        ds.split(0.5, 0.5, by="maybe")
    with pytest.raises(SchemaError, match="feature 'rwo': the dataset lacks this column; did you mean 'row'"):
        ds.split(0.5, 0.5, stratify="rwo")
    with pytest.raises(UsageError, match="expected one of stratify, group and by"):
        ds.split(0.5, 0.5, by="row", group="row")

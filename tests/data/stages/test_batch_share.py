"""Shares of batches: together the batches of one, at any position, for any number of shares."""

import numpy as np
import pytest

from headrace.data import Dataset
from headrace.errors import UsageError


def odd(batch):
    return np.asarray(batch["x"]) % 2 == 1


def plans(rows: int = 47):
    ds = Dataset.from_arrays({"x": np.arange(rows)})
    return {
        "in order": ds,
        "shuffled": ds.shuffle(seed=3).map(lambda batch: batch),
        "filtered": Dataset.from_arrays({"x": np.arange(2 * rows)}).filter(odd),
        "generated": Dataset.from_generator(lambda: iter(ds.batch(5)), schema=ds.schema),
    }


@pytest.mark.parametrize("name", ["in order", "shuffled", "filtered", "generated"])
@pytest.mark.parametrize(("size", "shares"), [(8, 1), (8, 2), (8, 3), (12, 4), (5, 5), (100, 3)])
def test_shares_together_are_the_batches(name: str, size: int, shares: int) -> None:
    ds = plans()[name].epoch(1)
    whole = [batch["x"].to_pylist() for batch in ds.batch(size)]
    parts = [[b["x"].to_pylist() for b in ds.share_batches(size, n, shares)] for n in range(shares)]
    joined = [
        [row for part in parts if number < len(part) for row in part[number]] for number in range(len(whole))
    ]
    assert joined == whole


@pytest.mark.parametrize("name", ["in order", "shuffled", "filtered", "generated"])
def test_a_position_holds_for_any_number_of_shares(name: str) -> None:
    ds = plans()[name].epoch(2)
    saved = iter(ds.share_batches(8, 0, 2))
    for _ in range(3):
        next(saved)
    state = saved.state_of_shares(24)
    for size, index, shares in ((8, 0, 1), (8, 1, 2), (8, 2, 3)):
        share = ds.share_batches(size, index, shares)
        expected = [batch["x"].to_pylist() for batch in share][3:]
        resumed = iter(share)
        first = next(iter(share)).num_rows
        resumed.seek(state, 3 * first)
        assert [batch["x"].to_pylist() for batch in resumed] == expected


def test_a_share_of_a_short_batch_has_two_rows_or_none() -> None:
    ds = Dataset.from_arrays({"x": np.arange(15)})
    last = [[b.num_rows for b in ds.share_batches(12, n, 4)][1:] for n in range(4)]
    assert last == [[3], [], [], []]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((4, 2, 2), "share 2 of 2; number the shares"),
        ((2, 0, 3), "one row for each of 3 shares, got batches of 2"),
    ],
)
def test_shares_that_cannot_be(arguments: tuple[int, int, int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plans()["in order"].share_batches(*arguments)

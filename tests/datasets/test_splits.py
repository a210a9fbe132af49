"""The split language, whose rounding is that of TensorFlow Datasets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import datasets
from headrace.datasets.splits import Size, Split, even_splits, k_fold
from headrace.errors import UsageError

SIZES = {"train": Size(1001, (400, 301, 300)), "test": Size(100)}


def rows_of(split: str | Split, sizes: dict[str, Size] = SIZES) -> list[tuple[str, int]]:
    chosen = (split if isinstance(split, Split) else Split(split)).choose(sizes)
    return [(name, row) for name, rows in chosen for row in rows]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("train", range(1001)),
        ("train[:]", range(1001)),
        ("train[:80%]", range(801)),
        ("train[80%:]", range(801, 1001)),
        ("train[10%:20%]", range(100, 200)),
        ("train[12.5%:]", range(125, 1001)),
        ("train[:0.3%]", range(3)),
        ("train[1000:1001]", range(1000, 1001)),
        ("train[:-1]", range(1000)),
        ("train[-10:]", range(991, 1001)),
        ("train[-10%:]", range(901, 1001)),
        ("train[-100%:]", range(1001)),
        ("train[100:50%]", range(100, 500)),
        ("train[ :5 ]", range(5)),
        ("train[0:1]", range(1)),
        ("train[5]", range(5, 6)),
        ("train[-1]", range(1000, 1001)),
        ("train[:1shard]", range(400)),
        ("train[1shard:]", range(400, 1001)),
        ("train[1shard]", range(400, 701)),
        ("train[-1shard]", range(701, 1001)),
        ("train[-2shard:-1shard]", range(400, 701)),
        ("train[1shard:90%]", range(400, 901)),
    ],
)
def test_slices(text: str, rows: range) -> None:
    assert rows_of(text) == [("train", row) for row in rows]


def test_splits_follow_one_another() -> None:
    assert rows_of("test + train[:2]") == rows_of("test") + rows_of("train[:2]")
    assert rows_of("train[:1%]+train[:1%]") == 2 * rows_of("train[:10]")
    assert rows_of("all") == rows_of("train+test")
    assert rows_of("all[1000:1003]") == [("train", 1000), ("test", 0), ("test", 1)]
    assert rows_of("all[-1]") == [("test", 99)]
    with pytest.raises(UsageError, match="'all' is not stored in shards; name rows or percent"):
        rows_of("all[:1shard]")


@pytest.mark.parametrize("rows", [1, 2, 7, 50, 99, 150, 1001, 60_000])
def test_percentages_are_rounded_to_the_nearest_row_halves_to_the_even_one(rows: int) -> None:
    for percent in range(1, 101):
        expected = round(percent * rows / 100)
        assert len(rows_of(f"all[:{percent}%]", {"all of it": Size(rows)}) if expected else []) == expected


@pytest.mark.filterwarnings("ignore:.*rounds to row 0")
@given(st.integers(1, 2000), st.decimals(0, 100, places=2))
def test_complementary_slices_share_and_miss_no_row(rows: int, percent: object) -> None:
    def choose(text: str) -> list[int]:
        try:
            return [row for _, row in rows_of(text, {"train": Size(rows)})]
        except UsageError:
            return []

    assert choose(f"train[:{percent}%]") + choose(f"train[{percent}%:]") == [*range(rows)]
    assert choose(f"train[:-{percent}%]") + choose(f"train[-{percent}%:]") == [*range(rows)]


@given(
    st.integers(1, 300),
    st.integers(1, 40),
    st.booleans(),
    st.sampled_from(["train", "train[10%:]+test", "all"]),
)
def test_even_splits_hold_every_row_once(rows: int, n: int, drops: bool, text: str) -> None:
    sizes = {"train": Size(rows), "test": Size(7)}
    parts = []
    for part in even_splits(text, n, drop_remainder=drops):
        try:
            parts.append(rows_of(part, sizes))
        except UsageError:
            parts.append([])
    chosen = sorted(row for part in parts for row in part)
    whole = sorted(rows_of(text, sizes))
    assert chosen == whole or (drops and set(chosen) < set(whole))
    for name in sizes:
        lengths = [sum(each == name for each, _ in part) for part in parts]
        assert max(lengths) - min(lengths) <= (not drops)
        assert lengths == sorted(lengths, reverse=True)


@given(st.integers(2, 10))
def test_every_row_is_validated_in_one_fold(k: int) -> None:
    whole, validated = rows_of("train+test[:50%]"), []
    for train, validation in k_fold("train+test[:50%]", k):
        assert sorted(rows_of(train) + rows_of(validation)) == sorted(whole)
        validated += rows_of(validation)
    assert sorted(validated) == sorted(whole)


MALFORMED = [
    *("", "train[", "train[]", "train[a]", "train[:80%:2]", "train[a:b]", "train[5%]", "train[1.5:]"),
    *("train[:1 %%]", "train+", "+test", "train[:5]test", "train[:3][:2]", "train[1.5shard:]", "train[:٣]"),
    f"train[:{'9' * 5000}]",
]


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_splits_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"malformed split '.*'; write it like"):
        rows_of(text)


def test_an_unknown_name_gets_suggestions() -> None:
    with pytest.raises(UsageError, match="unknown split 'trian'; did you mean 'train'"):
        rows_of("test+trian[:5]")


@pytest.mark.parametrize("text", ["train[5:5]", "train[7:3]", "train[:0%]", "train[1001:]"])
def test_an_empty_slice_is_refused(text: str) -> None:
    with pytest.raises(
        UsageError, match="is empty; choose within the rows: 'train' has 1,001, 'test' has 100"
    ):
        rows_of(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("train[:2000]", "'train' has 1,001 rows, the slice asks for 2000; choose at most 1,001"),
        ("train[-1002:]", "asks for -1002; choose at most 1,001"),
        ("train[1001]", "asks for 1002; choose at most 1,001"),
        ("train[:101%]", "asks for 101%; choose at most 100 %"),
        ("train[:4shard]", "'train' has 3 shards, the slice asks for 4shard; choose at most 3"),
        ("test[:1shard]", "'test' is not stored in shards"),
    ],
)
def test_more_rows_than_there_are_are_refused(text: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        rows_of(text)


@pytest.mark.parametrize("bad", [0, -1, 2.5, "3", None, True])
def test_the_number_of_parts_is_checked(bad: object) -> None:
    with pytest.raises(UsageError, match=r"n: expected|n is"):
        even_splits("train", bad)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"k: expected|k is"):
        k_fold("train", bad)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="split: expected a string, got 5"):
        even_splits(5, 2)  # type: ignore[arg-type]


def test_all_splits_lists_and_parts_are_loaded(table) -> None:
    whole = datasets.load("housing")
    assert {name: ds.num_rows for name, ds in whole.items()} == {"train": 16_512, "test": 4_128}
    train, test = datasets.load("housing", ("train[:1%]", "test"), columns=["median_income"], batch_size=100)
    assert [batch.num_rows for batch in train] == [100, 65]
    assert train.schema.names == ["median_income"]
    assert test.num_rows == 4_128
    both = table(datasets.load("housing", "test[-3:]+train[:2]"))["median_income"].to_pylist()
    parts = [
        table(datasets.load("housing", text))["median_income"].to_pylist()
        for text in ("test[-3:]", "train[:2]")
    ]
    assert both == parts[0] + parts[1]
    folds = k_fold("train[:100]", 4)
    sizes = [[datasets.load("housing", part).num_rows for part in fold] for fold in folds]
    assert sizes == 4 * [[75, 25]]
    shares = datasets.load("housing", {"a": "train[:50%]", "b": even_splits("train", 2)[1]})
    assert np.sum([ds.num_rows for ds in shares.values()]) == 16_512


def test_a_version_is_checked() -> None:
    assert datasets.load("housing:1.0.0", "test").num_rows == 4_128
    assert datasets.load("housing:1.*.*", "test").num_rows == 4_128
    with pytest.raises(UsageError, match=r"'housing' has version 1\.0\.0, not '2\.\*\.\*'"):
        datasets.load("housing:2.*.*", "test")
    with pytest.raises(UsageError, match=r"'housing' has version 1\.0\.0, not '2\.0\.0'; load it without"):
        datasets.load("housing:2.0.0", "test")

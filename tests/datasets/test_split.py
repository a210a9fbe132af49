import pytest

from headrace.datasets.split import Split
from headrace.errors import UsageError

KNOWN = ["train", "test"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("train", range(1001)),
        ("train[:]", range(1001)),
        ("train[:80%]", range(801)),
        ("train[80%:]", range(801, 1001)),
        ("train[10%:20%]", range(100, 200)),
        ("train[1000:2000]", range(1000, 1001)),
        ("train[:-1]", range(1000)),
        ("train[-10:]", range(991, 1001)),
        ("train[-10%:]", range(901, 1001)),
        ("train[100:50%]", range(100, 501)),
        ("train[ :5 ]", range(5)),
        ("train[0:1]", range(1)),
    ],
)
def test_slices(text, rows):
    assert Split.parse(text, KNOWN).rows(1001) == rows


@pytest.mark.parametrize("rows", [1, 7, 99, 1001])
@pytest.mark.parametrize("percent", [1, 33, 50, 80, 99])
def test_complementary_slices_share_and_miss_no_row(rows, percent):
    def chosen(text):
        try:
            return list(Split.parse(text, KNOWN).rows(rows))
        except UsageError:
            return []

    assert chosen(f"train[:{percent}%]") + chosen(f"train[{percent}%:]") == list(range(rows))
    assert chosen(f"train[:-{percent}%]") + chosen(f"train[-{percent}%:]") == list(range(rows))


@pytest.mark.parametrize(
    "text", ["", "train[", "train[1]", "train[:80%:2]", "train[a:b]", "train[:1.5%]", "train+test"]
)
def test_malformed_splits_are_refused(text):
    with pytest.raises(UsageError, match=r"malformed split '.*'; write it like"):
        Split.parse(text, KNOWN)


def test_an_unknown_name_gets_suggestions():
    with pytest.raises(UsageError, match="unknown split 'trian'; did you mean 'train'"):
        Split.parse("trian[:5]", KNOWN)


@pytest.mark.parametrize("text", ["train[5:5]", "train[7:3]", "train[2000:]", "train[:0%]"])
def test_an_empty_slice_is_refused(text):
    with pytest.raises(UsageError, match="is empty; choose within its 1,001 rows"):
        Split.parse(text, KNOWN).rows(1001)

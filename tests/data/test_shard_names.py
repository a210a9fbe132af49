import pytest

from headrace.data.shard_names import shard_names
from headrace.errors import UsageError


def test_one_shard_has_the_path_itself() -> None:
    assert shard_names("out/rows.csv.gz", 1) == ["out/rows.csv.gz"]


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("rows.csv.gz", "rows-00000-of-00002.csv.gz"),
        ("a.b/rows.csv", "a.b/rows-00000-of-00002.csv"),
        ("out/rows", "out/rows-00000-of-00002"),
    ],
)
def test_the_number_is_put_before_the_extension(path: str, first: str) -> None:
    assert shard_names(path, 2)[0] == first


def test_fewer_than_one_shard_is_refused() -> None:
    with pytest.raises(UsageError, match="shards is 0; pass 1 or more"):
        shard_names("rows.csv", 0)

"""The rows that TensorFlow Datasets chooses (tools/make_golden_splits.py)."""

import json
from pathlib import Path

import pytest

from headrace.datasets.splits import Size, Split, even_splits
from headrace.errors import UsageError

CASES = json.loads((Path(__file__).parents[1] / "golden" / "splits.json").read_text())


def find_sizes(lengths: list[list[int]]) -> dict[str, Size]:
    return {name: Size(sum(each), tuple(each)) for name, each in zip(("train", "test"), lengths, strict=True)}


def choose(split: Split, sizes: dict[str, Size]) -> list[list]:
    """Choose rows; none where the split is refused, as an empty one is."""
    try:
        return [[name, rows.start, rows.stop] for name, rows in split.choose(sizes)]
    except UsageError:
        return []


def asks_for_too_many_shards(text: str, shards: int) -> bool:
    """Whether TensorFlow Datasets takes all rows for it: more shards than there are, or up to shard 0."""
    return text == "train[:0shard]" or any(
        f"{sign}{count}shard" in text for count in range(shards + 1, 5) for sign in ("[:", ":", "[-")
    )


@pytest.mark.filterwarnings("ignore:.*rounds to row 0")
@pytest.mark.parametrize("place", range(5))
def test_splits_choose_the_rows_that_tensorflow_datasets_chooses(place: int) -> None:
    lengths = list(dict.fromkeys(json.dumps(case[0]) for case in CASES))[place]
    sizes, compared = find_sizes(json.loads(lengths)), 0
    for text, expected in [case[1:] for case in CASES if json.dumps(case[0]) == lengths]:
        if not isinstance(text, str):
            assert [choose(part, sizes) for part in even_splits(*text)] == expected, text
        elif asks_for_too_many_shards(text, len(json.loads(lengths)[0])):
            assert choose(Split(text), sizes) == [], text
        else:
            assert choose(Split(text), sizes) == (expected or []), text
            compared += 1
    assert compared > 130

import datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from headrace.cli.drawing import find_distributions


def find(values, type_=None, classes=()):
    (found,) = find_distributions(pa.table({"x": pa.array(values, type_)}), {"x": classes})
    return found


def test_numbers_are_binned_between_their_ends():
    found = find([0.0, 1.0, 1.0, 24.0, float("nan"), None])
    assert found.counts == (1, 2, *21 * [0], 1)
    assert (found.edges[0], found.edges[-1], found.missing) == (0, 24, 2)
    assert found.line == f"0 ▅█{21 * ' '}▅ 24"


@pytest.mark.parametrize(
    ("values", "classes", "line"),
    [
        ([2, 1, 2, 2], (), "1 25%, 2 75%"),
        ([True, False, None], (), "False 50%, True 50%"),
        ([Decimal("1.50"), Decimal("1.50")], (), "1.5 100%"),
        ([{"a": 1}], (), "–"),
        ([0, 1, 1, 1], ("cat", "dog"), "cat 25%, dog 75%"),
        ([0, 7], ("cat", "dog"), "cat 50%, 7 50%"),
        (["b", "a", "b", "b"], (), "b 75%, a 25%"),
        (list(range(30)) * 2, [str(number) for number in range(30)], None),
        ([5.0, 5.0], (), "5 100%"),
        ([None, None], (), "–"),
        ([], (), "–"),
    ],
)
def test_few_values_have_their_shares(values, classes, line):
    found = find(values, classes=classes)
    if line is None:
        assert (len(found.values), found.others) == (11, 38)
        assert found.line.endswith(", others 63%")
    else:
        assert found.line == line


def test_texts_have_their_numbers_of_words():
    found = find([" ".join(["word"] * (1 + number)) + f" {number}" for number in range(50)])
    assert found.name == "x (words)"
    assert (found.edges[0], found.edges[-1]) == (2, 51)


def test_names_that_are_all_different_have_their_numbers_of_characters():
    found = find([f"{'x' * number}.jpg" for number in range(20)])
    assert found.name == "x (characters)"
    assert (found.edges[0], found.edges[-1]) == (4, 23)


@pytest.mark.parametrize(
    ("values", "type_", "name", "ends"),
    [
        ([[1], [1, 2, 3], []], pa.list_(pa.int64()), "x (values)", (0, 3)),
        ([b"a", b"abc"], pa.binary(), "x (bytes)", (1, 3)),
        ([[1.0] * 9, [3.0] * 9], pa.list_(pa.float32(), 9), "x (values)", (1, 3)),
    ],
)
def test_lists_and_bytes_have_their_lengths(values, type_, name, ends):
    found = find(values, type_)
    assert found.name == name
    assert (found.edges[0], found.edges[-1]) == ends


def test_dates_are_years():
    found = find([datetime.date(1990, 1, 1), datetime.date(2010, 1, 1)])
    assert found.name == "x (year)"
    np.testing.assert_allclose([found.edges[0], found.edges[-1]], [1990, 2010], atol=0.01)


def test_a_short_tensor_has_a_distribution_for_each_place():
    tensors = pa.FixedSizeListArray.from_arrays(pa.array([1.0, 10.0, 2.0, 20.0]), 2)
    first, second = find_distributions(pa.table({"x": tensors}), {})
    assert (first.name, first.edges[0], first.edges[-1]) == ("x[0]", 1, 2)
    assert (second.name, second.edges[0], second.edges[-1]) == ("x[1]", 10, 20)


def test_infinities_and_huge_ranges_do_not_break():
    assert find([float("inf"), 1.0, 2.0]).edges[-1] == 2
    assert find([-1.7e308, 1.7e308]).counts == (2,)

import numpy as np
import pytest

from headrace.random_order import random_order, random_source, shuffle_source


def test_an_order_is_a_permutation_that_depends_on_the_seed_alone() -> None:
    order = random_order(1000, random_source(3, 1))
    assert sorted(order) == list(range(1000))
    np.testing.assert_array_equal(order, random_order(1000, random_source(3, 1)))
    assert order.tolist() != random_order(1000, random_source(3, 2)).tolist()


def test_the_orders_are_pinned() -> None:
    assert random_order(8, random_source(7, 0)).tolist() == [6, 3, 4, 0, 2, 7, 5, 1]


def test_one_source_yields_one_order_after_the_other() -> None:
    source = random_source(5)
    first, second = random_order(100, source), random_order(100, source)
    assert first.tolist() != second.tolist()


def test_equal_keys_keep_their_order_on_every_platform() -> None:
    class EqualKeys(np.random.PCG64):
        def random_raw(self, size: int) -> np.ndarray:  # type: ignore[override]
            return np.arange(size, dtype=np.uint64) // np.uint64(size // 2)

    assert random_order(1000, EqualKeys()).tolist() == list(range(1000))


def test_an_order_is_the_stable_order_of_the_raw_stream() -> None:
    keys = random_source(11).random_raw(5000)
    np.testing.assert_array_equal(random_order(5000, random_source(11)), np.argsort(keys, kind="stable"))


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 100, 65_536, 200_001])
@pytest.mark.parametrize("bits", [64, 20, 3], ids=lambda bits: f"{bits}-bits")
def test_an_order_of_keys_of_any_number_is_stable(rows: int, bits: int) -> None:
    class FewBits(np.random.PCG64):
        def random_raw(self, size: int) -> np.ndarray:  # type: ignore[override]
            return super().random_raw(size) >> np.uint64(64 - bits)

    keys = FewBits(rows).random_raw(rows)
    np.testing.assert_array_equal(random_order(rows, FewBits(rows)), np.argsort(keys, kind="stable"))


def test_values_drawn_with_a_seed_are_not_sorted_by_an_order_of_that_seed() -> None:
    for seed in ((0,), (0, 0), (7,), (7, 0)):
        values = np.random.default_rng(seed[0]).random(1000)[random_order(1000, shuffle_source(*seed))]
        assert 400 < (np.diff(values) > 0).sum() < 600

from __future__ import annotations

import pytest

from headrace.transform.analysis.merge_tree import FAN_IN, Branch


@pytest.mark.parametrize("width", [0, 1, 2, 15, 16, 17, 255, 256, 257, 5000])
def test_the_tree_holds_every_part_once_in_order_with_a_fan_in_of_sixteen(width: int) -> None:
    def leaves(branch: Branch) -> list[int]:
        assert len(branch.children) <= FAN_IN
        assert all(each.start % FAN_IN**each.level == 0 for each in branch.children)
        below = [leaf for each in branch.children for leaf in leaves(each)]
        return below if branch.level else list(range(branch.start, branch.stop))

    assert leaves(Branch.root(width)) == list(range(width))


def test_appending_parts_keeps_all_prefixes() -> None:
    def longest(branch: Branch) -> set[Branch]:
        return set(branch.prefixes[:1]).union(*map(longest, branch.children))

    def prefixes(branch: Branch) -> set[Branch]:
        return set(branch.prefixes).union(*map(prefixes, branch.children))

    assert longest(Branch.root(300)) <= prefixes(Branch.root(301)) <= prefixes(Branch.root(5000))
    assert {each.level for each in longest(Branch.root(300))} == {1, 2}
    assert longest(Branch.root(34)) == {
        Branch(1, 0, 16),
        Branch(1, 16, 32),
        Branch(1, 32, 34),
        Branch(2, 0, 32),
    }
    assert not longest(Branch.root(1))

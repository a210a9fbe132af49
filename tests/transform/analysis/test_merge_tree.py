from __future__ import annotations

import pytest

from headrace.transform.analysis.merge_tree import FAN_IN, Branch


@pytest.mark.parametrize("width", [0, 1, 2, 15, 16, 17, 255, 256, 257, 5000])
def test_the_tree_holds_every_part_once_in_order_and_no_branch_has_more_than_sixteen(width: int) -> None:
    def leaves(branch: Branch) -> list[int]:
        assert len(branch.children) <= FAN_IN
        assert all(each.start % FAN_IN**each.level == 0 for each in branch.children)
        below = [leaf for each in branch.children for leaf in leaves(each)]
        return below if branch.level else list(range(branch.start, branch.stop))

    assert leaves(Branch.of(width)) == list(range(width))


def test_beginnings_stay_when_parts_are_added() -> None:
    def longest(branch: Branch) -> set[Branch]:
        return set(branch.beginnings[:1]).union(*map(longest, branch.children))

    def beginnings(branch: Branch) -> set[Branch]:
        return set(branch.beginnings).union(*map(beginnings, branch.children))

    assert longest(Branch.of(300)) <= beginnings(Branch.of(301)) <= beginnings(Branch.of(5000))
    assert {each.level for each in longest(Branch.of(300))} == {1, 2}
    assert longest(Branch.of(34)) == {
        Branch(1, 0, 16),
        Branch(1, 16, 32),
        Branch(1, 32, 34),
        Branch(2, 0, 32),
    }
    assert not longest(Branch.of(1))

"""Twelve ways to give one row: the training path's bits, or one line that names the field."""

from hypothesis import given, settings
from tests.serving.twelve_ways import Case, cases, check


@settings(max_examples=25, deadline=None)
@given(cases())
def test_twelve_ways_to_give_one_row(case: Case) -> None:
    check(case)

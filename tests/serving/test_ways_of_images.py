"""Seventeen ways to give one row with a picture: the training path's bits."""

from hypothesis import given, settings
from tests.serving.ways_of_images import Case, cases, check


@settings(max_examples=10, deadline=None)
@given(cases())
def test_seventeen_ways_to_give_a_picture(case: Case) -> None:
    check(case)

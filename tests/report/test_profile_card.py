"""The card of a report that shows where steps spent their time."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace.data import Dataset
from headrace.report.cards.profile import show_profile
from headrace.report.contents import Contents
from headrace.report.page import render_page


def test_the_card_has_the_verdict_and_a_bar_for_each_stage() -> None:
    profile = Dataset.from_arrays({"x": np.arange(5000)}).batch(10).prefetch().profile(rows=5000)
    result: Any = None
    (card,) = show_profile(Contents(title="run", result=result, profile=profile))
    assert card.figures["slowest"] == profile.verdict.part
    assert [each["name"] for each in card.figures["stages"]] == [each.name for each in profile.stages]
    picture = card.pictures["profile"]
    assert isinstance(picture, str)
    assert all(each.name in picture for each in profile.stages)
    page = render_page("run", "", [], [card])
    assert "Where the steps spent their time" in page
    assert "waited" in page


def test_a_training_without_a_profile_has_no_card() -> None:
    result: Any = None
    assert show_profile(Contents(title="run", result=result)) == []

"""How much worse the model is without each column."""

from __future__ import annotations

from dataclasses import asdict

from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.importance import Importance

__all__ = ["show_importance"]

MOST_COLUMNS = 20


def show_importance(contents: Contents) -> list[Card]:
    """Show the columns whose shuffling costs most, or why that was not measured."""
    found = contents.importance
    if found is None:
        return []
    if not isinstance(found, Importance):
        return [Card("importance", "Importance of columns", {"note": found})]
    largest = max(1e-12, *(abs(each.increase) for each in found.columns))
    figures = {**asdict(found), "shown": MOST_COLUMNS, "largest": largest}
    return [Card("importance", "Importance of columns", figures)]

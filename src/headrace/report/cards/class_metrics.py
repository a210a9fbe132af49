"""Metrics of each class, with the number of its rows."""

from __future__ import annotations

from typing import Any

from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.measure import measure_classes
from headrace.report.outcomes import Classes, Labels

__all__ = ["show_class_metrics"]

MOST_CLASSES = 25


def show_class_metrics(contents: Contents) -> list[Card]:
    """Show precision, recall, F1 and AUC of each class; of many classes those of the lowest F1."""
    cards = list[Card]()
    for outcome in contents.outcomes:
        if not isinstance(outcome, Classes | Labels):
            continue
        classes = measure_classes(outcome)
        shown = classes
        if len(classes) > MOST_CLASSES:
            shown = sorted((each for each in classes if each["rows"]), key=_rank)[:MOST_CLASSES]
        title = "Metrics by class" if isinstance(outcome, Classes) else "Metrics by label"
        figures = {"classes": classes, "shown": shown}
        cards.append(Card("class_metrics", title, figures, about=outcome.name))
    return cards


def _rank(row: dict[str, Any]) -> tuple[float, int]:
    return row["f1"], -row["rows"]

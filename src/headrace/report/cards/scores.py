"""The metrics of the test data, beside those of a model without columns."""

from __future__ import annotations

from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.measure import measure

__all__ = ["show_scores"]


def show_scores(contents: Contents) -> list[Card]:
    """Show each metric of the model and of the baseline: the most frequent class, or the mean."""
    cards = list[Card]()
    for outcome in contents.outcomes:
        figures: dict[str, object] = {"rows": outcome.rows, "model": measure(outcome)}
        train = contents.labels_of("train", outcome)
        if train is not None:
            words, baseline = outcome.predict_constant(train)
            figures |= {"baseline": measure(baseline), "baseline_is": words}
        cards.append(Card("scores", "Scores on the test data", figures, about=outcome.name))
    return cards

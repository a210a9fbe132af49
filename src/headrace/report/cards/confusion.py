"""True classes against predicted ones."""

from __future__ import annotations

import numpy as np

from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.outcomes import Classes
from headrace.report.plots import draw_shares

__all__ = ["show_confusion"]

MOST_WRITTEN = 12  # classes of a matrix whose cells are written out
MOST_DRAWN = 200
MOST_PAIRS = 15


def show_confusion(contents: Contents) -> list[Card]:
    """Show the rows of each true and predicted class; of many classes the most frequent confusions."""
    cards = list[Card]()
    for outcome in contents.outcomes:
        if not isinstance(outcome, Classes):
            continue
        counts, classes = outcome.counts, len(outcome.names)
        shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
        figures: dict[str, object] = {"names": list(outcome.names), "pairs": _list_pairs(outcome)}
        pictures = dict[str, str | bytes]()
        if classes <= MOST_DRAWN:
            figures["counts"] = counts.tolist()
        if classes <= MOST_WRITTEN:
            figures["shares"] = shares.round(4).tolist()
        elif classes <= MOST_DRAWN:
            pictures["shares"] = draw_shares(shares)
        cards.append(Card("confusion", "Confusion matrix", figures, pictures, outcome.name))
    return cards


def _list_pairs(outcome: Classes) -> list[dict[str, object]]:
    """List the most frequent confusions."""
    wrong = outcome.counts.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_PAIRS]
    rows = outcome.counts.sum(axis=1)
    pairs = [divmod(int(place), len(outcome.names)) for place in order]
    return [
        {
            "true": outcome.names[true],
            "predicted": outcome.names[guess],
            "rows": int(wrong[true, guess]),
            "share": float(wrong[true, guess] / rows[true]),
        }
        for true, guess in pairs
        if wrong[true, guess]
    ]

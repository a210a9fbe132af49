"""ROC curves, and precision over recall, of each class against the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.measure import one_class_curves
from headrace.report.outcomes import Classes, Labels
from headrace.report.plots import CLASS_COLOURS, draw_curves

__all__ = ["show_curves"]


def show_curves(contents: Contents) -> list[Card]:
    """Show both curves of the second of two classes, or of the largest classes."""
    cards = list[Card]()
    for outcome in contents.outcomes:
        if not isinstance(outcome, Classes | Labels):
            continue
        found = [each for each in map(_curves_of(outcome), _choose(outcome)) if each is not None]
        if not found:
            continue
        for place, each in enumerate(found):
            each["colour"] = CLASS_COLOURS[place]
        roc = [(each["false_positive_rate"], each["true_positive_rate"]) for each in found]
        precision = [(each["recall"], each["precision"]) for each in found]
        pictures = {
            "ROC": draw_curves(roc, "false positive rate", "true positive rate"),
            "precision over recall": draw_curves(precision, "recall", "precision"),
        }
        figures = {"classes": found, "of": len(outcome.names)}
        cards.append(Card("curves", "ROC, and precision over recall", figures, pictures, outcome.name))
    return cards


def _choose(outcome: Classes | Labels) -> list[int]:
    """Choose the second of two classes; of more those with most rows, as many as there are colours."""
    if isinstance(outcome, Classes):
        if len(outcome.names) == 2:
            return [1]
        rows = np.bincount(outcome.labels, minlength=len(outcome.names))
    else:
        rows = outcome.labels.sum(axis=0)
    return [int(n) for n in np.argsort(-rows, kind="stable")[: len(CLASS_COLOURS)]]


def _curves_of(outcome: Classes | Labels) -> Any:
    def compute(number: int) -> dict[str, Any] | None:
        truth = outcome.labels == number if isinstance(outcome, Classes) else outcome.labels[:, number] == 1
        curves = one_class_curves(outcome.probabilities[:, number], truth)
        return None if curves is None else {"name": outcome.names[number], **curves}

    return compute

"""Predicted numbers against true ones."""

from __future__ import annotations

import numpy as np

from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.outcomes import Numbers
from headrace.report.plots import draw_predicted_against_true, draw_residuals

__all__ = ["show_residuals"]


def show_residuals(contents: Contents) -> list[Card]:
    """Show predicted over true values, residuals over predicted values, and how large they are."""
    cards = list[Card]()
    for outcome in contents.outcomes:
        if not isinstance(outcome, Numbers):
            continue
        residuals = outcome.predicted - outcome.labels
        absolute = np.quantile(np.abs(residuals), [0.5, 0.9, 0.99, 1.0])
        words = ("half are below", "90% are below", "99% are below", "the largest is")
        figures = {
            "unit": outcome.unit,
            "mean": float(residuals.mean()),
            "deviation": float(residuals.std()),
            "absolute": dict(zip(words, map(float, absolute), strict=True)),
        }
        unit = f", {outcome.unit}" if outcome.unit else ""
        pictures = {
            "predicted against true": draw_predicted_against_true(outcome.labels, outcome.predicted, unit),
            "residuals": draw_residuals(outcome.labels, outcome.predicted, unit),
        }
        cards.append(Card("residuals", "Predicted and true values", figures, pictures, outcome.name))
    return cards

"""Predicted quantiles against the shares of rows below them."""

from __future__ import annotations

from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.outcomes import Quantiles
from headrace.report.plots import draw_calibration

__all__ = ["show_quantiles"]


def show_quantiles(contents: Contents) -> list[Card]:
    """Show the share of true values below each predicted quantile, which should be its level."""
    cards = list[Card]()
    for outcome in contents.outcomes:
        if not isinstance(outcome, Quantiles):
            continue
        below = (outcome.labels[:, None] <= outcome.predicted).mean(axis=0)
        levels = [
            {"level": level, "share_below": float(share), "mean": float(mean)}
            for level, share, mean in zip(outcome.levels, below, outcome.predicted.mean(axis=0), strict=True)
        ]
        picture = draw_calibration(list(outcome.levels), list(map(float, below)), x="quantile")
        figures = {"levels": levels, "unit": outcome.unit}
        cards.append(Card("quantiles", "Quantiles", figures, {"quantiles": picture}, outcome.name))
    return cards

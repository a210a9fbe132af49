"""The rows of each part of the data, and the balance of its labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.outcomes import Classes, Labels, Outcome

__all__ = ["show_rows"]

MOST_CLASSES = 20
_SHARES = {"smallest": 0.0, "25%": 0.25, "median": 0.5, "75%": 0.75, "largest": 1.0}


def show_rows(contents: Contents) -> list[Card]:
    """Show the number of rows by part, and by class; of numbers their distribution."""
    if not contents.parts:
        return []
    rows = {name: part.rows for name, part in contents.parts.items()}
    cards = list[Card]()
    for outcome in contents.outcomes:
        found = {name: contents.labels_of(name, outcome) for name in contents.parts}
        labels = {name: values for name, values in found.items() if values is not None}
        if labels:
            title, figures = _describe(outcome, labels)
            cards.append(Card("rows", title, {"rows": rows, **figures}, about=outcome.name))
    return cards or [Card("rows", "Rows", {"rows": rows})]


def _describe(outcome: Outcome, labels: dict[str, NDArray[Any]]) -> tuple[str, dict[str, Any]]:
    if isinstance(outcome, Classes | Labels):
        counts = {name: _count(outcome, values) for name, values in labels.items()}
        order = np.argsort(-next(iter(counts.values())), kind="stable")
        classes = [
            {"name": outcome.names[n], "rows": {part: int(each[n]) for part, each in counts.items()}}
            for n in order
        ]
        word = "classes" if isinstance(outcome, Classes) else "labels"
        return f"Rows and {word}", {"classes": classes, "shown": MOST_CLASSES, "word": word}
    shares = {part: _distribute(values.astype(np.float64)) for part, values in labels.items()}
    return "Rows and values", {"distribution": shares}


def _count(outcome: Classes | Labels, labels: NDArray[Any]) -> NDArray[np.int64]:
    if isinstance(outcome, Classes):
        return np.bincount(labels.astype(np.int64), minlength=len(outcome.names))[: len(outcome.names)]
    return labels.astype(np.int64).sum(axis=0)


def _distribute(values: NDArray[np.float64]) -> dict[str, float]:
    if not len(values):
        return {}
    quantiles = np.quantile(values, list(_SHARES.values()))
    spread = {"mean": float(values.mean()), "deviation": float(values.std())}
    return {**spread, **dict(zip(_SHARES, map(float, quantiles), strict=True))}

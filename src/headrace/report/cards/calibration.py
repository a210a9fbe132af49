"""Predicted probabilities against the shares that are true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.outcomes import Classes, Labels
from headrace.report.plots import draw_calibration

__all__ = ["show_calibration"]

BINS = 10


def show_calibration(contents: Contents) -> list[Card]:
    """Show how often the model is right where it says so: in ten bins of its probability."""
    cards = list[Card]()
    for outcome in contents.outcomes:
        if isinstance(outcome, Classes) and len(outcome.names) == 2:
            said, true = outcome.probabilities[:, 1], outcome.labels == 1
            of = f"the probability of {outcome.names[1]!r}"
        elif isinstance(outcome, Classes):
            said = outcome.probabilities.max(axis=1)
            true = outcome.probabilities.argmax(axis=1) == outcome.labels
            of = "the probability of the most likely class"
        elif isinstance(outcome, Labels):
            said, true, of = outcome.probabilities.reshape(-1), outcome.labels.reshape(-1) == 1, "every label"
        else:
            continue
        bins = _divide(said, true)
        error = sum(each["rows"] * abs(each["predicted"] - each["true"]) for each in bins) / len(said)
        figures = {"of": of, "bins": bins, "expected_calibration_error": error}
        picture = draw_calibration(
            [each["predicted"] for each in bins],
            [each["true"] for each in bins],
            [int(each["rows"]) for each in bins],
            x="predicted probability (bars: rows)",
        )
        cards.append(Card("calibration", "Calibration", figures, {"calibration": picture}, outcome.name))
    return cards


def _divide(said: NDArray[np.float64], true: NDArray[np.bool_]) -> list[dict[str, float]]:
    """Divide rows into bins of equal width by what is said; bins without rows are left out."""
    places = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    return [
        {
            "rows": int((places == n).sum()),
            "predicted": float(said[places == n].mean()),
            "true": float(true[places == n].mean()),
        }
        for n in range(BINS)
        if (places == n).any()
    ]

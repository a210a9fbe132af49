"""The cards of the report, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from headrace.report.card import Card
from headrace.report.cards.calibration import show_calibration
from headrace.report.cards.class_metrics import show_class_metrics
from headrace.report.cards.confusion import show_confusion
from headrace.report.cards.curves import show_curves
from headrace.report.cards.hardest import show_hardest
from headrace.report.cards.importance import show_importance
from headrace.report.cards.learning_curves import show_learning_curves
from headrace.report.cards.particulars import (
    show_data,
    show_environment,
    show_files,
    show_settings,
    show_time,
)
from headrace.report.cards.profile import show_profile
from headrace.report.cards.quantiles import show_quantiles
from headrace.report.cards.residuals import show_residuals
from headrace.report.cards.rows import show_rows
from headrace.report.cards.scores import show_scores
from headrace.report.cards.verification import show_verification
from headrace.report.contents import Contents

__all__ = ["list_cards"]

_CARDS: Sequence[Callable[[Contents], Sequence[Card]]] = (
    show_scores,
    show_rows,
    show_learning_curves,
    show_confusion,
    show_class_metrics,
    show_curves,
    show_calibration,
    show_residuals,
    show_quantiles,
    show_importance,
    show_hardest,
    show_profile,
    show_verification,
    show_data,
    show_settings,
    show_time,
    show_files,
    show_environment,
)


def list_cards(contents: Contents) -> list[Card]:
    """Make all cards for which there is something to show."""
    return [card for show in _CARDS for card in show(contents)]
